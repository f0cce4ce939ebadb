"""The demo: the whole job, told on screen, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from syncd.cli.demo.folder import MARK
from tests.acceptance.place import Ended


def _demo(folder: Path, *typed: str) -> Ended:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
    ended = subprocess.run(
        [sys.executable, "-m", "syncd.cli", *typed],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=400,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, _demo(folder, "demo", "--customers", "400", "--json")


def _step(ended: Ended, key: str) -> Any:
    return next(it[key] for it in ended.json["steps"] if key in it)


def test_every_command_of_the_demo_succeeds(played: tuple[Path, Ended]) -> None:
    _, ended = played
    assert ended.code == 0, ended.err
    commands = [(it["typed"].split()[1], it["exit"]) for it in ended.json["steps"] if "typed" in it]
    assert commands == [("check", 0), ("plan", 0), ("sync", 0), ("sync", 0), ("sync", 0)]


def test_the_last_sync_of_the_demo_asks_once_for_each_kind_and_writes_nothing(played: tuple[Path, Ended]) -> None:
    shop_itself, kinds_of_the_shop, lists = 1, 4, 2
    customers_of_very_many_addresses = 2
    calls = _step(played[1], "calls")
    assert calls["reads"] <= shop_itself + kinds_of_the_shop + lists + customers_of_very_many_addresses
    assert calls["writes"] == 0


def test_the_people_of_the_demo_end_as_told(played: tuple[Path, Ended]) -> None:
    became = {it["email"]: it for it in _step(played[1], "became")}
    told = {it["what"]: became[it["email"]] for it in _step(played[1], "happened")}
    buyer = told["orders for the first time, for 1,249"]
    assert "big-spender" in buyer["shop_tags"]
    assert "First order" not in buyer["tags"]
    assert "lapsed" not in told["orders again after more than half a year"]["shop_tags"]
    assert told["unsubscribes from the mailing list"]["status"] == "unsubscribed"
    assert "Win back" not in told["takes back their consent in the shop"]["tags"]
    assert not told["is deleted from the shop"]["shop"]
    assert told["is deleted from the shop"]["tags"] == []
    assert told["signs up, and wants mail"]["status"] == "subscribed"
    assert "New this month" in told["signs up, and wants mail"]["tags"]


def test_the_folder_can_be_explored_without_the_services(played: tuple[Path, Ended]) -> None:
    folder = played[0] / "syncd-demo"
    for typed in (
        ("status",),
        ("segments",),
        ("members", "big-spenders"),
        ("runs",),
        ("runs", "3"),
        ("check", "--offline"),
    ):
        assert _demo(folder, *typed).code == 0


@pytest.mark.slow
def test_the_demo_tells_its_story_and_clears_only_its_own_folder(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / MARK).touch()
    (own / "left-over").touch()
    ended = _demo(tmp_path, "demo", "--customers", "300", "--folder", "own")
    assert ended.code == 0, ended.err
    assert not (own / "left-over").exists()
    for words in ("$ syncd sync --yes", "is deleted from the shop", "0 to write", "cd own", "syncd init"):
        assert words in ended.out


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "syncd-demo"
    theirs.mkdir()
    (theirs / "precious").write_text("mine")
    ended = _demo(tmp_path, "demo")
    assert ended.code == 1
    assert "--folder" in ended.err
    assert (theirs / "precious").read_text() == "mine"
