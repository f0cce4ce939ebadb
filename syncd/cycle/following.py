"""One level of a store's segments brought up to date: who changed, and whom time passed, is asked; nobody else.

Everything of a level happens in one transaction, which also ends the generation of changes that it looked at: what
changes later is looked at next time, and after a crash everything that was not kept is looked at again. Where anything
is in doubt everybody is looked at, and the report says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from syncd.config import SegmentSettings
from syncd.cycle.basis import Basis, basis_of, cuts_of
from syncd.cycle.framing import Measuring
from syncd.cycle.whom import Whom, find_whom
from syncd.mirror import answering, masks, membership, ranks, touched
from syncd.mirror.answering import Scope, Wanted
from syncd.mirror.database import Mirror
from syncd.mirror.ranks import Ranking
from syncd.mirror.settling import Evaluated, Moved, settle
from syncd.model import Instant


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
        asked: How many customers were looked at one by one, of the segments that most were asked about.
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
        evaluation = _Evaluation(mirror, measuring, level, when, why_full)
        moved = {**evaluation.of_asked(), **evaluation.in_full()}
        touch_moved(mirror, measuring.frame.store, moved.keys() & set(watching), evaluation.generation, when.run)
    return Followed(moved, evaluation.asked, evaluation.why_full)


def touch_moved(mirror: Mirror, store: str, names: Iterable[str], generation: int, run: int) -> None:
    """Let who moved in some segments in a run count as changed, in a generation that ended: they are asked for.

    Of a first evaluation no moves are kept; who asks for that segment looks at everybody (`basis_of`).
    """
    mirror.raw.executemany(
        "INSERT OR IGNORE INTO touched_customers (store, seq, customer_id) SELECT store, ?, customer_id "
        "FROM moves INDEXED BY moves_of_segment WHERE segment = ? AND store = ? AND run = ?",
        [(generation, name, store, run) for name in names],
    )


class _Evaluation:
    """The evaluation of the segments of a level.

    Attributes:
        generation: Of the changes that it takes in; it ends with it.
        asked: How many were asked, as `Followed` has it; `why_full` likewise.
    """

    def __init__(
        self, mirror: Mirror, measuring: Measuring, level: Sequence[SegmentSettings], when: When, why_full: str
    ) -> None:
        self.generation = touched.close(mirror)
        self._mirror = mirror
        self._measuring = measuring
        self._store = measuring.frame.store
        self._when = when
        self._its = {it.name: it for it in level}
        self._standings = {it.segment: it for it in membership.standings(mirror) if it.store == self._store}
        self._places = masks.places(mirror, self._store, list(self._its))
        ranked = [name for name, it in self._its.items() if it.ranking is not None]
        self._holders = dict(zip(ranked, ranks.spare(self._places.values()), strict=False))
        self.asked = 0
        self.why_full = dict.fromkeys(self._its, why_full) if why_full else {}

    def of_asked(self) -> dict[str, Moved]:
        """Find out of whom each segment is evaluated, answer for those who are asked, and carry the answers over."""
        moved: dict[str, Moved] = {}
        if self.why_full:
            return moved
        for whom in find_whom(self._mirror, self._measuring, list(self._its.values()), self._standings, self._when.at):
            moved |= self._of_asked(whom)
            self.asked = max(self.asked, whom.asked)
            self.why_full |= whom.in_full
        return moved

    def _of_asked(self, whom: Whom) -> dict[str, Moved]:
        """Answer for those in `temp.asked`, and carry the answers over."""
        answering.clear(self._mirror)
        others: dict[str, Mapping[int, bool]] = {}
        if whom.since and whom.asked:
            self._fill(whom.since, "asked")
            others = self._rank_on(whom)
        moved = self._settle(whom.since, "asked", whom)
        for name, turned in others.items():
            if turned:
                ranks.turn_to(self._mirror, self._rankings([name])[name], turned)
                moved[name] = _after(moved[name], self._settle([name], "asked", whom)[name])
        return moved

    def in_full(self) -> dict[str, Moved]:
        """Answer for everybody, and carry the answers over."""
        names = self.why_full
        if not names:
            return {}
        with answering.everybody(self._mirror):
            answering.clear(self._mirror)
            self._fill(names, "all")
            rankings = self._rankings(names)
            ranks.forget(self._mirror, self._store, names - rankings.keys())
            ranks.rank_anew(self._mirror, *rankings.values())
            return self._settle(names, "all")

    def _fill(self, names: Iterable[str], scope: Scope) -> None:
        """Answer the rules of segments; those of ranks say only who can be in them."""
        rankings = self._rankings(names)
        wanted = [
            Wanted(self._its[name].rule, self._measuring.measured(self._its[name]), place.shelf, place.bit)
            for name in names
            for place in (rankings[name].holders if name in rankings else self._places[name],)
        ]
        answering.fill(self._mirror, wanted, scope)

    def _rank_on(self, whom: Whom) -> dict[str, Mapping[int, bool]]:
        """Bring ranks up to date; return whom those who were asked made room for, or took it from, by segment."""
        others: dict[str, Mapping[int, bool]] = {}
        for name, ranking in self._rankings(whom.since).items():
            found = ranks.rank_on(self._mirror, ranking)
            if found is None:
                whom.give_up([name], "nobody knows who comes next in its rank")
            else:
                others[name] = found
        return others

    def _rankings(self, names: Iterable[str]) -> dict[str, Ranking]:
        """Return the ranks among segments, each with a place of its own for whom its rule holds."""
        return {
            name: Ranking(
                segment=name,
                rank=rank,
                frame=self._measuring.plain(self._its[name]),
                holders=self._holders[name],
                place=self._places[name],
            )
            for name in names
            if (rank := self._its[name].ranking) is not None
        }

    def _settle(self, names: Iterable[str], scope: Scope, whom: Whom | None = None) -> dict[str, Moved]:
        by = {name: Evaluated(self._its[name].query, str(self._basis(name, whom)), self.generation) for name in names}
        return settle(self._mirror, self._store, by, self._when.run, self._when.at, scope=scope)

    def _basis(self, name: str, whom: Whom | None) -> Basis:
        """Return what a segment was evaluated by; where nobody was asked, the buyers are what they were."""
        it = self._its[name]
        found = basis_of(it, self._measuring.plain(it), self._standings)
        last = None if whom is None or whom.asked else whom.since[name]
        if not it.rule.scales:
            return found
        cuts = cuts_of(it, self._measuring.measured(it)) if last is None else last.basis.cuts
        return msgspec.structs.replace(found, cuts=cuts)


def _after(first: Moved, then: Moved) -> Moved:
    return Moved(first.entered + then.entered, first.left + then.left, then.size)
