"""The one door to the `mailchimp_marketing` package: its method names on our own transport.

As shipped the package hands out 429s as data, opens a connection a call, sends the key after redirects, rewrites the
word "server" inside addresses and shows errors as empty text. Nothing of its transport is used: `SafeApiClient` takes
the place of its `ApiClient`, below the generated methods (`client.lists.get_list_members_info` …), and every request
goes through `connectors.http.Http`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from mailchimp_marketing import ApiClient, Client

from connectors.http import Http
from connectors.mailchimp.judge import judge_of
from connectors.patience import Limits
from syncd.ports import Host

CONNECTIONS = 4
"""Of the ten that all programs of one Mailchimp user share."""

LIMITS = Limits(connections=CONNECTIONS, read=130.0, whole=180.0)
"""Mailchimp itself gives up on a call after 120 seconds."""

_LIST = "/lists/{list_id}"
_COUNTED_AS = {
    "/lists": "account",
    _LIST: "account",
    f"{_LIST}/merge-fields": "account",
    f"{_LIST}/members": "contacts",
    f"{_LIST}/members/{{subscriber_hash}}": "read-back",
    f"{_LIST}/members/{{subscriber_hash}}/tags": "contact tags",
    f"{_LIST}/segments": "labels",
    f"{_LIST}/segments/{{segment_id}}": "labels",
}
_HARMLESS_TWICE = frozenset({_LIST, f"{_LIST}/segments/{{segment_id}}", f"{_LIST}/members/{{subscriber_hash}}/tags"})
"""Posts that end the same when sent twice: creations without `update_existing`, membership of a segment, tags."""


def marketing_client(name: str, address: str, key: str, host: Host, limits: Limits = LIMITS) -> Client:
    """Return the package's client with our transport below every one of its methods.

    Args:
        name: The audience's name in the settings, for messages.
        address: Where requests go, without a slash at the end.
        key: The API key.
        host: Whose clock, and who counts the calls.
        limits: How the service is treated.
    """
    client = Client()
    transport = SafeApiClient(name, address, key, host, limits)
    for part in vars(client).values():
        if hasattr(part, "api_client"):
            part.api_client = transport
    client.api_client = transport
    return client


class SafeApiClient(ApiClient):  # type: ignore[misc]  # the package has no types
    """Sends what the package's generated methods ask for, and raises what is not a success."""

    def __init__(self, name: str, address: str, key: str, host: Host, limits: Limits) -> None:
        """Open no connection yet."""
        super().__init__({})
        self.host = address
        self._http = Http(f"Mailchimp (audience {name})", host, limits)
        self._judge = judge_of(name)
        self._auth = ("syncd", key)

    def call_api(  # the package's own signature
        self,
        resource_path: str,
        method: str,
        path_params: Mapping[str, Any] | None = None,
        query_params: Iterable[tuple[str, Any]] | None = None,
        header_params: Mapping[str, str] | None = None,  # noqa: ARG002  # always the same two
        body: Any = None,
        collection_formats: Mapping[str, str] | None = None,  # noqa: ARG002  # always csv
        **rest: Any,
    ) -> Any:
        """Send one call and return its JSON; None for an answer that has no body to give.

        Raises:
            TypeError: An option that the package takes and ignores.
            ValueError: A path parameter that would change the path.
            SyncdError: What `connectors.mailchimp.judge` makes of a bad answer.
        """
        for ignored in ("async_req", "_request_timeout"):
            if rest.get(ignored) is not None:
                raise TypeError(f"{ignored} has no effect: limits are set for the whole client")
        url = self.host + _filled(resource_path, path_params or {})
        answer = self._http.send(
            method,
            url,
            what="write" if method != "GET" else _COUNTED_AS.get(resource_path, "other"),
            judge=self._judge,
            repeatable=method == "GET" or (method == "POST" and resource_path in _HARMLESS_TWICE),
            writes=method != "GET",
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            params={name: _text(value) for name, value in query_params or () if value is not None},
            body=None if body is None else msgspec.json.encode(body),
            auth=self._auth,
        )
        return answer.json() if answer.body else None

    def request(self, *_: Any, **__: Any) -> Any:
        """Refuse the package's own way out, which is not safe."""
        raise TypeError("every request goes through call_api")


def _filled(path: str, values: Mapping[str, Any]) -> str:
    """Return the path with its parameters in place, each escaped whole."""
    for name, value in values.items():
        text = str(value)
        if text in {"", ".", ".."}:
            raise ValueError(f"{name} would change the path of the request")
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return path


def _text(value: Any) -> str:
    """Return a query parameter as Mailchimp documents it: `true`, and lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
