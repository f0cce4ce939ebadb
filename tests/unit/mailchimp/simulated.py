"""The simulated Mailchimp account behind the connector's own transport, without a socket."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.mailchimp.audience import MailchimpAudience, open_audience
from connectors.mailchimp.settings import MailchimpSettings
from connectors.sandbox.exchange import Request
from connectors.sandbox.mailchimp import DEFAULT_KEY, Account, MergeField, NewList
from syncd.ports import Host
from tests.conftest import StillClock

LIST = "a1b2c3d4e5"
ROOT = "https://us1.api.mailchimp.com/3.0"
FIELDS = (MergeField(tag="FNAME"), MergeField(tag="LNAME"), MergeField(tag="BDAY", required=True))

Sent = requests.PreparedRequest
Reply = tuple[int, dict[str, str], bytes]


class Simulated:
    """An account with one list, its control API as methods, and every request that came in.

    Attributes:
        reply: Answers a request in the account's place, where a test wants one that it never gives; None otherwise.
    """

    def __init__(self, clock: StillClock, name: str = "Newsletter", **options: Any) -> None:
        self.clock = clock
        self.account = Account(clock, [NewList(id=LIST, name=name, welcome=False, merge_fields=FIELDS)])
        self.sent: list[Sent] = []
        self.statuses: Counter[int] = Counter()
        self.reply: Callable[[Sent], Reply | None] = lambda _: None
        if options:
            self.control("PATCH", "/", {"options": options})

    def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        raw = b"" if body is None else msgspec.json.encode(body)
        answer = self.account.control(Request(method=method, path=path, query=query, body=raw))
        assert answer.status < 300, answer.body
        assert isinstance(answer.body, bytes)
        return msgspec.json.decode(answer.body) if answer.body else None

    def put(self, *emails: str, **person: Any) -> None:
        self.control(
            "POST", f"/lists/{LIST}/members", {"members": [{"email_address": email} | person for email in emails]}
        )

    def edit(self, email: str, **edit: Any) -> None:
        self.control("PATCH", f"/lists/{LIST}/members/{email}", edit)

    def fail(self, *faults: dict[str, Any]) -> None:
        self.control("PATCH", "/", {"faults": list(faults)})

    def refuse(self, email: str, reason: str, **more: Any) -> None:
        self.control("PATCH", "/", {"refuse": [{"email_address": email, "reason": reason} | more]})

    def truth(self, email: str) -> dict[str, Any] | None:
        members: list[dict[str, Any]] = self.control("GET", f"/lists/{LIST}/members")["members"]
        return next((each for each in members if (each["email_address"] or "").lower() == email.lower()), None)

    def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "/mail", by="api")["mails"]
        return found

    def answer(self, request: Sent) -> Reply:
        self.sent.append(request)
        reply = self.reply(request) or self.forward(request)
        self.statuses[reply[0]] += 1
        return reply

    def forward(self, request: Sent) -> Reply:
        parts = urlsplit(str(request.url))
        body = request.body or b""
        answer = self.account.answer(
            Request(
                method=str(request.method),
                path=parts.path.removeprefix("/3.0"),
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=body if isinstance(body, bytes) else body.encode(),
            )
        )
        if answer.broken_at is not None:
            raise requests.ConnectionError("reset by peer")
        assert isinstance(answer.body, bytes)
        return answer.status, dict(answer.headers), answer.body

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """Answer everything that goes to Mailchimp's address."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                mock.add_callback(method, re.compile(re.escape(ROOT) + "/.*"), self.answer, content_type=None)
            yield


def open_simulated(clock: StillClock, host: Host | None = None, page: int = 1000, **keys: Any) -> MailchimpAudience:
    """Open the audience `newsletter` of the simulated account."""
    settings = MailchimpSettings.model_validate({"api_key": DEFAULT_KEY, "list": LIST} | keys)
    return open_audience("newsletter", settings, host or Host(clock=clock, memo={}), page)


def unreachable(_: Sent) -> Reply | None:
    """Refuse the connection."""
    raise requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


def paths(sent: Sequence[Sent]) -> list[str]:
    """Return what was asked for, without the query."""
    return [f"{each.method} {urlsplit(str(each.url)).path.removeprefix('/3.0')}" for each in sent]


def bodies(sent: Sequence[Sent]) -> list[Any]:
    """Return the bodies of the writes."""
    return [msgspec.json.decode(each.body) for each in sent if each.body]
