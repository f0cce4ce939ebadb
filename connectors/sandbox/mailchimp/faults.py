"""Answers that go wrong because a test says so."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.sandbox.exchange import Response
from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.settings import Fault

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Welcome!</body></html>"


class Faults:
    """The faults that are still to come, in the order they were asked for."""

    def __init__(self) -> None:
        """Start without any."""
        self._coming: list[tuple[Fault, int, int]] = []

    def expect(self, faults: Iterable[Fault]) -> None:
        """Put these in place of those still to come."""
        self._coming = [(fault, fault.after, fault.calls) for fault in faults]

    def take(self, method: str, template: str) -> Fault | None:
        """Return the fault of this call, and count it; None where the call goes well."""
        for number, (fault, after, calls) in enumerate(self._coming):
            if not _is_for(fault, method, template):
                continue
            if after > 0:
                self._coming[number] = (fault, after - 1, calls)
                continue
            if calls > 0:
                self._coming[number] = (fault, 0, calls - 1)
                return fault
        return None

    @property
    def left(self) -> int:
        """How many calls are still to go wrong."""
        return sum(calls for _, _, calls in self._coming)


def spoiled(fault: Fault, instance: str, answer: Response | None) -> Response:
    """Return the answer that a fault leaves; `answer` is the true one, where the call was carried out."""
    if fault.body == "problem":
        return problems.plain(fault.status).response(instance)
    if fault.body == "html":
        return Response(status=fault.status, headers={"Content-Type": "text/html; charset=utf-8"}, body=_PAGE)
    if fault.body == "cut" and answer is not None and isinstance(answer.body, bytes):
        return Response(status=answer.status, headers=answer.headers, body=answer.body[: len(answer.body) // 2])
    return Response(status=fault.status)


def _is_for(fault: Fault, method: str, template: str) -> bool:
    kind = "reads" if method == "GET" else "writes"
    return fault.only in {"", kind, f"{method} {template}"}
