"""The screens of `docs/reports.md` are what the commands print."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from syncd.cli.app import app
from tests.support.screens import PAGE, shop, shown

SCREENS = shown(PAGE.read_text(encoding="utf-8"))


def test_the_page_shows_a_screen_of_each_report() -> None:
    (group,) = [it for it in app.registered_groups if it.typer_instance and it.typer_instance.info.name == "report"]
    reports = {it.name or it.callback.__name__ for it in group.typer_instance.registered_commands}  # type: ignore[union-attr]

    assert set(Counter(typed.split()[2] for typed, _ in SCREENS)) == reports


@pytest.mark.slow
def test_the_screens_on_the_page_are_what_the_commands_print(tmp_path: Path) -> None:
    with shop(tmp_path) as screen:
        for typed, on_the_page in SCREENS:
            assert screen(typed) == on_the_page, f"renew the page with: python -m tests.support.screens ({typed})"
