"""Drafting a plan label by label, and what is told of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from syncd.model import Action, Change, Hold, NewContact, Position, Wish
from syncd.plan.cases import CREATES, LEAVES, NewContacts, Verdict, bar_stands, decide

Profile = Callable[[str], tuple[Mapping[str, str], str | None]]
"""Gives the fields and the language of a person whom an audience does not know yet."""


class Note(Protocol):
    """Is told of each subject with whom something is to be done, or who is left out."""

    def __call__(self, subject: str, reason: str, *, settled: bool) -> None:
        """Take a subject down.

        Args:
            subject: Who it is.
            reason: Why they are left out; empty where something is to be done.
            settled: Whether that stands until something of theirs changes. Else they are looked at again next time.
        """


def _unnoted(subject: str, reason: str, *, settled: bool) -> None:
    """Take nothing down."""


class LabelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done about one label of one target.

    Attributes:
        changes: To be sent, by action and subject.
        ordered: Removals that the exclusion list orders: no limit counts them, and no hold of the others holds them.
        owning: Subjects whose label is there already and becomes ours (`adopt`).
        lapsing: Subjects whose label is neither wanted nor there.
        freed: Subjects for whom what a person undid has no meaning any more.
        left_out: How many are wanted but may not be labelled, by reason.
        ours: How many carry the label as ours now.
        first: Whether the label was never pushed before.
        only_first: Whether it is held for no other reason than that.
        goes_on: Whether it is what is left of a push that was released and cut short; no limit is looked at again.
        by_person: Whether it was a person who released that.
        begun_adds: How many of the additions an earlier push set out to make, unasked; `begun_removes` likewise.
        sets_off: For how many people automations of the merchant's would run that start with the label.
        hold: Why it waits for a person; None where it need not.
    """

    wish: Wish
    changes: tuple[Change, ...] = ()
    ordered: tuple[Change, ...] = ()
    owning: tuple[str, ...] = ()
    lapsing: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    left_out: Mapping[str, int] = {}
    ours: int = 0
    first: bool = False
    only_first: bool = False
    goes_on: bool = False
    by_person: bool = False
    begun_adds: int = 0
    begun_removes: int = 0
    sets_off: int = 0
    hold: Hold | None = None

    @property
    def adds(self) -> int:
        """How many would be given the label."""
        return sum(change.action is Action.ADD for change in self.changes)

    @property
    def removes(self) -> int:
        """How many would lose it, or be noted as opted out."""
        return sum(change.action is not Action.ADD for change in self.changes)

    @property
    def everything(self) -> tuple[Change, ...]:
        """All changes, what is ordered included, by action and subject."""
        return tuple(sorted((*self.changes, *self.ordered), key=_place)) if self.ordered else self.changes

    @property
    def creates(self) -> int:
        """How many contacts would be made for it."""
        return sum(change.create is not None for change in self.changes)

    @property
    def warning(self) -> str:
        """What the label's arrival would set off, and how to avoid it; empty where it sets off nothing."""
        if not self.sets_off:
            return ""
        people = "1 person" if self.sets_off == 1 else f"{self.sets_off:,} people"
        return (
            f"automations that start with this tag would run for {people}; "
            f"quiet_first_push = true in [audiences.{self.wish.target}] avoids it"
        )


class Plan(msgspec.Struct, frozen=True):
    """The changes of all labels, and which of them wait."""

    labels: tuple[LabelPlan, ...] = ()

    @property
    def changes(self) -> list[Change]:
        """Every change, those that are held included, in stable order."""
        return [change for label in self.labels for change in label.everything]

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
        line: tuple[str, ...] = (change.target, change.label, change.action.value, change.subject, change.creation)
        line += ("quiet",) * change.quiet
        digest.update("\0".join(line).encode() + b"\n")
    return digest.hexdigest()[:16]


def draft(
    wish: Wish,
    positions: Iterable[Position],
    new_contacts: NewContacts | None,
    profile: Profile,
    note: Note = _unnoted,
) -> LabelPlan:
    """Turn the restless positions of one label into what is to be done about it; no limit is looked at yet."""
    changes: list[Change] = []
    ordered: list[Change] = []
    owning: list[str] = []
    lapsing: list[str] = []
    freed: list[str] = []
    left_out: Counter[str] = Counter()
    for position in positions:
        verdict = decide(position, wish, new_contacts)
        free = position.bar is not None and not bar_stands(position)
        lapses = verdict is Verdict.LAPSE or (verdict is Verdict.LEAVE_UNDONE and not position.current)
        if free:
            freed.append(position.subject)
        if lapses:
            lapsing.append(position.subject)
        if verdict is Verdict.OWN:
            owning.append(position.subject)
        elif verdict in _CHANGES:
            its = ordered if _is_ordered(position, verdict) else changes
            its.append(_change(wish, position, verdict, profile))
        reason = _left(position, verdict) if verdict in LEAVES else ""
        if reason:
            left_out[reason] += 1
        if free or verdict is not Verdict.REST:
            note(position.subject, reason, settled=bool(reason) and not (free or lapses))
    return LabelPlan(
        wish=wish,
        changes=tuple(sorted(changes, key=_place)),
        ordered=tuple(sorted(ordered, key=_place)),
        owning=tuple(owning),
        lapsing=tuple(lapsing),
        freed=tuple(freed),
        left_out=dict(left_out),
    )


def _is_ordered(position: Position, verdict: Verdict) -> bool:
    """Tell whether nothing but the exclusion list takes the label away."""
    return verdict is Verdict.REMOVE and position.desired


def _place(change: Change) -> tuple[Action, str]:
    return change.action, change.subject


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
    if _is_ordered(position, verdict):
        return "on the exclusion list"
    if verdict is Verdict.REMOVE:
        return "the settings no longer write this label" if wish.withdrawn else f"no longer in {wish.segment}"
    if verdict in CREATES:
        return f"in {wish.segment}: {wish.why}; a new contact, {CREATES[verdict].value}"
    if position.owned:
        return f"in {wish.segment}: {wish.why}; the label was taken off by hand"
    return f"in {wish.segment}: {wish.why}"


def _left(position: Position, verdict: Verdict) -> str:
    """Say why somebody is left out; of what was undone, by which run."""
    if verdict is Verdict.LEAVE_UNDONE and position.bar is not None:
        return f"left out: undone by run {position.bar.run}"
    return verdict.value
