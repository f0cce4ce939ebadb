"""What hurt others, and what holds it off here: every row names tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAINS = frozenset(range(1, 51))
FAILURES = frozenset(range(1, 28))
_ROW = re.compile(r"^\| (\d+) \|(.+)\|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _rows(page: str) -> dict[int, str]:
    found = _ROW.findall((ROOT / "docs" / page).read_text())
    rows = {int(number): rest for number, rest in found}
    assert len(rows) == len(found), "a number stands twice"
    return rows


@cache
def _names(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    functions = {it.name for it in ast.walk(tree) if isinstance(it, ast.FunctionDef | ast.ClassDef)}
    assigned = {
        it.targets[0].id for it in tree.body if isinstance(it, ast.Assign) and isinstance(it.targets[0], ast.Name)
    }
    return frozenset(functions | assigned)


@pytest.mark.parametrize(("page", "numbers"), [("pains.md", PAINS), ("failures.md", FAILURES)])
def test_every_row_is_there_and_names_a_test(page: str, numbers: frozenset[int]) -> None:
    rows = _rows(page)

    assert rows.keys() == numbers
    assert [number for number, rest in rows.items() if not _TEST.search(rest)] == []


@pytest.mark.parametrize("page", ["pains.md", "failures.md"])
def test_every_test_that_is_named_exists(page: str) -> None:
    named = _TEST.findall("\n".join(_rows(page).values()))

    missing = [f"{path}::{name}" for path, name in named if name not in _names(ROOT / path)]

    assert missing == []
