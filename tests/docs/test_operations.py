"""docs/operations.md explains every alert and every log line, and none that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from syncd.daemon.conditions import Code
from syncd.ports import Reach
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """Return the table under a heading: each row's cells by the name in its first."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {found[1]: row for row in cells if (found := re.fullmatch("`([^`]+)`", row[0]))}


def logged() -> Iterator[tuple[str, str]]:
    """Yield (event, level) of each line of code that logs; no level where it is decided there."""
    for path in Path(str(resources.files("syncd"))).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("log.get()."):
                level = ast.unparse(call.func).rpartition(".")[2]
                event = call.args[1] if level == "log" else call.args[0]
                yield from ((name, "" if level == "log" else level) for name in names(event))


def names(event: ast.expr) -> list[str]:
    if isinstance(event, ast.JoinedStr):
        assert ast.unparse(event) == "f'service_{reach}'"
        return [f"service_{reach}" for reach in Reach]
    assert isinstance(event, ast.Constant)
    return [str(event.value)]


def test_every_alert_is_explained_and_no_other() -> None:
    assert rows("Alerts and error codes").keys() == {code.value for code in Code}


def test_every_alert_says_what_to_do() -> None:
    assert [code for code, row in rows("Alerts and error codes").items() if len(row) != 3 or not row[2]] == []


def test_every_log_line_is_explained_and_no_other() -> None:
    assert rows("The log").keys() == {event for event, _ in logged()}


def test_the_levels_are_those_of_the_code() -> None:
    told = {event: row[1] for event, row in rows("The log").items()}

    assert {event: told[event] for event, level in logged() if level} == {
        event: level for event, level in logged() if level
    }


@pytest.mark.parametrize("page", ["operations.md", "commands.md", "install.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / "docs" / page).read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        found = ROOT / "docs" / (path or page)
        assert found.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", it.lower()).replace(" ", "-") for it in titles}, target
