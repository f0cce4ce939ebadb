"""Drafting a plan label by label, and what is told of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import msgspec

from syncd.model import Action, Change, Hold, NewContact, Position, Wish
from syncd.plan.cases import CREATES, NewContacts, Verdict, decide

Profile = Callable[[str], tuple[Mapping[str, str], str | None]]
"""Gives the fields and the language of a person whom an audience does not know yet."""


class LabelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done about one label of one target.

    Attributes:
        changes: To be sent, by action and subject.
        owning: Subjects whose label is there already and becomes ours (`adopt`).
        lapsing: Subjects whose label is neither wanted nor there.
        left_out: How many are wanted but may not be labelled, by reason.
        ours: How many carry the label as ours now.
        first: Whether the label was never pushed before.
        only_first: Whether it is held for no other reason than that.
        hold: Why it waits for a person; None where it need not.
    """

    wish: Wish
    changes: tuple[Change, ...] = ()
    owning: tuple[str, ...] = ()
    lapsing: tuple[str, ...] = ()
    left_out: Mapping[str, int] = {}
    ours: int = 0
    first: bool = False
    only_first: bool = False
    hold: Hold | None = None

    @property
    def adds(self) -> int:
        """How many would be given the label."""
        return sum(change.action is Action.ADD for change in self.changes)

    @property
    def removes(self) -> int:
        """How many would lose it."""
        return sum(change.action is Action.REMOVE for change in self.changes)

    @property
    def creates(self) -> int:
        """How many contacts would be made for it."""
        return sum(change.create is not None for change in self.changes)


class Plan(msgspec.Struct, frozen=True):
    """The changes of all labels, and which of them wait."""

    labels: tuple[LabelPlan, ...] = ()

    @property
    def changes(self) -> list[Change]:
        """Every change, those that are held included, in stable order."""
        return [change for label in self.labels for change in label.changes]

    @property
    def holds(self) -> list[Hold]:
        """What waits for a person."""
        return [label.hold for label in self.labels if label.hold is not None]

    @property
    def checksum(self) -> str:
        """What tells this plan from any other."""
        return checksum(self.changes)


def checksum(changes: Iterable[Change]) -> str:
    """Return 16 hex digits that two plans share only if they make the same changes."""
    digest = hashlib.sha256()
    for change in changes:
        line = (change.target, change.label, change.action.value, change.subject, change.creation)
        digest.update("\0".join(line).encode() + b"\n")
    return digest.hexdigest()[:16]


def draft(wish: Wish, positions: Iterable[Position], new_contacts: NewContacts | None, profile: Profile) -> LabelPlan:
    """Turn the restless positions of one label into what is to be done about it; no limit is looked at yet."""
    changes: list[Change] = []
    owning: list[str] = []
    lapsing: list[str] = []
    left_out: Counter[str] = Counter()
    for position in positions:
        verdict = decide(position, wish, new_contacts)
        if verdict is Verdict.OWN:
            owning.append(position.subject)
        elif verdict is Verdict.LAPSE:
            lapsing.append(position.subject)
        elif verdict in _CHANGES:
            changes.append(_change(wish, position, verdict, profile))
        elif verdict is not Verdict.REST:
            left_out[verdict.value] += 1
    changes.sort(key=lambda change: (change.action, change.subject))
    return LabelPlan(
        wish=wish, changes=tuple(changes), owning=tuple(owning), lapsing=tuple(lapsing), left_out=dict(left_out)
    )


_CHANGES = frozenset({Verdict.ADD, Verdict.REMOVE, *CREATES})


def _change(wish: Wish, position: Position, verdict: Verdict, profile: Profile) -> Change:
    create = None
    if verdict in CREATES:
        fields, language = profile(position.subject)
        create = NewContact(status=CREATES[verdict], fields=fields, language=language)
    return Change(
        target=wish.target,
        label=wish.label,
        segment=wish.segment,
        subject=position.subject,
        email=position.email,
        action=Action.REMOVE if verdict is Verdict.REMOVE else Action.ADD,
        reason=_reason(wish, position, verdict),
        create=create,
    )


def _reason(wish: Wish, position: Position, verdict: Verdict) -> str:
    if verdict is Verdict.REMOVE:
        return "the settings no longer write this label" if wish.withdrawn else f"no longer in {wish.segment}"
    if verdict in CREATES:
        return f"in {wish.segment}: {wish.why}; a new contact, {CREATES[verdict].value}"
    if position.owned:
        return f"in {wish.segment}: {wish.why}; the label was taken off by hand"
    return f"in {wish.segment}: {wish.why}"
