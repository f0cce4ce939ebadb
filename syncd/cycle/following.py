"""One level of a store's segments brought up to date: who changed, and whom time passed, is asked; nobody else.

Everything of a level happens in one transaction, which also ends the generation of changes that it looked at: what
changes later is looked at next time, and after a crash everything that was not kept is looked at again. Where anything
is in doubt everybody is looked at, and the report says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

import msgspec
from sqlalchemy import Select, column, insert, table

from syncd.config import SegmentSettings
from syncd.cycle.basis import Basis, basis_of, cuts_of
from syncd.cycle.choosing import chosen
from syncd.cycle.extent import Since, beyond, since
from syncd.cycle.framing import Measuring
from syncd.mirror import answering, masks, membership, touched
from syncd.mirror.answering import Wanted
from syncd.mirror.database import Mirror
from syncd.mirror.membership import Evaluated, Moved, Scope
from syncd.mirror.shapes import CUSTOMERS
from syncd.mirror.shelves import Shelf
from syncd.model import Instant, Kind
from syncd.segments import Frame
from syncd.segments.frame import By
from syncd.segments.stirring import Watched, stirred

_ASKED = table("asked", column("customer_id"))


class When(msgspec.Struct, frozen=True):
    """Of when an evaluation is.

    Attributes:
        run: The run that makes it.
        at: The hour of the answers.
    """

    run: int
    at: Instant


class Followed(msgspec.Struct, frozen=True):
    """What came of a level.

    Attributes:
        moved: How each segment changed.
        asked: How many customers were looked at one by one.
        in_full: The segments of which everybody was looked at, and why.
    """

    moved: Mapping[str, Moved]
    asked: int
    in_full: Mapping[str, str]


def follow(
    mirror: Mirror,
    measuring: Measuring,
    level: Sequence[SegmentSettings],
    watching: Collection[str],
    when: When,
    *,
    why_full: str = "",
) -> Followed:
    """Evaluate segments of a store, none of which asks for another one of them.

    Args:
        mirror: The mirror.
        measuring: Makes the frames.
        level: The segments.
        watching: The segments that others ask for: whoever moves in them is looked at again by those.
        when: Of when it is.
        why_full: Why everybody is to be looked at, whatever is known.
    """
    with mirror.transaction():
        made = _Level(mirror, measuring, level, when)
        made.ask(why_full)
        moved = {**made.of_asked(), **made.in_full()}
        touch_moved(mirror, measuring.frame.store, moved.keys() & set(watching), made.generation, when.run)
    return Followed(moved, made.asked, made.whys)


def touch_moved(mirror: Mirror, store: str, names: Iterable[str], generation: int, run: int) -> None:
    """Let who moved in some segments in a run count as changed, in a generation that ended: they are asked for.

    Of a first evaluation no moves are kept; who asks for that segment looks at everybody (`basis_of`).
    """
    mirror.raw.executemany(
        "INSERT OR IGNORE INTO touched_customers (store, seq, customer_id) SELECT store, ?, customer_id "
        "FROM moves INDEXED BY moves_of_segment WHERE segment = ? AND store = ? AND run = ?",
        [(generation, name, store, run) for name in names],
    )


class _Level:
    """The segments of a level, and whom each is asked about."""

    def __init__(self, mirror: Mirror, measuring: Measuring, level: Sequence[SegmentSettings], when: When) -> None:
        self.generation = touched.close(mirror)
        self.whys: dict[str, str] = {}
        self.asked = 0
        self._mirror = mirror
        self._measuring = measuring
        self._store = measuring.frame.store
        self._when = when
        self._its = {it.name: it for it in level}
        self._standings = {it.segment: it for it in membership.standings(mirror) if it.store == self._store}
        self._places = masks.places(mirror, self._store, list(self._its))
        self._since: dict[str, Since] = {}

    def ask(self, why_full: str) -> None:
        """Find out whom each segment is asked about, and put the few into `temp.asked`."""
        at_large = cache(lambda seen: touched.kinds_touched(self._mirror, self._store, seen))
        for name, it in self._its.items():
            standing = self._standings.get(name)
            basis = basis_of(it, self._measuring.plain(it), self._standings)
            seen = standing.seen if standing is not None else None
            found = why_full or since(it, standing, basis, at_large(seen or 0), self._when.at)
            if isinstance(found, str):
                self.whys[name] = found
            else:
                self._since[name] = found
        if self._since:
            self._ask_who_changed()
            self._give_up(self._since, beyond(self.asked, self._customers()))
        if self.asked:
            self._give_up(self._cuts_moved(), "what the store's buyers are measured by moved")
            self._give_up([name for name in self._since if self._its[name].ranking], "a rank is made anew")

    def of_asked(self) -> dict[str, Moved]:
        """Answer for those in `temp.asked`."""
        its = [self._its[name] for name in self._since]
        answering.clear(self._mirror)
        if its and self.asked:
            self._fill([it for it in its if it.ranking is None], "asked")
        return self._settle(its, "asked") if its else {}

    def in_full(self) -> dict[str, Moved]:
        """Answer for everybody."""
        its = [self._its[name] for name in self.whys if self._its[name].ranking is None]
        moved: dict[str, Moved] = {}
        if its:
            answering.clear(self._mirror)
            self._fill(its, "all")
            moved = self._settle(its, "all")
        for name in self.whys:
            it = self._its[name]
            if it.ranking is not None:
                membership.answer(self._mirror, self._places[name], self._store, chosen(it, self._frame(name)))
                moved |= self._settle([it], "all")
        return moved

    def _ask_who_changed(self) -> None:
        """Put into `temp.asked` who changed, and for whom time did."""
        touched.make_asked(self._mirror)
        self._mirror.raw.execute("DELETE FROM temp.asked")
        for query in self._stirred():
            self._mirror.connection.execute(insert(_ASKED).prefix_with("OR IGNORE").from_select(["customer_id"], query))
        people = any(self._its[name].by == "email" for name in self._since)
        oldest = min(it.seen for it in self._since.values())
        self.asked = touched.ask(self._mirror, self._store, oldest, kin=people)

    def _stirred(self) -> Iterator[Select[tuple[int]]]:
        """Yield queries of those whose answers time may have changed since each segment's last evaluation."""
        alike: defaultdict[tuple[Instant, Instant | None, By], list[SegmentSettings]] = defaultdict(list)
        for name, last in self._since.items():
            alike[last.at, last.basis.visible_from, self._its[name].by].append(self._its[name])
        for (at, visible_from, _), its in alike.items():
            after = self._measuring.plain(its[0])
            before = msgspec.structs.replace(after, now=at, orders_visible_from=visible_from)
            yield from stirred((Watched(it.rule, it.ranking) for it in its), before, after)

    def _cuts_moved(self) -> list[str]:
        """Return the segments that compare with buyers of whom so many are not what they were."""
        scaled = [name for name in self._since if self._its[name].rule.scales]
        return [name for name in scaled if cuts_of(self._its[name], self._frame(name)) != self._since[name].basis.cuts]

    def _give_up(self, names: Iterable[str], why: str) -> None:
        """Look at everybody for some segments, if there is a reason."""
        for name in list(names) if why else ():
            self.whys[name] = why
            del self._since[name]

    def _customers(self) -> int:
        return Shelf(self._mirror, self._store, Kind.CUSTOMERS.value, CUSTOMERS).count()

    def _frame(self, name: str) -> Frame:
        return self._measuring.measured(self._its[name])

    def _fill(self, its: Sequence[SegmentSettings], scope: Scope) -> None:
        """Answer the rules of some segments."""
        wanted = [
            Wanted(it.rule, self._frame(it.name), place.shelf, place.bit)
            for it in its
            for place in (self._places[it.name],)
        ]
        answering.fill(self._mirror, wanted, scope)

    def _settle(self, its: Sequence[SegmentSettings], scope: Scope) -> dict[str, Moved]:
        by = {it.name: Evaluated(it.query, str(self._basis(it)), self.generation) for it in its}
        return membership.settle(self._mirror, self._store, by, self._when.run, self._when.at, scope=scope)

    def _basis(self, it: SegmentSettings) -> Basis:
        """Return what a segment was evaluated by; where nobody was asked, buyers are what they were."""
        found = basis_of(it, self._measuring.plain(it), self._standings)
        if not it.rule.scales:
            return found
        last = None if self.asked else self._since.get(it.name)
        cuts = cuts_of(it, self._frame(it.name)) if last is None else last.basis.cuts
        return msgspec.structs.replace(found, cuts=cuts)
