"""The answer that a fault leaves of a call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from connectors.sandbox.exchange import Response, json_response
from connectors.sandbox.faults.plan import Fault

PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Welcome!</body></html>"

_APPLIED = frozenset({"reset_after", "lost", "cut", "broken_off", "drip"})
_DRIP_SECONDS = 0.3

_STATUS = {"busy": 429, "busy_unsaid": 429, "busy_bare": 429, "forbidden_bare": 403, "token_revoked": 401}
_USUAL_WAIT = 2

Words = Callable[[int], Response]
"""Gives a service's own words for a status."""


def spoiled(fault: Fault, true_answer: Callable[[], Response], words: Words) -> Response:
    """Return what a fault leaves of an answer; the call is carried out where the kind says so."""
    if fault.kind in _APPLIED:
        return _damaged(fault, true_answer())
    return _refused(fault, words)


def broken_off(answer: Response) -> Response:
    """Return an answer whose connection is reset half-way through its body."""
    length = answer.headers.get("Content-Length")
    size = len(answer.body) if isinstance(answer.body, bytes) else int(length or 0)
    return msgspec.structs.replace(answer, broken_at=size // 2)


def _refused(fault: Fault, words: Words) -> Response:
    status = fault.status or _STATUS.get(fault.kind, 503)
    usual = _USUAL_WAIT if fault.kind == "busy" else None
    wait = fault.retry_after if fault.retry_after is not None else usual
    told = {} if wait is None else {"Retry-After": str(wait)}
    if fault.kind == "reset":
        return Response(broken_at=-1)
    if fault.kind == "throttled":
        return _throttled(told)
    if fault.kind == "page":
        return _page(status, told)
    if fault.kind in {"busy_bare", "forbidden_bare"}:
        return Response(status=status, headers=told)
    return _with(words(status), told)


def _damaged(fault: Fault, answer: Response) -> Response:
    match fault.kind:
        case "reset_after":
            return msgspec.structs.replace(answer, broken_at=-1)
        case "lost":
            return _page(fault.status or 504, {})
        case "broken_off":
            return broken_off(answer)
        case "drip":
            return msgspec.structs.replace(answer, drip=_DRIP_SECONDS if fault.seconds is None else fault.seconds)
    return _cut(answer)


def _cut(answer: Response) -> Response:
    if not isinstance(answer.body, bytes):
        return broken_off(answer)
    return msgspec.structs.replace(answer, body=answer.body[: len(answer.body) // 2])


def _with(answer: Response, headers: dict[str, str]) -> Response:
    return msgspec.structs.replace(answer, headers={**answer.headers, **headers})


def _page(status: int, headers: dict[str, str]) -> Response:
    return Response(status=status, headers={"Content-Type": "text/html; charset=utf-8"} | headers, body=PAGE)


def _throttled(headers: dict[str, str]) -> Response:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 0, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 10, "actualQueryCost": None, "throttleStatus": status}
    return json_response({"errors": [error], "extensions": {"cost": cost}}, 200, **headers)
