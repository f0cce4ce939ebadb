"""`[[tests]]`: people whom a merchant describes, and the segments that they expect them in.

They stand in the settings file beside the segments, or in a file of their own that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from syncd.config.document import parse, read
from syncd.config.findings import Findings, nearest
from syncd.config.fixture_tables import FixtureTable
from syncd.config.keys import KeyPath
from syncd.config.reading import settled
from syncd.config.tables import SegmentTable
from syncd.errors import ConfigError
from syncd.segments import Rule

if TYPE_CHECKING:
    from syncd.config.settings import SegmentSettings

SECTION = "tests"
Segments = Mapping[str, tuple[SegmentTable, Rule | None]]
"""Each segment of the settings with its rule; None where the query is wrong, which is told elsewhere."""


class Fixture(msgspec.Struct, frozen=True):
    """A test that can be run.

    Attributes:
        table: The person, and what is expected.
        file: Where it stands.
        index: The how-manieth test of its file it is, from 0.
    """

    table: FixtureTable
    file: Path
    index: int

    @property
    def line(self) -> int:
        """The line where it begins; 0 where the file has changed since. Reads the file again."""
        from syncd.config.positions import Positions  # noqa: PLC0415  # only for what failed

        return Positions(read(self.file)).line((SECTION, self.index))


def fixtures(section: object, segments: Segments, file: Path, findings: Findings) -> tuple[Fixture, ...]:
    """Read the tests of a file; what is wrong is kept as findings."""
    if not isinstance(section, list):
        findings.add((SECTION,), "must be a list of tables", "begin each test with [[tests]]")
        return ()
    found = []
    for index, table in enumerate(section):
        if isinstance(table, dict):
            found.append(Fixture(_fixture(table, (SECTION, index), segments, findings), file, index))
        else:
            findings.add((SECTION, index), "must be a table", "begin each test with [[tests]]")
    return tuple(found)


def holds_tests_alone(path: Path) -> bool:
    """Tell whether a file holds tests and nothing else; one that holds more is a settings file.

    Raises:
        ConfigError: It is missing, or not TOML.
    """
    return parse(path, read(path)).keys() == {SECTION}


def load_tests(path: Path, segments: Mapping[str, SegmentSettings]) -> tuple[Fixture, ...]:
    """Return the tests of a file that holds nothing else, about the segments of some settings.

    Raises:
        ConfigError: It is missing, not TOML or wrong.
    """
    text = read(path)
    findings = Findings(str(path), text)
    known = {name: (it, it.rule) for name, it in segments.items()}
    found = fixtures(parse(path, text).get(SECTION, []), known, path, findings)
    if problems := findings.problems():
        raise ConfigError(problems)
    return found


def _fixture(table: Mapping[str, Any], path: KeyPath, segments: Segments, findings: Findings) -> FixtureTable:
    fixture = settled(FixtureTable, table, path, findings)
    if not table.get("in") and not table.get("not_in"):
        findings.add(path, "expects nothing", 'add in = ["…"] or not_in = ["…"]')
    for key, names in (("in", fixture.inside), ("not_in", fixture.not_in)):
        for index, name in enumerate(names):
            place = (*path, key, index)
            if name not in segments:
                findings.add(
                    place, f"there is no segment {name!r}", nearest(name, segments) or f"add [segments.{name}]"
                )
            elif key == "not_in" and name in fixture.inside:
                findings.add(place, f"{name!r} stands in both in and not_in", "keep one of them")
            else:
                _answerable(name, fixture, place, segments, findings)
    return fixture


def _answerable(name: str, fixture: FixtureTable, place: KeyPath, segments: Segments, findings: Findings) -> None:
    """Keep a finding where a person alone does not tell whether they are in a segment."""
    for asked in _needed(name, segments):
        table, rule = segments[asked]
        which = repr(name) if asked == name else f"{name!r} asks for {asked!r}, which"
        if table.rank is not None:
            findings.add(place, f"{which} is a rank: it depends on everybody else", "leave it out of the test")
        elif table.asks_store:
            findings.add(place, f"{which} is answered by the store itself", "leave it out of the test")
        for scale in sorted(rule.scales) if rule else ():
            if getattr(fixture, f"{scale}_percentile") is None:
                message = f"{which} compares with the store's buyers, and the test does not say where they stand"
                findings.add(place, message, f"add {scale}_percentile = 90 to the test: 90 of 100 buyers are below")


def _needed(name: str, segments: Segments) -> Iterator[str]:
    """Yield a segment and all that its rule asks for, however far round, each once."""
    waiting, seen = [name], set[str]()
    while waiting:
        asked = waiting.pop()
        if asked not in seen and asked in segments:
            seen.add(asked)
            yield asked
            rule = segments[asked][1]
            waiting.extend(sorted(rule.segments) if rule else ())
