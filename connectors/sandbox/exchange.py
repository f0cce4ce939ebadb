"""A request and a response, as the simulated services see them: no sockets, so that each service can be tested bare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What came in. Header names are lower-cased; `path` is percent-decoded by the service, not here."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON; an empty body is None.

        Raises:
            msgspec.DecodeError: It is none.
        """
        return msgspec.json.decode(self.body) if self.body else None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out. A stream is sent as it comes, with the length told in `headers` where it is known.

    Attributes:
        broken_at: After how many bytes of the body the connection is reset; -1 before any answer; None where it goes
            well.
        drip: Seconds over which the body is spread.
    """

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes | Iterator[bytes] = b""
    broken_at: int | None = None
    drip: float = 0.0


def json_response(value: Any, status: int = 200, kind: str = "application/json", **headers: str) -> Response:
    """Return `value` as a JSON response."""
    return Response(status=status, headers={"Content-Type": kind} | headers, body=msgspec.json.encode(value))
