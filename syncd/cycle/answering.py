"""What the queries of a store's segments say of one person now, and what time alone will do to that.

The same rules in the same frames as in an evaluation, read in Python; only a rank, which looks at everybody, is asked
of the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import literal, select

from syncd.config import SegmentSettings, Settings
from syncd.cycle.choosing import chosen, lacking
from syncd.cycle.framing import frame_of, framed, in_order, needed
from syncd.mirror import stores, traces
from syncd.mirror.database import Mirror
from syncd.mirror.people import Record, Sought, guest_orders, people, records
from syncd.model import Instant
from syncd.segments import Frame, Person
from syncd.segments.foretelling import foretold
from syncd.segments.frame import By
from syncd.segments.kin import united
from syncd.segments.outlook import Asked, Outlook, Seat, Turn, outlook
from syncd.segments.reasons import Reason, reasons

_BY: tuple[By, ...] = ("customer", "email")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment's query says of a person.

    Attributes:
        holds: Whether they belong in it; None where that cannot be read here.
        reason: The clauses, and what came of each; None where the store was never reached.
        turn: The first day on which it is otherwise by time alone.
        changes: That in a sentence.
        elsewhere: What else than the person decides; empty where only they do.
        lacks: What is missing for an answer; empty where nothing is.
    """

    holds: bool | None = None
    reason: Reason | None = None
    turn: Turn | None = None
    changes: str | None = None
    elsewhere: str = ""
    lacks: str = ""


class StoreReader:
    """Reads the queries of some segments of a store at one moment, person by person."""

    def __init__(self, settings: Settings, mirror: Mirror, store: str, now: Instant, segments: Collection[str]) -> None:
        """Make the frames ready; `segments` are read with all that they ask for."""
        self._mirror = mirror
        self._store = store
        about = {name: it for name, it in settings.segments.items() if store in it.stores}
        read = needed(about, segments)
        self._order = [it for it in in_order(about) if it.name in read]
        known = stores.known(mirror).get(store)
        frame = frame_of(settings, known, now) if known else None
        self._frames: dict[By, Frame] = {by: frame for by in _BY if frame is not None}
        for it in self._order:
            if self._frames:
                self._frames[it.by] = framed(mirror, it, self._frames[it.by])
        self._lacks = {it.name: self._lacking(it) for it in self._order}

    def answers(self, record: Record) -> dict[str, Answer]:
        """Return what each segment's query says of a customer; nothing of one who is gone by now."""
        if not self._frames:
            return {it.name: Answer(lacks=self._lacks[it.name]) for it in self._order}
        rules = {it.name: Asked(it.rule, it.by) for it in self._order if self._reads(it)}
        seen = self._seen(record, rules)
        return {it.name: self._answer(record, it, seen[it.by]) for it in self._order} if seen else {}

    def _reads(self, it: SegmentSettings) -> bool:
        """Tell whether a person's own records are all that it takes; others stay as last evaluated."""
        return it.enabled and not it.rule.asked and it.rank is None and not self._lacks[it.name]

    def _seen(self, record: Record, rules: Mapping[str, Asked]) -> dict[By, Outlook]:
        """Read the rules for a record and, where one asks by address, for all that shares its address."""
        address = record.address if any(it.by == "email" for it in self._order) else None
        kin = records(self._mirror, Sought(address=address), [self._store]) if address else [record]
        found = people(self._mirror, self._store, [it.customer_id for it in kin])
        if record.customer_id not in found:
            return {}
        guest = guest_orders(self._mirror, self._store, address) if address else []
        seats = [Seat(person, self._frames["customer"]) for person in found.values()]
        seats.append(Seat(united(list(found.values()), guest), self._frames["email"]))
        seen = outlook(rules, seats)
        return {"customer": seen[list(found).index(record.customer_id)], "email": seen[-1]}

    def _answer(self, record: Record, it: SegmentSettings, seen: Outlook) -> Answer:
        lacks = self._lacks[it.name]
        if it.rule.asked:
            inside = it.name in traces.memberships(self._mirror, record.store, record.customer_id)
            said = Reason(text=it.query, value="as the store last answered", holds=inside, decides=True)
            return Answer(reason=said, elsewhere="the store itself answers this query", lacks=lacks)
        reason = reasons(it.rule, seen.person, self._frames[it.by])
        if it.rank is not None:
            return self._ranked(record, it, reason, lacks)
        turn = seen.turns.get(it.name)
        return Answer(
            holds=seen.answers.get(it.name),
            reason=reason,
            turn=turn,
            changes=_changes(turn, seen.person) if turn else None,
            lacks=lacks,
        )

    def _ranked(self, record: Record, it: SegmentSettings, reason: Reason, lacks: str) -> Answer:
        """Ask the tables whether a customer is among the best."""
        everybody = "a rank depends on everybody else too"
        if lacks or not it.enabled:
            return Answer(reason=reason, elsewhere=everybody, lacks=lacks)
        best = select(literal(1)).where(literal(record.customer_id).in_(chosen(it, self._frames[it.by])))
        inside = self._mirror.connection.execute(best).first() is not None
        return Answer(holds=inside, reason=_with_rank(it, reason, inside=inside), elsewhere=everybody)

    def _lacking(self, it: SegmentSettings) -> str:
        if not self._frames:
            return f"the store {self._store} was never reached"
        return "; ".join(lacking(it, self._frames[it.by]))


def _with_rank(it: SegmentSettings, reason: Reason, *, inside: bool) -> Reason:
    """Put the rank beside the query's clauses: whom the query does not find is in no rank."""
    over = f" over {it.rank.over}" if it.rank and it.rank.over else ""
    text = f"among the top {it.rank.top} by {it.rank.by}{over}" if it.rank else ""
    rank = Reason(text=text, value="among them" if inside else "not among them", holds=inside, decides=reason.holds)
    return Reason(text="all of", holds=inside, decides=True, parts=(_deciding(reason, inside=inside), rank))


def _deciding(reason: Reason, *, inside: bool) -> Reason:
    """Let a query that holds decide nothing where the rank says no."""
    if inside or not reason.holds:
        return reason
    parts = tuple(_deciding(part, inside=inside) for part in reason.parts)
    return msgspec.structs.replace(reason, decides=False, parts=parts)


def _changes(turn: Turn, person: Person) -> str:
    return f"{'enters' if turn.holds else 'leaves'} on {turn.day}, {foretold(turn, person)}"
