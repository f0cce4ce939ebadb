"""Answers of a store that go wrong because a test says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from connectors.sandbox.exchange import Response, json_response

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Welcome!</body></html>"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer that goes wrong, for the next calls it is for.

    Attributes:
        status: What the answer says instead.
        body: The service's `text`, a proxy's `html` page, `none`, the true answer `cut` in half, or `throttled`: the
            bucket's own refusal, whose status is 200.
        calls: For how many calls.
        after: How many calls it is for go well first.
        only: `reads`, `writes`, or one kind of call as `/calls` names it (`token`, `upload`, an operation's name);
            empty for all.
        applied: Whether the call is carried out all the same: only its answer is lost.
        retry_after: Seconds told in the header of that name.
    """

    status: int = 503
    body: Literal["text", "html", "none", "cut", "throttled"] = "text"
    calls: int = 1
    after: int = 0
    only: str = ""
    applied: bool = False
    retry_after: int | None = None


class Faults:
    """The faults that are still to come, in the order they were asked for."""

    def __init__(self) -> None:
        """Start without any."""
        self._coming: list[Fault] = []

    def expect(self, faults: Iterable[Fault]) -> None:
        """Put these in place of those still to come."""
        self._coming = list(faults)

    def take(self, kind: str, what: str) -> Fault | None:
        """Return the fault of this call (of `reads` or `writes`), and count it; None where the call goes well."""
        for number, fault in enumerate(self._coming):
            if fault.only not in {"", kind, what} or not fault.calls:
                continue
            if fault.after:
                self._coming[number] = msgspec.structs.replace(fault, after=fault.after - 1)
                continue
            self._coming[number] = msgspec.structs.replace(fault, calls=fault.calls - 1)
            return fault
        return None


def spoiled(fault: Fault, answer: Response | None) -> Response:
    """Return the answer that a fault leaves; `answer` is the true one, where the call was carried out."""
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.body == "throttled":
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": 0, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 10, "actualQueryCost": None, "throttleStatus": status}
        return json_response({"errors": [error], "extensions": {"cost": cost}}, 200, **wait)
    if fault.body == "html":
        return Response(status=fault.status, headers={"Content-Type": "text/html; charset=utf-8"} | wait, body=_PAGE)
    if fault.body == "cut" and answer is not None and isinstance(answer.body, bytes):
        return Response(status=answer.status, headers=answer.headers, body=answer.body[: len(answer.body) // 2])
    if fault.body == "text":
        return json_response({"errors": "Something went wrong"}, fault.status, **wait)
    return Response(status=fault.status, headers=wait)
