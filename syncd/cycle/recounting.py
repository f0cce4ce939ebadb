"""Everything that was ever done to one person: entering and leaving, every write and its answer, run by run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from syncd.clock import iso
from syncd.config import Settings
from syncd.mirror import consents, runs, stores, traces, turned_away
from syncd.mirror.database import Mirror
from syncd.mirror.people import Record, Sought, records


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to a person in a run.

    Attributes:
        command: Of the run.
        what: `entered` or `left` a segment; `add` or `remove` of a label that was tried; `consent` that was seen to
            change, at a store or an audience.
        store: Where they entered or left, or what says of consent; None for a write.
        target: Where the label is; None for entering and leaving. So are the fields after it.
        state: What came of it: `applied`, `refused`, `failed` or `unknown`.
        answer: The service's own words.
        reason: Why it was tried.
        before: What was said of consent until then; None where nothing was, of this address.
        after: What is said since; None where the record is gone or has another address.
        changed_at: When it changed, by the service's own account.
    """

    run: int
    at: str | None
    command: str
    what: str
    segment: str
    store: str | None = None
    customer_id: int | None = None
    target: str | None = None
    label: str | None = None
    subject: str | None = None
    state: str | None = None
    answer: str | None = None
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    changed_at: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal that stands: what was refused, when last, and how often."""

    target: str
    label: str
    subject: str
    segment: str
    action: str
    answer: str
    at: str | None
    run: int
    attempts: int


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What was ever done to a person, oldest first, and what stands refused."""

    person: str
    records: tuple[Record, ...]
    events: tuple[Event, ...]
    refusals: tuple[Standing, ...]


def recount(settings: Settings, mirror: Mirror, who: Sought, store: str | None = None) -> History:
    """Return everything that the mirror remembers of a person, in one store and its audiences or in all.

    A customer that a store has deleted is still found by id; of an address, what was done to the address itself.
    """
    with mirror.snapshot():
        return _recounted(settings, mirror, who, store)


def _recounted(settings: Settings, mirror: Mirror, who: Sought, store: str | None) -> History:
    places = [store] if store else sorted(settings.stores.keys() | stores.known(mirror).keys())
    found = records(mirror, who, places)
    customers = {(it.store, it.customer_id) for it in found}
    if who.customer_id is not None:
        customers |= {(place, who.customer_id) for place in places}
    addresses = {it.address for it in found if it.address} | ({who.address} if who.address else set())
    subjects = set(_subjects(settings, mirror, customers, addresses))
    consented = _consents(mirror, addresses, places)
    events = sorted([*consented, *_moves(mirror, customers), *_writes(mirror, subjects)], key=lambda it: it.run)
    return History(
        person=str(who),
        records=tuple(found),
        events=tuple(_with_commands(mirror, events)),
        refusals=(*_refusals(mirror, subjects), *_turned_away(mirror, subjects)),
    )


def _subjects(
    settings: Settings, mirror: Mirror, customers: Iterable[tuple[str, int]], addresses: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield what the person is called at each target, also at audiences that the settings no longer have."""
    yield from ((store, str(id_)) for store, id_ in customers)
    audiences = settings.audiences.keys() | {it.owner for it in stores.feed_states(mirror) if it.feed == "contacts"}
    yield from ((audience, address) for audience in audiences for address in addresses)


def _moves(mirror: Mirror, customers: Collection[tuple[str, int]]) -> Iterator[Event]:
    for it in traces.moves(mirror, customers):
        yield Event(
            run=it.run,
            at=iso(it.at),
            command="",
            what="entered" if it.entered else "left",
            segment=it.segment,
            store=it.store,
            customer_id=it.customer_id,
        )


def _writes(mirror: Mirror, subjects: Collection[tuple[str, str]]) -> Iterator[Event]:
    for it in traces.writes(mirror, subjects):
        yield Event(
            run=it.run,
            at=iso(it.at),
            command="",
            what=it.action,
            segment=it.segment,
            target=it.target,
            label=it.label,
            subject=it.subject,
            state=it.state,
            answer=it.answer,
            reason=it.reason,
        )


def _consents(mirror: Mirror, addresses: Collection[str], places: Collection[str]) -> Iterator[Event]:
    for it in consents.changes(mirror, addresses):
        at_store = it.side == "store"
        if not at_store or it.owner in places:
            yield Event(
                run=it.run,
                at=iso(it.seen_at),
                command="",
                what="consent",
                segment="",
                store=it.owner if at_store else None,
                customer_id=int(it.record) if at_store else None,
                target=None if at_store else it.owner,
                subject=it.address,
                before=it.before,
                after=it.after,
                changed_at=iso(it.at),
            )


def _with_commands(mirror: Mirror, events: Iterable[Event]) -> Iterator[Event]:
    known: dict[int, str] = {}
    for it in events:
        if it.run not in known:
            run = runs.one(mirror, it.run)
            known[it.run] = run.command if run else ""
        yield msgspec.structs.replace(it, command=known[it.run])


def _refusals(mirror: Mirror, subjects: Collection[tuple[str, str]]) -> Iterator[Standing]:
    spelled = stores.spellings(mirror)
    for it in traces.refusals(mirror, subjects):
        yield Standing(
            target=it.target,
            label=spelled.get((it.target, it.label_key), it.label_key),
            subject=it.subject,
            segment=it.segment,
            action=it.action,
            answer=it.answer,
            at=iso(it.at),
            run=it.run,
            attempts=it.attempts,
        )


def _turned_away(mirror: Mirror, subjects: Collection[tuple[str, str]]) -> Iterator[Standing]:
    for target, subject in sorted(subjects):
        turned = turned_away.one(mirror, target, subject)
        if turned is not None:
            yield Standing(
                target=target,
                label=turned.label,
                subject=subject,
                segment=turned.segment,
                action="create",
                answer=turned.answer,
                at=iso(turned.at),
                run=turned.run,
                attempts=turned.attempts,
            )
