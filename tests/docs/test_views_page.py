"""`docs/views.md` has every view with every column, and its questions can be asked."""

from __future__ import annotations

import re
import sqlite3
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from syncd.mirror import views
from syncd.mirror.opening import open_mirror
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("mirror") / "syncd.db"
    open_mirror(path).close()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        yield opened


def _section(view: str) -> str:
    return PAGE.partition(f"\n### {view}\n")[2].partition("\n### ")[0]


def test_the_page_has_every_view_in_their_order() -> None:
    assert re.findall(r"^### (v_\w+)$", PAGE, re.MULTILINE) == [view.name for view in views.VIEWS]


@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.name)
def test_the_page_has_every_column_that_the_file_has_and_says_what_it_is(
    view: views.View, raw: sqlite3.Connection
) -> None:
    documented = re.findall(r"^\| `(\w+)` \| (.+) \|$", _section(view.name), re.MULTILINE)
    found = [row[1] for row in raw.execute(f"PRAGMA table_info({view.name})")]

    assert [name for name, _ in documented] == found
    assert documented == [(column.name, column.about) for column in view.columns]
    assert view.about in _section(view.name)


def test_the_questions_on_the_page_can_be_asked(raw: sqlite3.Connection) -> None:
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)
    questions = [one for block in blocks for one in textwrap.dedent(block).split(";") if "SELECT" in one]

    assert len(questions) == 4
    for question in questions:
        raw.execute(question)
