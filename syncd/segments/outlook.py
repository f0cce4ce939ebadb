"""What time alone will do to a person's answers: for each rule the first day of the shop on which it is another one.

A clause is read again only on a day when one of its dates (`-180d`, `last_month`) moves past something that happened
to the person; so years ahead cost about as much as the few days on which anything can change. Days are asked one after
the other, for an answer may change and change back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from syncd.model import Instant
from syncd.segments.catalogue import SEGMENTS, known, local
from syncd.segments.days import Offset, Period, Stretch, Unit, day_of, shift, start_of, stretch, today
from syncd.segments.frame import Frame, Person
from syncd.segments.reasons import deciding, holds
from syncd.segments.rule import Rule
from syncd.segments.tree import Clause, Leaf, leaves

AHEAD = 3 * 366
"""Days looked ahead: three years."""


class Flip(msgspec.Struct, frozen=True):
    """A clause whose answer changed on a day.

    Attributes:
        before: The frame of the day before.
        after: The frame of the day.
        holds: Whether it holds from that day on.
    """

    clause: Leaf
    before: Frame
    after: Frame
    holds: bool


class Turn(msgspec.Struct, frozen=True):
    """The first day on which a rule's answer is another one, if nothing else happens.

    Attributes:
        holds: The answer from that day on.
        flips: The clauses that made it so.
    """

    day: date
    holds: bool
    flips: tuple[Flip, ...]


class Outlook(msgspec.Struct, frozen=True):
    """What several rules say of a person today, and when time alone will change that.

    Attributes:
        answers: By the rules' names.
        turns: By the rules' names; one that does not change in the time looked at is absent.
        person: With the segments that the answers put them in.
    """

    answers: Mapping[str, bool]
    turns: Mapping[str, Turn]
    person: Person


def outlook(rules: Mapping[str, Rule], person: Person, frame: Frame, *, ahead: int = AHEAD) -> Outlook:
    """Read rules for a person, today and on days to come.

    Args:
        rules: By segment; each after those that it asks for (`segments CONTAINS …`).
        person: Whose `segments` count where they are not among `rules`.
        frame: Of today, with what the rules need to be measured.
        ahead: How many days are looked at.
    """
    reader = _Reader(rules, person, frame)
    answers = dict(reader.answers)
    now = reader.person
    turns: dict[str, Turn] = {}
    for day in _days(frame, ahead if reader.restless else 0):
        for name, flips in reader.move_to(day).items():
            turns.setdefault(name, Turn(day, reader.answers[name], flips))
        if len(turns) == len(rules):
            break
    return Outlook(answers, turns, now)


def _days(frame: Frame, ahead: int) -> Iterator[date]:
    """Yield the days to come. One that the zone has skipped (Apia had no 30 December 2011) is none."""
    first = today(frame)
    for count in range(1, ahead + 1):
        day = shift(first, count, Unit.DAYS)
        if day_of(start_of(day, frame.zone), frame.zone) == day:
            yield day


class _Reader:
    """Reads rules day by day, each clause anew only when it may have changed."""

    def __init__(self, rules: Mapping[str, Rule], person: Person, frame: Frame) -> None:
        self.person = person
        self.answers: dict[str, bool] = {}
        self._rules = rules
        self._frame = self._before = frame
        self._clauses = list(dict.fromkeys(leaf for rule in rules.values() for leaf in leaves(rule.tree)))
        self._said: dict[Leaf, bool] = {}
        self._asks_segments = [leaf for leaf in self._clauses if leaf.filter == SEGMENTS]
        self._dates = {leaf: _moving(leaf) for leaf in self._clauses}
        self._whens = {when for dates in self._dates.values() for when in dates}
        self._instants = sorted(_instants(person))
        self._stretches = self._all_stretches()
        self.restless = bool(self._whens) or any(known(leaf).daily for leaf in self._clauses)
        for leaf in self._clauses:
            self._said[leaf] = self._ask(leaf)
        for name in rules:
            self._answer(name, {})

    def move_to(self, day: date) -> dict[str, tuple[Flip, ...]]:
        """Go on to a day and return the rules whose answers changed, each with the clauses that made it so."""
        self._before, self._frame = (
            self._frame,
            msgspec.structs.replace(self._frame, now=start_of(day, self._frame.zone)),
        )
        flipped = self._asked_again(self._touched())
        if not flipped:
            return {}
        changed: dict[str, tuple[Flip, ...]] = {}
        for name, rule in self._rules.items():
            was = self.answers[name]
            if self._answer(name, flipped) is not was:
                decided = dict.fromkeys(deciding(rule.tree, self._said))
                changed[name] = tuple(flipped[leaf] for leaf in decided if leaf in flipped)
        return changed

    def _touched(self) -> list[Leaf]:
        """Return the clauses that may say something else than the day before."""
        before, self._stretches = self._stretches, self._all_stretches()
        moved = {when for when, now in self._stretches.items() if self._passes(before[when], now)}
        return [leaf for leaf, dates in self._dates.items() if known(leaf).daily or moved.intersection(dates)]

    def _passes(self, before: Stretch, now: Stretch) -> bool:
        """Tell whether an end of a stretch moved past something that happened to the person."""
        return any(
            bisect_left(self._instants, min(ends)) < bisect_left(self._instants, max(ends))
            for ends in zip(before, now, strict=True)
        )

    def _all_stretches(self) -> dict[Offset | Period, Stretch]:
        return {when: stretch(when, self._frame) for when in self._whens}

    def _asked_again(self, clauses: Iterable[Leaf]) -> dict[Leaf, Flip]:
        """Ask clauses anew, and return those that now say something else."""
        flipped: dict[Leaf, Flip] = {}
        for leaf in clauses:
            said = self._ask(leaf)
            if said is not self._said[leaf]:
                self._said[leaf] = said
                flipped[leaf] = Flip(leaf, self._before, self._frame, said)
        return flipped

    def _answer(self, name: str, flipped: dict[Leaf, Flip]) -> bool:
        """Answer a rule by its clauses, and let those that ask for this segment know."""
        holds_ = self.answers[name] = holds(self._rules[name].tree, self._said)
        if holds_ is not (name in self.person.segments):
            segments = self.person.segments ^ {name}
            self.person = msgspec.structs.replace(self.person, segments=segments)
            flipped |= self._asked_again(self._asks_segments)
        return holds_

    def _ask(self, leaf: Leaf) -> bool:
        return bool(local(leaf).holds(leaf, self.person, self._frame))


def _moving(leaf: Leaf) -> Sequence[Offset | Period]:
    """Return the dates of a clause that mean another day tomorrow."""
    tests = [leaf.test] if isinstance(leaf, Clause) else [parameter.test for parameter in leaf.parameters]
    return [value for test in tests for value in test.values if isinstance(value, Offset | Period)]


def _instants(person: Person) -> Iterator[Instant]:
    """Yield every moment that a date of a rule may be compared with: all that the records know."""
    for record in (person.customer, *person.orders, *person.checkouts):
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if name.endswith("_at") and value is not None:
                yield value
