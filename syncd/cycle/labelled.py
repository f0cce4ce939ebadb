"""Where one person stands with the labels of a segment: what is there, what will be done, and what keeps it from it.

Read from the mirror alone, and decided by the same table of cases as a plan.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from syncd.clock import iso
from syncd.config import SegmentSettings, Settings
from syncd.cycle.planning import wish_of
from syncd.mirror import positions, runs, stores, traces, turned_away
from syncd.mirror.database import Mirror
from syncd.mirror.people import Record, Sought, records
from syncd.model import Action, Hold, Position, Wish, fold
from syncd.plan import NewContacts, Verdict, decide


class Refusal(msgspec.Struct, frozen=True):
    """A refusal that stands.

    Attributes:
        answer: The service's own words.
        again: Whether something about the person has changed since, so that the next sync tries again.
    """

    action: str
    answer: str
    at: str | None
    run: int
    again: bool


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """One label of a segment, at a store or an audience, for one person.

    Attributes:
        target: The store's or audience's name.
        label: As the target reads it back, where it was ever written, else as the settings have it.
        wanted: Whether the segment wants the label there, by what its next evaluation says of the person.
        there: Whether the label is there, as the mirror last saw it.
        ours: Whether syncd gave it, or may have.
        status: What the audience says of the contact; None where it knows none, and for a store.
        consent: Whether the stores' records let a contact be made; None for a store.
        records: The address's records in the stores whose word counts, each with its consent.
        next: What the next sync does: `add`, `remove`, `create`, or nothing.
        why: Why the label is not there, or not taken away, or what will be done; empty where all is as it should be.
        refusal: What the service refused and nobody has tried again.
        hold: Why it waits for a person.
    """

    target: str
    kind: str
    label: str
    subject: str
    wanted: bool
    there: bool
    ours: bool
    status: str | None = None
    consent: bool | None = None
    records: tuple[Record, ...] = ()
    next: str | None = None
    why: str = ""
    refusal: Refusal | None = None
    hold: str | None = None


def labelled(
    settings: Settings, mirror: Mirror, it: SegmentSettings, record: Record, *, member: bool, rests: bool
) -> Iterator[Labelled]:
    """Yield where a customer record stands with each label of a segment that concerns it.

    Args:
        settings: Whose labels they are.
        mirror: What is known of them.
        it: The segment.
        record: The customer record.
        member: Whether the next evaluation has it in the segment.
        rests: Whether there is none: the labels then stay as they are.
    """
    for target, written in it.labels():
        wish = wish_of(settings, it, target, _as_kept(mirror, it.name, target, written))
        if target == record.store:
            position = positions.one_of_store(mirror, wish, str(record.customer_id))
            yield _labelled(settings, mirror, wish, msgspec.structs.replace(position, desired=member), rests=rests)
        elif target in settings.audiences and record.address is not None:
            position = positions.one_of_audience(mirror, wish, record.address)
            desired = member or _another(mirror, wish, record)
            yield _labelled(settings, mirror, wish, msgspec.structs.replace(position, desired=desired), rests=rests)


def _another(mirror: Mirror, wish: Wish, record: Record) -> bool:
    """Tell whether another record of the address is in the segment, as last evaluated."""
    its = {(it.store, it.customer_id) for it in records(mirror, Sought(address=record.address), wish.stores)}
    others = its - {(record.store, record.customer_id)}
    return any(wish.segment in traces.memberships(mirror, store, customer_id) for store, customer_id in others)


def _as_kept(mirror: Mirror, segment: str, target: str, written: str) -> str:
    """Return the label as the target reads it back: as it was last pushed."""
    kept = [it.label for it in stores.labels(mirror).values() if (it.target, it.segment) == (target, segment)]
    return next((label for label in kept if fold(label) == fold(written)), kept[0] if len(kept) == 1 else written)


def _labelled(settings: Settings, mirror: Mirror, wish: Wish, position: Position, *, rests: bool) -> Labelled:
    audience = settings.audiences.get(wish.target)
    verdict = decide(position, wish, NewContacts(audience.new_contacts) if audience else None)
    said = records(mirror, Sought(address=position.subject), wish.feeding) if audience else []
    refusal = _refusal(mirror, wish, position)
    ordered = verdict is Verdict.REMOVE and position.excluded
    hold = _hold(mirror, wish) if verdict in _NEXT and not ordered else None
    stopped = _stopped(refusal, hold, rests=rests and not ordered and position.desired is not position.current)
    return Labelled(
        target=wish.target,
        kind="audience" if audience else "store",
        label=wish.label,
        subject=position.subject,
        wanted=position.desired,
        there=position.current,
        ours=position.owned,
        status=traces.status(mirror, wish.target, position.subject) if audience else None,
        consent=position.consent if audience else None,
        records=tuple(said),
        next=None if stopped else _NEXT.get(verdict),
        why=stopped or _why(verdict, position),
        refusal=refusal,
        hold=f"{hold.why} (syncd approve {hold.run})" if hold else None,
    )


_NEXT = {
    Verdict.ADD: "add",
    Verdict.REMOVE: "remove",
    Verdict.CREATE_SUBSCRIBED: "create",
    Verdict.CREATE_TRANSACTIONAL: "create",
}
_COMING = {
    Verdict.ADD: "the next sync adds it",
    Verdict.REMOVE: "the next sync takes it away",
    Verdict.CREATE_SUBSCRIBED: "the next sync makes a contact of them, subscribed",
    Verdict.CREATE_TRANSACTIONAL: "the next sync makes a contact of them, without marketing consent",
    Verdict.OWN: "it was there before; the next sync makes it syncd's own (adopt = true)",
    Verdict.LEAVE_DOUBTED: "many went over to subscribed at once, and they with them; that is not believed before "
    "somebody has looked (syncd audit)",
    Verdict.LEAVE_NO_CONSENT: "they are not in the audience, and without consent nobody is put there",
    Verdict.LEAVE_EXCLUDED: "they are on the exclusion list",
    Verdict.LEAVE_NEVER: 'they are not in the audience, and new_contacts = "never" adds nobody',
}

_UNDONE = {Action.ADD: "taken off again", Action.REMOVE: "given back"}
"""What became of what a person undid, by what is barred."""


def _stopped(refusal: Refusal | None, hold: Hold | None, *, rests: bool) -> str:
    """Say what keeps the next sync from doing anything; nothing where nothing does."""
    if rests:
        return "the segment is not evaluated, so its tags stay as they are"
    if hold is not None:
        return f"waits for a person since run {hold.run}: {hold.why}"
    return f"refused: {refusal.answer}" if refusal is not None and not refusal.again else ""


def _why(verdict: Verdict, position: Position) -> str:
    if verdict is Verdict.LEAVE_STATUS and position.status is not None:
        return f"the contact is {position.status.value} there, and is left alone"
    if position.bar is not None and verdict is Verdict.LEAVE_UNDONE:
        return (
            f"{_UNDONE[position.bar.action]} by run {position.bar.run}, and left so (syncd approve {position.bar.run})"
        )
    if verdict is Verdict.REMOVE and position.excluded:
        return "they are on the exclusion list; the next sync takes it away"
    if verdict is Verdict.REST and position.current and not position.owned:
        return "it was not syncd that set it, so syncd will not take it away"
    return _COMING.get(verdict, "")


def _refusal(mirror: Mirror, wish: Wish, position: Position) -> Refusal | None:
    """Return the refusal of what is wanted now, if one stands: of this label, or of the contact itself."""
    turned = turned_away.one(mirror, wish.target, position.subject)
    if turned is not None and position.desired and not position.known:
        stands = turned.stands(positions.basis(mirror, wish.target, position.subject))
        return Refusal("add", turned.answer, iso(turned.at), turned.run, again=not stands)
    wanted = position.desired and not position.excluded
    action = "add" if wanted else "remove"
    for it in traces.refusals(mirror, [(wish.target, position.subject)]):
        if it.label_key == fold(wish.label) and it.action == action and wanted is not position.current:
            changed = positions.basis(mirror, it.target, it.subject) != it.basis
            return Refusal(it.action, it.answer, iso(it.at), it.run, again=changed)
    return None


def _hold(mirror: Mirror, wish: Wish) -> Hold | None:
    label = (wish.target, fold(wish.label))
    return next(
        (it for it in runs.holds(mirror) if (it.target, fold(it.label)) == label and it.approved_at is None), None
    )
