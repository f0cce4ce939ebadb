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

from syncd.model import ON_DEMAND, Instant
from syncd.segments.catalogue import SEGMENTS, known, local
from syncd.segments.days import Offset, Period, Stretch, Unit, day_of, shift, start_of, stretch, today
from syncd.segments.frame import By, Frame, Person
from syncd.segments.reasons import deciding, holds
from syncd.segments.rule import Rule
from syncd.segments.tree import Clause, Leaf, leaves

AHEAD = 3 * 366
"""Days looked ahead: three years."""


class Asked(msgspec.Struct, frozen=True):
    """A segment's rule, and what a member of it is."""

    rule: Rule
    by: By = "customer"


class Seat(msgspec.Struct, frozen=True):
    """Somebody for whom rules are read: a customer record, or everybody of its address (`frame.by`).

    Attributes:
        person: Whose `segments` count where these are not among the rules read.
        frame: Of today, with what the rules need to be measured.
    """

    person: Person
    frame: Frame


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
    """What the rules about one seat say today, and when time alone will change that.

    Attributes:
        answers: By segment.
        turns: By segment; one that does not change in the time looked at is absent.
        person: With the segments that the answers put them in.
    """

    answers: Mapping[str, bool]
    turns: Mapping[str, Turn]
    person: Person


def outlook(rules: Mapping[str, Asked], seats: Sequence[Seat], *, ahead: int = AHEAD) -> list[Outlook]:
    """Read rules for a person, today and on days to come.

    Args:
        rules: By segment; each after those that it asks for (`segments CONTAINS …`).
        seats: All of one person in one store, at one moment: what a record is in counts for its address, and what an
            address is in for its records.
        ahead: How many days are looked at.

    Returns:
        One outlook for each seat, on the rules whose members are what the seat is.
    """
    readers = [_Reader(seat, {name: it.rule for name, it in rules.items() if it.by == seat.frame.by}) for seat in seats]
    _answer(rules, readers)
    for reader in readers:
        reader.settle()
    for day in _days(seats[0].frame, ahead) if any(reader.restless for reader in readers) else ():
        for reader in readers:
            reader.move_to(day)
        if any(reader.flipped for reader in readers):
            _answer(rules, readers)
            for reader in readers:
                reader.note(day)
        if all(reader.done for reader in readers):
            break
    return [Outlook(reader.first, reader.turns, reader.today) for reader in readers]


def _days(frame: Frame, ahead: int) -> Iterator[date]:
    """Yield the days to come. One that the zone has skipped (Apia had no 30 December 2011) is none."""
    first = today(frame)
    for count in range(1, ahead + 1):
        day = shift(first, count, Unit.DAYS)
        if day_of(start_of(day, frame.zone), frame.zone) == day:
            yield day


def _answer(rules: Mapping[str, Asked], readers: Sequence[_Reader]) -> None:
    """Answer rule by rule, and let those that come after know who is in: an address is where a record of it is."""
    for name, asked in rules.items():
        own = [reader for reader in readers if reader.frame.by == asked.by]
        answers = [reader.answer(name) for reader in own]
        for reader, answer in zip(own, answers, strict=True):
            reader.sit(name, inside=answer)
        for reader in readers:
            if reader.frame.by != asked.by:
                reader.sit(name, inside=any(answers))


class _Reader:
    """Reads the rules about one seat day by day, each clause anew only when it may have changed.

    Attributes:
        flipped: The clauses that changed on the present day.
        first: The answers of today; `turns`: the first change of each; `today`: the person as of today.
    """

    def __init__(self, seat: Seat, rules: Mapping[str, Rule]) -> None:
        self.person = self.today = seat.person
        self.frame = self._before = seat.frame
        self.answers: dict[str, bool] = {}
        self.first: dict[str, bool] = {}
        self.turns: dict[str, Turn] = {}
        self.flipped: dict[Leaf, Flip] = {}
        self._rules = rules
        clauses = list(dict.fromkeys(leaf for rule in rules.values() for leaf in leaves(rule.tree)))
        self._about_segments = [leaf for leaf in clauses if leaf.filter == SEGMENTS]
        self._dates = {leaf: _moving(leaf) for leaf in clauses}
        self._daily = {leaf for leaf in clauses if known(leaf).daily or (self._dates[leaf] and _hanging(leaf))}
        self._whens = {when for dates in self._dates.values() for when in dates}
        self._instants = sorted(_instants(seat.person))
        self._stretches = self._all_stretches()
        self._said = {leaf: self._ask(leaf) for leaf in clauses}

    @property
    def restless(self) -> bool:
        """Whether any clause can change by time alone."""
        return bool(self._whens or self._daily)

    @property
    def done(self) -> bool:
        """Whether every rule has had its turn."""
        return len(self.turns) == len(self._rules)

    def answer(self, name: str) -> bool:
        """Answer a rule by what its clauses say."""
        self.answers[name] = holds(self._rules[name].tree, self._said)
        return self.answers[name]

    def sit(self, name: str, *, inside: bool) -> None:
        """Put the person into a segment, or out of it, and ask the clauses about segments again."""
        if inside is not (name in self.person.segments):
            self.person = msgspec.structs.replace(self.person, segments=self.person.segments ^ {name})
            self._ask_again(self._about_segments)

    def settle(self) -> None:
        """Take what was answered as today's."""
        self.first, self.today, self.flipped = dict(self.answers), self.person, {}

    def move_to(self, day: date) -> None:
        """Go on to a day, and ask the clauses again that may say something else there."""
        self._before = self.frame
        self.frame = msgspec.structs.replace(self.frame, now=start_of(day, self.frame.zone))
        self.flipped = {}
        before, self._stretches = self._stretches, self._all_stretches()
        moved = {when for when, now in self._stretches.items() if self._passes(before[when], now)}
        self._ask_again(leaf for leaf, dates in self._dates.items() if leaf in self._daily or moved.intersection(dates))

    def note(self, day: date) -> None:
        """Keep the rules whose answers are another one for the first time, with the clauses that made it so."""
        for name, answer in self.answers.items():
            if name not in self.turns and answer is not self.first[name]:
                decided = dict.fromkeys(deciding(self._rules[name].tree, self._said))
                self.turns[name] = Turn(
                    day, answer, tuple(self.flipped[leaf] for leaf in decided if leaf in self.flipped)
                )

    def _ask_again(self, clauses: Iterable[Leaf]) -> None:
        for leaf in clauses:
            said = self._ask(leaf)
            if said is not self._said[leaf]:
                self._said[leaf] = said
                self.flipped[leaf] = Flip(leaf, self._before, self.frame, said)

    def _ask(self, leaf: Leaf) -> bool:
        return bool(local(leaf).holds(leaf, self.person, self.frame))

    def _passes(self, before: Stretch, now: Stretch) -> bool:
        """Tell whether an end of a stretch moved past something that happened to the person."""
        return any(
            bisect_left(self._instants, min(ends)) < bisect_left(self._instants, max(ends))
            for ends in zip(before, now, strict=True)
        )

    def _all_stretches(self) -> dict[Offset | Period, Stretch]:
        return {when: stretch(when, self.frame) for when in self._whens}


def _moving(leaf: Leaf) -> Sequence[Offset | Period]:
    """Return the dates of a clause that mean another day tomorrow."""
    tests = [leaf.test] if isinstance(leaf, Clause) else [parameter.test for parameter in leaf.parameters]
    return [value for test in tests for value in test.values if isinstance(value, Offset | Period)]


def _hanging(leaf: Leaf) -> bool:
    """Tell whether a clause looks at days that are not among the instants of records."""
    return bool(known(leaf).kinds & ON_DEMAND)


def _instants(person: Person) -> Iterator[Instant]:
    """Yield every moment that a date of a rule may be compared with: all that the records know."""
    for record in (*person.records, *person.orders, *person.checkouts):
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if name.endswith("_at") and value is not None:
                yield value
