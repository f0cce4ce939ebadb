"""The daemon's own file: one holder at a time, outlasts the holder, says whether it lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.errors import FatalError
from syncd.mirror.presence import Failing, Presence, State, presence
from tests.conftest import StillClock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "syncd.db"


def test_what_is_written_outlasts_the_daemon(database: Path, clock: StillClock) -> None:
    failing = {"backup": Failing(code="E-BACKUP", turns=2, since=1, why="no room")}
    held = Presence(database, clock)
    held.change(pid=7, told={"webhook": {"E-HELD vip": 5}}, failing=failing)
    held.change(doing="cycle")
    held.close()

    again = Presence(database, clock)
    assert again.state == State(pid=7, doing="cycle", told={"webhook": {"E-HELD vip": 5}}, failing=failing)
    again.close()


def test_only_one_daemon_holds_it(database: Path, clock: StillClock) -> None:
    held = Presence(database, clock)
    held.change(pid=7)
    with pytest.raises(FatalError, match="process 7"):
        Presence(database, clock)
    held.close()
    Presence(database, clock).close()


def test_whoever_looks_learns_whether_it_lives_and_leaves_nothing(database: Path, clock: StillClock) -> None:
    assert presence(database) is None
    assert list(database.parent.iterdir()) == []

    held = Presence(database, clock)
    held.change(pid=7)
    assert presence(database) == (State(pid=7), True)
    held.close()
    assert presence(database) == (State(pid=7), False)


def test_a_file_that_was_cut_off_is_as_good_as_new(database: Path, clock: StillClock) -> None:
    beside = database.with_name("syncd.db.daemon")
    beside.write_bytes(b'{"pid": 7, "told": {"web')
    held = Presence(database, clock)

    assert held.state == State()
    held.change(pid=8)
    held.close()
    assert beside.read_bytes().startswith(b'{"pid":8')
    assert beside.stat().st_mode & 0o777 in {0o600, 0o644}


def test_a_shorter_state_leaves_nothing_of_a_longer_one(database: Path, clock: StillClock) -> None:
    held = Presence(database, clock)
    held.change(doing="x" * 500)
    held.change(doing="")

    assert presence(database) == (State(), True)
    held.close()
