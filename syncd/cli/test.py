"""`syncd test`: are the people that the settings describe in the segments that they should be in?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import completion, failing, words
from syncd.cli.clauses import clause_table, mark
from syncd.cli.screen import Screen
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Fixture, Settings
    from syncd.cycle.trying import Expectation, Tried


def test(
    session: Session,
    *,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Settings files with [[tests]], or files of [[tests]] alone; left out: the settings file.",
            show_default=False,
            autocompletion=completion.settings_files,
        ),
    ] = None,  # noqa: PT028  # a command, not a test of ours
) -> int:
    """Check that the people described in [[tests]] are in the segments they should be in.

    Reads the settings alone: no store, no mirror, no secret; for CI, before a change of the file goes live. Exit code:
    0 all are, 1 some are not, 2 something in the file is wrong.
    """
    from syncd.cycle.trying import try_all  # noqa: PLC0415  # heavy

    tried = [
        it for settings, tests in _found(session, files or []) for it in try_all(settings, tests, session.clock.now())
    ]
    if session.json:
        session.screen.document(_document(tried))
    else:
        _tell(session.screen, tried)
    return failing.DONE if all(it.ok for it in tried) else failing.PARTLY


def _found(session: Session, files: list[str]) -> Iterator[tuple[Settings, tuple[Fixture, ...]]]:
    """Yield the tests with the settings that they are about: a file of tests alone is about the settings file."""
    from syncd.config import holds_tests_alone, load_tests  # noqa: PLC0415
    from syncd.wiring import read_settings  # noqa: PLC0415

    if not files:
        settings = session.settings(offline=True)
        yield settings, settings.tests
    for file in files:
        if holds_tests_alone(Path(file)):
            settings = session.settings(offline=True)
            yield settings, load_tests(Path(file), settings.segments)
        else:
            settings = read_settings(file, offline=True)
            yield settings, settings.tests


def _document(tried: list[Tried]) -> dict[str, Any]:
    return {
        "passed": sum(it.ok for it in tried),
        "failed": sum(not it.ok for it in tried),
        "tests": [
            {
                "name": it.name,
                "file": str(it.fixture.file),
                "line": it.fixture.line,
                "today": it.today,
                "ok": it.ok,
                "expectations": [_expectation(each) for each in it.expectations],
            }
            for it in tried
        ],
    }


def _expectation(it: Expectation) -> dict[str, Any]:
    return {
        "segment": it.segment,
        "expected": it.expected,
        "member": it.member,
        "ok": it.ok,
        "clauses": [
            {"text": clause.text, "value": clause.value, "holds": clause.holds, "decides": clause.decides}
            for clause in it.reason.clauses()
        ],
    }


def _tell(screen: Screen, tried: list[Tried]) -> None:
    if not tried:
        screen.say("There are no tests yet. A test is a person, and the segments that they should be in:")
        screen.say(_EXAMPLE, "cyan")
        return
    for it in tried:
        place = "" if it.ok else f"  {it.fixture.file}:{it.fixture.line}"
        screen.say(f"{mark(holds=it.ok)} {it.name}{place}", "green" if it.ok else "bold red")
        for each in it.expectations:
            if not each.ok:
                _tell_failed(screen, it, each)
        if not it.ok:
            screen.say()
    if tried[-1].ok:
        screen.say()
    failed = sum(not it.ok for it in tried)
    summary = f"{words.counted(len(tried) - failed, 'test')} passed"
    screen.say(
        f"{summary}, {words.number(failed)} failed" if failed else summary, "bold red" if failed else "bold green"
    )


def _tell_failed(screen: Screen, tried: Tried, it: Expectation) -> None:
    should, is_ = ("should be in", "is not") if it.expected else ("should not be in", "is")
    screen.say()
    screen.say(f"  {should} {it.segment} on {tried.today}, and {is_}:")
    screen.table(clause_table(it.reason, indent=2))


_EXAMPLE = """
  [[tests]]
  name = "a regular who ordered three weeks ago"
  in = ["repeat-buyers"]
  number_of_orders = 4
  orders = [{ date = "-20d", amount = "49.90" }]"""
