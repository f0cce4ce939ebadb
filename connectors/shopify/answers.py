"""What an answer of the Admin API means: the one place where it becomes data, or one of our errors.

Traps that this module is here for: most errors come with status 200; `errors` is a list or a plain string; a filter
that the store does not know is *ignored* and only a warning beside the data says so; an API version that is no longer
served is silently replaced by the oldest one that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from connectors.http import Answer
from connectors.shopify.pace import Cost, until_affordable
from syncd.errors import CredentialsError, FatalError, RetriableError

_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")

SCOPE_HINT = "add the scope to the app, release that version of the app, and accept it on the store"
_KEY_HINT = "check access_token, or client_id and client_secret, in the settings"

_STATUS: dict[int, tuple[type[FatalError], str, str]] = {
    402: (FatalError, "is frozen, its plan is not paid", "the shop's owner has to settle the bill in the admin"),
    403: (CredentialsError, "refuses this app", "check that the app is still installed and has its scopes"),
    404: (FatalError, "is not found at this address", "check `shop` in the settings: the myshopify.com name"),
    423: (FatalError, "is locked by Shopify", "the shop's owner has to ask Shopify's support why"),
}


class UnauthorizedError(CredentialsError):
    """The store does not accept the token."""


class RefusedCallError(FatalError):
    """The store will not have this call as it is, and carried nothing of it out; a part of it may do.

    Attributes:
        words: What the store says.
    """

    def __init__(self, message: str, words: str, *, hint: str = "") -> None:
        """Keep the store's own words apart from ours."""
        super().__init__(message, hint=hint)
        self.words = words


class TooCostlyError(FatalError):
    """The call requests more points than any single call may; a smaller page may do."""


class Fault(msgspec.Struct, frozen=True):
    """One entry of `errors`."""

    message: str = ""
    path: list[str | int] | None = None
    extensions: dict[str, Any] = {}

    @property
    def code(self) -> str:
        """Return Shopify's code, empty where it gave none."""
        return str(self.extensions.get("code", ""))


class _Warning(msgspec.Struct, frozen=True):
    field: str | None = None
    code: str | None = None


class _Search(msgspec.Struct, frozen=True):
    warnings: list[_Warning] = []


class _Extensions(msgspec.Struct, frozen=True):
    cost: Cost | None = None
    search: list[_Search] = []


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: Any = None
    extensions: _Extensions = _Extensions()


class Reply(msgspec.Struct, frozen=True):
    """An answer that was let through.

    Attributes:
        data: The JSON under `data`.
        faults: Errors that concern parts of the data only; empty unless the caller takes partial answers.
    """

    data: msgspec.Raw
    faults: tuple[Fault, ...] = ()


def understand(
    answer: Answer, service: str, version: str, *, learn: Callable[[Cost], None], partial: bool = False
) -> Reply:
    """Turn an answer into data, or raise what it means.

    Args:
        answer: As it came.
        service: How messages call the store.
        version: The API version that was asked for.
        learn: Told what the call cost and how full the bucket is, whether or not the answer is a good one.
        partial: Whether data with errors beside it is of use: of many changes in one call, some may have failed.

    Raises:
        UnauthorizedError: The token is not accepted.
        CredentialsError: A scope is missing.
        TooCostlyError: The page has to be smaller.
        RetriableError: The store is too busy, or failed.
        FatalError: Anything else that stands until somebody mends it.
    """
    _judge_status(answer, service)
    envelope = _envelope(answer, service)
    _judge_version(answer, service, version)
    cost = envelope.extensions.cost
    if cost is not None:
        learn(cost)
    faults = _faults(envelope.errors)
    nothing = bytes(envelope.data) == b"null"
    if faults and (nothing or not partial or all(fault.code in _WHOLE for fault in faults)):
        _raise_worst(faults, service, cost)
    if nothing:
        raise RetriableError(f"{service} gave an empty answer", unknown_fate=True)
    _judge_search(envelope.extensions.search, service)
    return Reply(envelope.data, faults)


def said(text: str) -> str:
    """Return the service's words fit for a message: one line, not endless."""
    return " ".join(text.split())[:200]


def _judge_status(answer: Answer, service: str) -> None:
    status = answer.status
    if status == 200:
        return
    if status == 401:
        raise UnauthorizedError(f"{service} does not accept the access token", hint=_KEY_HINT)
    if status in {429, 430}:
        raise RetriableError(f"{service} is too busy (status {status})", retry_after=answer.retry_after or 2.0)
    if status >= 500:
        raise RetriableError(f"{service} failed (status {status})", retry_after=answer.retry_after, unknown_fate=True)
    kind, words, hint = _STATUS.get(status, (FatalError, f"refused the call with status {status}", ""))
    raise kind(f"{service} {words}", hint=hint)


def _envelope(answer: Answer, service: str) -> _Envelope:
    try:
        return msgspec.json.decode(answer.body, type=_Envelope)
    except msgspec.DecodeError as error:
        raise RetriableError(
            f"{service} answered with something that is not GraphQL ({len(answer.body)} bytes)", unknown_fate=True
        ) from error


def _judge_version(answer: Answer, service: str, version: str) -> None:
    got = answer.headers.get("x-shopify-api-version", version)
    if got != version:
        raise FatalError(
            f"{service} was asked by API version {version} and answered by {got}: {version} is no longer served",
            hint=f'upgrade syncd, or set api_version = "{got}" after reading what changed in it',
        )


def _faults(errors: Any) -> tuple[Fault, ...]:
    """Read `errors`, which is a list, a string (bodies of status 4xx, and not only they), or rarely a mapping."""
    if not errors:
        return ()
    entries = errors if isinstance(errors, list) else [errors]
    return tuple(
        msgspec.convert(entry, Fault, strict=False)
        if isinstance(entry, dict) and "message" in entry
        else Fault(message=str(entry))
        for entry in entries
    )


_WHOLE = frozenset({"THROTTLED", "ACCESS_DENIED", "MAX_COST_EXCEEDED", "SHOP_INACTIVE"})
"""Codes that concern the whole call, whatever path stands beside them."""


def _raise_worst(faults: tuple[Fault, ...], service: str, cost: Cost | None) -> NoReturn:
    by_code = {fault.code: fault for fault in reversed(faults)}
    if "THROTTLED" in by_code:
        raise RetriableError(f"{service} wants us to slow down", retry_after=until_affordable(cost))
    if "ACCESS_DENIED" in by_code:
        raise _denied(by_code["ACCESS_DENIED"], service)
    if "MAX_COST_EXCEEDED" in by_code:
        raise TooCostlyError(f"{service} finds a call too costly: {said(by_code['MAX_COST_EXCEEDED'].message)}")
    first = faults[0]
    if first.code in {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        raise RetriableError(f"{service} failed inside ({first.code})", unknown_fate=True)
    words = said(first.message)
    raise RefusedCallError(f"{service} refused the call: {words}", words, hint="syncd may be too old for this store")


def _denied(fault: Fault, service: str) -> CredentialsError:
    required = str(fault.extensions.get("requiredAccess", "")) or fault.message
    scopes = list(dict.fromkeys(_SCOPE.findall(required)))
    needs = f"it needs the scope {' or '.join(scopes)}" if scopes else said(fault.message)
    field = ".".join(str(step) for step in fault.path or () if isinstance(step, str)) or "a field"
    page = str(fault.extensions.get("documentation", "https://shopify.dev/docs/apps/launch/protected-customer-data"))
    return CredentialsError(
        f"{service} denies access to {field}: {needs}", hint=SCOPE_HINT if scopes else f"see {page}"
    )


def _judge_search(searches: list[_Search], service: str) -> None:
    for search in searches:
        for warning in search.warnings:
            raise FatalError(
                f"{service} ignored a filter ({warning.field or 'unnamed'}: {warning.code or 'warning'}) and would "
                "have given every row",
                hint="syncd may be too old for this version of the store",
            )
