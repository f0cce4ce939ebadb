"""Logs tell where an error came from, and never what was being worked on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from syncd import log
from syncd.errors import FatalError

CANARY = "zoe.canary@person.example"


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def _raise(address: str) -> None:
    local = {"address": address}
    raise KeyError(local["address"])


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("told", [True, "error"])
def test_a_logged_error_shows_its_lines_and_no_value(
    form: log.Format, told: bool | str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(form, logging.DEBUG)
    try:
        _raise(CANARY)
    except KeyError as error:
        log.get().debug("odd", exc_info=error if told == "error" else True)

    said = capsys.readouterr().err

    assert "builtins.KeyError" in said
    assert "in _raise" in said
    assert CANARY not in said


def test_the_words_of_our_own_errors_are_told_and_of_others_never() -> None:
    try:
        try:
            _raise(CANARY)
        except KeyError as error:
            raise FatalError("the store main failed") from error
    except FatalError as error:
        told = log.frames(error)

    assert "FatalError: the store main failed" in told
    assert "builtins.KeyError\n" in told
    assert CANARY not in told


def test_each_line_has_its_priority_where_the_journal_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w+") as journal:
        found = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        monkeypatch.setattr("sys.stderr", journal)
        log.configure("json", logging.INFO)
        log.get().warning("held", target="news", run=3)
        log.get().info("cycle")
        journal.seek(0)
        lines = journal.read().splitlines()

    assert [line[:3] for line in lines] == ["<4>", "<6>"]
    assert list(json.loads(lines[0][3:]))[:5] == ["timestamp", "level", "event", "run", "target"]


def test_nobody_else_sees_priorities(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    log.configure("json", logging.INFO)
    log.get().warning("held")

    assert capsys.readouterr().err.startswith("{")
