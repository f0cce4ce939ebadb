"""Why a person is in a segment or not, read from the mirror as it is now; no request is sent.

What the rule says now, and what the last evaluation left in the tables, are two things: where they differ, both are
told. A segment that could not be evaluated keeps its members (law 5), so there the tables are the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from syncd.clock import iso
from syncd.config import SegmentSettings, Settings
from syncd.cycle.answering import Answer, StoreReader
from syncd.cycle.labelled import Labelled, labelled
from syncd.mirror import membership, stores, traces
from syncd.mirror.database import Mirror
from syncd.mirror.membership import Standing
from syncd.mirror.people import Record
from syncd.model import Instant
from syncd.segments.reasons import Reason


class Told(msgspec.Struct, frozen=True):
    """One clause of a rule, and what came of it.

    Attributes:
        value: What decided it.
        decides: Whether the answer rests on it.
    """

    text: str
    value: str
    holds: bool
    decides: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why one customer record is in a segment or not.

    Attributes:
        member: What the rule says now; where that cannot be read here, what the last evaluation said.
        clauses: Its clauses, from left to right; none where it cannot be read.
        changes_at: The first day of the shop on which the answer is another one, if nothing else happens.
        changes: That in a sentence.
        why: The clauses on which the answer rests, in one line.
        frozen: Why it was not, or cannot be, evaluated; None where it can.
        elsewhere: What beside this person decides (a rank, the store itself), so that no change can be foretold.
        live: Whether the last evaluation has them in it; tags and audiences go by this.
        since: Since when, of a live member.
        differs: How the last evaluation differs from what the rule says now; None where it does not.
        evaluated_at: When the segment was last evaluated in this store.
        read_at: Of when the mirror's records are that the rule looks at: the oldest of their kinds.
        labels: Where the person stands with each of the segment's labels.
        reason: The clauses in the rule's own shape.
    """

    segment: str
    title: str
    store: str
    customer_id: int
    email: str | None
    query: str
    member: bool
    clauses: tuple[Told, ...] = ()
    changes_at: str | None = None
    changes: str | None = None
    why: str
    frozen: str | None = None
    elsewhere: str | None = None
    live: bool
    since: str | None
    differs: str | None = None
    evaluated_at: str | None
    read_at: str | None
    labels: tuple[Labelled, ...] = ()
    reason: Reason | None = None


def explain(
    settings: Settings, mirror: Mirror, now: Instant, found: Sequence[Record], segment: str | None = None
) -> list[Explanation]:
    """Explain each customer record in each segment of its store, or in one; segments in the order of the file.

    Args:
        settings: Whose rules are read.
        mirror: What they are read over.
        now: The moment they are read at.
        found: The customer records, by store.
        segment: The one to explain; all of them where it is None.
    """
    with mirror.snapshot():
        told = [
            explanation
            for store, its in groupby(found, lambda record: record.store)
            for explanation in _Store(settings, mirror, store, now).explain(list(its), segment)
        ]
    places = {name: at for at, name in enumerate(settings.segments)}
    return sorted(told, key=lambda it: (places[it.segment], it.store, it.customer_id))


class _Store:
    """Explains customers of one store at one moment."""

    def __init__(self, settings: Settings, mirror: Mirror, store: str, now: Instant) -> None:
        self._settings = settings
        self._mirror = mirror
        self._store = store
        self._now = now
        self._standings = {it.segment: it for it in membership.standings(mirror) if it.store == store}
        self._pulled = {it.feed: it.pulled_at for it in stores.feed_states(mirror) if it.owner == store}

    def explain(self, found: Sequence[Record], segment: str | None) -> Iterator[Explanation]:
        """Explain these records in each segment that is about the store, or in one; those gone by now in none."""
        about = {name: it for name, it in self._settings.segments.items() if self._store in it.stores}
        shown = [it for it in about.values() if segment in {None, it.name}]
        reader = StoreReader(self._settings, self._mirror, self._store, self._now, [it.name for it in shown])
        told: set[tuple[str, str]] = set()
        for record in found:
            answers = reader.answers(record)
            for it in shown:
                # by address, one word for all of its records
                whole = (it.name, record.address) if it.by == "email" and record.address else None
                if it.name in answers and whole not in told:
                    yield self._explanation(record, it, answers[it.name])
                told |= {whole} if whole else set()

    def _explanation(self, record: Record, it: SegmentSettings, answer: Answer) -> Explanation:
        standing = self._standings.get(it.name)
        frozen = self._frozen(it, answer)
        since = traces.memberships(self._mirror, record.store, record.customer_id).get(it.name)
        live = since is not None
        read = answer.holds is not None and not frozen
        member = bool(answer.holds) if read else live
        turn = answer.turn if read else None
        return Explanation(
            segment=it.name,
            title=it.title,
            store=record.store,
            customer_id=record.customer_id,
            email=record.email,
            query=it.query,
            member=member,
            clauses=_told(answer.reason),
            changes_at=turn.day.isoformat() if turn else None,
            changes=answer.changes if read else None,
            why=_why(answer.reason) if read else f"as last evaluated: {frozen or answer.elsewhere}",
            frozen=frozen or None,
            elsewhere=answer.elsewhere or None,
            live=live,
            since=iso(since),
            differs=_differs(it, standing, member=member, live=live) if read else None,
            evaluated_at=iso(standing.as_of) if standing else None,
            read_at=iso(min((self._pulled.get(kind) or 0 for kind in it.kinds), default=0) or None),
            labels=tuple(labelled(self._settings, self._mirror, it, record, member=member, rests=bool(frozen))),
            reason=answer.reason,
        )

    def _frozen(self, it: SegmentSettings, answer: Answer) -> str:
        """Say why a segment keeps its members, whatever its query says; nothing where it does not."""
        standing = self._standings.get(it.name)
        if not it.enabled:
            return "it rests (enabled = false)"
        return (standing.why if standing else "") or answer.lacks


def _told(reason: Reason | None) -> tuple[Told, ...]:
    clauses = reason.clauses() if reason else ()
    return tuple(Told(each.text, each.value, each.holds, each.decides) for each in clauses)


def _why(reason: Reason | None) -> str:
    """Return the clauses that decide, with their values, in one line."""
    return "; ".join(
        f"{each.text} ({each.value})" if each.holds else f"not {each.text} ({each.value})"
        for each in _told(reason)
        if each.decides
    )


def _differs(it: SegmentSettings, standing: Standing | None, *, member: bool, live: bool) -> str | None:
    """Say how the last evaluation differs from what the rule says now."""
    if standing is None or standing.as_of is None:
        return "it was never evaluated; the next sync does"
    if member is live:
        return None
    asked = "" if standing.query == it.query else ", when the rule was another one"
    coming = "lets them in" if member else "takes them out"
    return f"as of {iso(standing.as_of)}{asked} they are {'in' if live else 'not in'} it; the next sync {coming}"
