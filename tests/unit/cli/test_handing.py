"""Which commands the daemon runs for others, and what it never does for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer

from syncd.cli import handing
from syncd.cli.app import app
from syncd.cli.failing import UsageError
from syncd.control import HANDED
from syncd.control.wire import COMMANDS, can_be_handed_over

GROUP: Any = typer.main.get_command(app)
STAY = {"demo", "init", "restore", "run", "sandbox", "test"}


def _acting_for(monkeypatch: pytest.MonkeyPatch, command: str, *typed: str) -> None:
    monkeypatch.setenv(HANDED, json.dumps([command, typed]))
    monkeypatch.setenv("SYNCD_CONFIG", "/etc/syncd/syncd.toml")


def test_of_every_command_it_is_decided_whether_it_is_handed_over() -> None:
    assert COMMANDS.isdisjoint(STAY)
    assert set(GROUP.commands) == COMMANDS | STAY | {"report"}
    assert all(can_be_handed_over(f"report {name}") for name in GROUP.commands["report"].commands)


def test_every_option_that_names_a_file_to_write_is_refused_from_afar() -> None:
    options = [
        (option.name, option)
        for command in [*GROUP.commands.values(), *GROUP.commands["report"].commands.values()]
        if command.name not in STAY
        for option in command.params
        if option.param_type_name == "option" and "FILE" in (option.metavar or "") and option.name != "config"
    ]
    assert {name for name, _ in options} | {"append"} == set(handing._FILES)


@pytest.mark.parametrize("command", sorted(STAY))
def test_a_process_that_acts_for_a_caller_refuses_what_is_not_for_them(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    _acting_for(monkeypatch, command)
    with pytest.raises(UsageError, match=f"syncd {command} is no command for the daemon"):
        handing.held_to(command, {})


def test_it_refuses_another_command_than_the_daemon_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _acting_for(monkeypatch, "status", "forget", "somebody")
    with pytest.raises(UsageError):
        handing.held_to("forget", {})


@pytest.mark.parametrize("option", sorted(handing._FILES))
def test_it_writes_no_file(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    _acting_for(monkeypatch, "backup")
    with pytest.raises(UsageError, match="writes no files for others"):
        handing.held_to("backup", {option: "place"})
    assert handing.held_to("backup", {option: None}) == "/etc/syncd/syncd.toml"


def test_it_prints_what_could_be_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _acting_for(monkeypatch, "report leaderboard")
    assert handing.held_to("report leaderboard", {"html": "-"}) == "/etc/syncd/syncd.toml"


def test_it_hands_nothing_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _acting_for(monkeypatch, "status")
    assert handing.elsewhere(None, "status", {}) is None


def test_it_takes_the_words_from_the_daemon_and_installs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _acting_for(monkeypatch, "status", "--install-completion", "status", "--json")
    assert handing.typed() == ["status", "--json"]


def test_any_other_process_is_held_to_nothing() -> None:
    assert handing.held_to("run", {}) is None
