"""Carrying an unsubscribe into the store: the one thing about consent that is ever written there.

The store keeps the word with the latest date, and says in its answer which that is. So a customer who consented anew
after the unsubscribe stays subscribed, and the change is told as refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.shopify import documents
from connectors.shopify.answers import said
from connectors.shopify.client import Ask, Client
from connectors.shopify.operations import UserError
from connectors.shopify.wire import EmailAddress, gid, instant
from connectors.shopify.writes import NO_ANSWER, NOT_NAMED
from syncd.errors import RetriableError
from syncd.model import Change, Outcome, OutcomeState

_AT_ONCE = 25
_POINTS = 10
"""What a mutation costs."""

_UNSUBSCRIBED = "UNSUBSCRIBED"
_KEPT = "the store keeps its own word on the customer's consent, which is newer"


class _Customer(msgspec.Struct, frozen=True, rename="camel"):
    updated_at: datetime | None = None
    default_email_address: EmailAddress | None = None


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    customer: _Customer | None = None
    user_errors: list[UserError] = []


class OptOuts:
    """Writes unsubscribes by calls of several mutations."""

    def __init__(self, client: Client) -> None:
        """Write nothing yet."""
        self._client = client

    def carry_out(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Send the mutations, some at a time, and yield the outcome of each change.

        Raises:
            RetriableError: The store stopped answering; what was in flight has been told as unknown.
            FatalError: The store takes no writes from this app.
        """
        for start in range(0, len(changes), _AT_ONCE):
            yield from self._call(changes[start : start + _AT_ONCE])

    def _call(self, some: Sequence[Change]) -> Iterator[Outcome]:
        inputs = {f"i{n}": variables(change) for n, change in enumerate(some)}
        ask = Ask(documents.opt_out(len(some)), inputs, "write", cost=_POINTS * len(some), partial=True, writes=True)
        try:
            reply = self._client.call(ask)
            results = self._client.decode(reply.data, dict[str, _Result | None], what="write")
        except RetriableError as error:
            if error.unknown_fate:
                yield from (Outcome(change=it, state=OutcomeState.UNKNOWN, answer=NO_ANSWER) for it in some)
            raise RetriableError(error.message, retry_after=error.retry_after, hint=error.hint) from error
        reasons = {str(fault.path[0]): said(fault.message) for fault in reply.faults if fault.path}
        for n, change in enumerate(some):
            yield _judged(change, results.get(f"m{n}"), reasons.get(f"m{n}", NOT_NAMED))


def variables(change: Change) -> dict[str, Any]:
    """Return the input of one mutation."""
    consent: dict[str, Any] = {"marketingState": _UNSUBSCRIBED}
    if change.opted_out_at is not None:
        consent["consentUpdatedAt"] = datetime.fromtimestamp(change.opted_out_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"customerId": gid("Customer", change.subject), "emailMarketingConsent": consent}


def _judged(change: Change, result: _Result | None, why_none: str) -> Outcome:
    """Return what an answer says of a change: done is only what it shows as done."""
    if result is None:
        return Outcome(change=change, state=OutcomeState.UNKNOWN, answer=why_none)
    words = "; ".join(said(error.message) for error in result.user_errors)
    customer = result.customer
    shown = customer.default_email_address.marketing_state if customer and customer.default_email_address else None
    if shown == _UNSUBSCRIBED and customer is not None:
        changed_at = instant(customer.updated_at) if customer.updated_at else None
        return Outcome(change=change, state=OutcomeState.APPLIED, changed_at=changed_at)
    if words or shown:
        return Outcome(change=change, state=OutcomeState.REFUSED, answer=words or _KEPT)
    return Outcome(change=change, state=OutcomeState.UNKNOWN, answer=NOT_NAMED)
