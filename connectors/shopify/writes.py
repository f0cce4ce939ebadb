"""Changes of tags as the store takes them: what goes into one mutation, and what its answer says of each change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from connectors.shopify.answers import said
from connectors.shopify.operations import UserError
from connectors.shopify.wire import gid, instant
from syncd.errors import RetriableError
from syncd.model import Action, Change, Outcome, OutcomeState, fold

_MUTATIONS = {Action.ADD: "tagsAdd", Action.REMOVE: "tagsRemove"}

NOT_NAMED = "the answer does not name it"
NO_ANSWER = "no answer came"


class Write(msgspec.Struct, frozen=True):
    """What one mutation does: all tags that one customer is to get, or to lose.

    Attributes:
        mutation: `tagsAdd` or `tagsRemove`.
        customer: The customer's global id.
        changes: What it carries out.
    """

    mutation: str
    customer: str
    changes: tuple[Change, ...]

    @property
    def tags(self) -> list[str]:
        """The tags."""
        return [change.label for change in self.changes]


class _Customer(msgspec.Struct, frozen=True, rename="camel"):
    tags: list[str] | None = None
    updated_at: datetime | None = None


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """What the store says of one mutation."""

    node: _Customer | None = None
    user_errors: list[UserError] = []


def writes(changes: Iterable[Change]) -> list[Write]:
    """Return the mutations that carry out changes: removals first, for a customer's tags are limited in number."""
    grouped: dict[tuple[Action, str], list[Change]] = {}
    for change in changes:
        grouped.setdefault((change.action, change.subject), []).append(change)
    return [
        Write(_MUTATIONS[action], gid("Customer", subject), tuple(group))
        for action in (Action.REMOVE, Action.ADD)
        for (each, subject), group in grouped.items()
        if each is action
    ]


def judged(write: Write, result: Result | None, why_none: str = NOT_NAMED) -> Iterator[Outcome]:
    """Yield what an answer says of each change of a mutation.

    A tag that the answer shows (or shows gone) is done, whatever else it says; the store's letter case is its own.
    What the store gives a reason for is refused; what it says nothing of is unknown.
    """
    if result is None:
        yield from unknown([write], why_none)
        return
    node = result.node or _Customer()
    held = None if node.tags is None else {fold(tag) for tag in node.tags}
    words = "; ".join(said(error.message) for error in result.user_errors)
    for change in write.changes:
        wanted = change.action is Action.ADD
        if held is not None and (fold(change.label) in held) is wanted:
            yield Outcome(
                change=change,
                state=OutcomeState.APPLIED,
                changed_at=instant(node.updated_at) if node.updated_at else None,
                labels=tuple(node.tags or ()),
            )
        elif words:
            yield Outcome(change=change, state=OutcomeState.REFUSED, answer=words)
        else:
            yield Outcome(change=change, state=OutcomeState.UNKNOWN, answer=NOT_NAMED)


def settled(error: RetriableError) -> RetriableError:
    """Return an error after which nothing is in doubt: what was has been told as unknown."""
    return RetriableError(error.message, retry_after=error.retry_after, hint=error.hint)


def refused(write: Write, words: str) -> Iterator[Outcome]:
    """Yield the outcomes of a mutation that the store will not have at all."""
    for change in write.changes:
        yield Outcome(change=change, state=OutcomeState.REFUSED, answer=words)


def unknown(undecided: Sequence[Write], why: str) -> Iterator[Outcome]:
    """Yield the outcomes of mutations whose answer did not come."""
    for write in undecided:
        for change in write.changes:
            yield Outcome(change=change, state=OutcomeState.UNKNOWN, answer=why)
