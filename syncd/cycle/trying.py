"""Tests of the segments: are the people whom a merchant describes where they expect them? Only settings are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from syncd.config import Fixture, Settings
from syncd.cycle.described_people import frame_of_test, person_of_test
from syncd.cycle.framing import in_order, needed
from syncd.model import Instant
from syncd.segments import Person
from syncd.segments.days import day_of
from syncd.segments.frame import Frame
from syncd.segments.outlook import Asked, Outlook, Seat, outlook
from syncd.segments.reasons import Reason, reasons


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """One segment that a person should be in or not, and what came of it.

    Attributes:
        expected: Whether they should be in it.
        member: Whether they are.
        reason: The rule's clauses, and what came of each.
    """

    segment: str
    expected: bool
    member: bool
    reason: Reason

    @property
    def ok(self) -> bool:
        """Whether it came as expected."""
        return self.expected is self.member


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A test that was run: its day, and what came of each expectation."""

    fixture: Fixture
    today: str
    expectations: tuple[Expectation, ...]

    @property
    def ok(self) -> bool:
        """Whether everything came as expected."""
        return all(it.ok for it in self.expectations)

    @property
    def name(self) -> str:
        """What the test is about, or its number."""
        return self.fixture.table.name or f"test {self.fixture.index + 1}"


def try_all(settings: Settings, tests: Sequence[Fixture], now: Instant) -> Iterator[Tried]:
    """Run tests against the segments of some settings; `now` tells the day of those that name none.

    Days are those of the settings' zone, of UTC where they name none: each store's own is not known here.
    """
    zone = ZoneInfo(settings.syncd.timezone or "UTC")
    today = day_of(now, zone)
    for fixture in tests:
        frame = frame_of_test(fixture.table, today, zone, settings.syncd.week_starts)
        person = person_of_test(fixture.table, today, frame)
        expected = {
            **dict.fromkeys(fixture.table.inside, True),
            **dict.fromkeys(fixture.table.not_in, False),
        }
        yield Tried(
            fixture=fixture,
            today=day_of(frame.now, zone).isoformat(),
            expectations=tuple(_expectations(settings, expected, person, frame)),
        )


def _expectations(settings: Settings, expected: dict[str, bool], person: Person, frame: Frame) -> Iterator[Expectation]:
    by_address = msgspec.structs.replace(frame, by="email")
    frames = {"customer": frame, "email": by_address}
    read = needed(settings.segments, expected)
    rules = {it.name: Asked(it.rule, it.by) for it in in_order(settings.segments) if it.name in read}
    seen: dict[str, Outlook] = dict(
        zip(frames, outlook(rules, [Seat(person, each) for each in frames.values()], ahead=0), strict=True)
    )
    for name, wanted in expected.items():
        it = settings.segments[name]
        outcome = seen[it.by]
        yield Expectation(
            segment=name,
            expected=wanted,
            member=outcome.answers[name],
            reason=reasons(it.rule, outcome.person, frames[it.by]),
        )
