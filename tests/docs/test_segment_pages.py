"""The segments that `docs/segments.md` shows are settings that load, and can be asked of a store."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.config import Settings, load
from syncd.cycle.choosing import chosen, lacking
from syncd.cycle.framing import framed
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments.days import PERIODS
from tests.support.household import CONNECTORS
from tests.unit.segments.shop import FRAME, SHOP

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "segments.md").read_text(encoding="utf-8")
ACCOUNTS = """
[stores.main]
kind = "memory"
[audiences.newsletter]
kind = "memory-list"
"""


def shown(section: str) -> str:
    """Return the settings that a section of the page shows."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE)
    return textwrap.dedent("".join(block for block in blocks if "[segments." in block))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path / "mirror.db")
    SHOP.save(opened, FRAME.store)
    yield opened
    opened.close()


def loaded(text: str, folder: Path) -> Settings:
    path = folder / "syncd.toml"
    path.write_text(ACCOUNTS + text, encoding="utf-8")
    return load(path, CONNECTORS, environ={})


@pytest.mark.parametrize(("section", "number"), [("People by address", 1), ("Ranks", 3)])
def test_the_segments_on_the_page_can_be_asked(section: str, number: int, mirror: Mirror, tmp_path: Path) -> None:
    settings = loaded(shown(section), tmp_path)
    assert settings.warnings == ()
    assert len(settings.segments) == number
    for it in settings.segments.values():
        frame = framed(mirror, it, FRAME)
        assert lacking(it, frame) == ()
        mirror.connection.execute(chosen(it, frame)).all()


@pytest.mark.parametrize("over", [*PERIODS, "-1d", "-2w", "-3m", "-1y"])
def test_a_rank_goes_over_any_period_and_back_from_today(over: str, mirror: Mirror, tmp_path: Path) -> None:
    rank = f'{{ by = "orders", over = "{over}", top = 1 }}'
    settings = loaded(f"""[segments.best]\nquery = "number_of_orders >= 0"\nrank = {rank}\n""", tmp_path)
    it = settings.segments["best"]
    assert len(mirror.connection.execute(chosen(it, framed(mirror, it, FRAME))).all()) <= 1
