"""A file that cannot be trusted is found out before anything rests on it, and said with the way back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from syncd.errors import FatalError
from syncd.mirror import backups, care, database, ledger, opening, runs, soundness, stores
from syncd.mirror.database import connect
from syncd.mirror.opening import HEAD, open_mirror
from syncd.mirror.soundness import EVERY, look_over
from syncd.model import Action, Change

NOON = 1_795_000_000
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syncd.db"


def filled(path: Path, rows: int = 300) -> None:
    with closing(open_mirror(path)) as mirror, mirror.transaction():
        mirror.raw.executemany(
            "INSERT INTO memos VALUES ('main', ?, ?)", ((f"k{number}", "v" * 500) for number in range(rows))
        )


@pytest.mark.parametrize(
    "wound",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-PAGE],
        lambda whole: whole[:50],
        lambda whole: b"\0" * len(whole),
        lambda whole: b"#!/bin/sh\n" * 5000,
    ],
    ids=["half", "one page short", "only its beginning", "zeros", "something else"],
)
def test_a_file_that_was_cut_off_or_overwritten_is_not_opened(path: Path, wound: Callable[[bytes], bytes]) -> None:
    filled(path)
    path.write_bytes(wound(path.read_bytes()))

    with pytest.raises(FatalError, match="is damaged") as caught:
        open_mirror(path)

    assert "syncd restore" in caught.value.hint


def test_an_empty_file_is_a_new_mirror(path: Path) -> None:
    path.touch()

    with closing(open_mirror(path)) as mirror:
        assert opening._revision(mirror) == HEAD


def test_a_file_whose_newest_pages_are_still_in_its_log_is_whole(path: Path, tmp_path: Path) -> None:
    filled(path)
    with closing(connect(path)) as mirror:
        mirror.raw.execute("PRAGMA wal_autocheckpoint = 0")
        stores.Memo(mirror, "main")["last"] = "x" * 50_000
        for end in ("", "-wal"):
            (tmp_path / f"copy.db{end}").write_bytes(path.with_name(path.name + end).read_bytes())

    with closing(open_mirror(tmp_path / "copy.db")) as copied:
        assert len(stores.Memo(copied, "main")["last"]) == 50_000


@pytest.mark.parametrize("log", [b"", b"garbage" * 5000])
def test_a_log_that_is_missing_or_garbled_leaves_the_last_whole_state(path: Path, tmp_path: Path, log: bytes) -> None:
    filled(path, 3)
    with closing(connect(path)) as mirror:
        stores.Memo(mirror, "main")["last"] = "not folded in yet"
        (tmp_path / "copy.db").write_bytes(path.read_bytes())
        (tmp_path / "copy.db-wal").write_bytes(log)

    with closing(open_mirror(tmp_path / "copy.db")) as copied:
        assert sorted(stores.Memo(copied, "main")) == ["k0", "k1", "k2"]


def scratched(path: Path) -> None:
    """Overwrite a page in the middle, as a failing disk does."""
    whole = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as raw:
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'memos'").fetchone()
    whole[(root - 1) * PAGE : root * PAGE] = b"\xff" * PAGE
    path.write_bytes(whole)


def test_a_page_that_was_overwritten_is_found_by_the_check_of_the_whole_file(path: Path) -> None:
    filled(path)
    scratched(path)

    with closing(open_mirror(path)) as mirror, pytest.raises(FatalError, match="is damaged"):
        look_over(mirror, NOON)


def test_the_whole_file_is_checked_once_a_week_and_after_a_run_that_did_not_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_mirror(path)) as mirror:
        for at in (NOON, NOON + 60, NOON + EVERY, NOON + 60):
            look_over(mirror, at)
            monkeypatch.setattr(soundness, "damaged", AssertionError)
        assert care.when(mirror, "checked") == NOON + 60

        look_over(mirror, NOON + 120)
        assert care.when(mirror, "checked") == NOON + 60
        runs.begin(mirror, "sync", NOON + 120)
        look_over(mirror, NOON + 130)
        assert care.when(mirror, "checked") == NOON + 130


def test_a_copy_is_checked_whole_before_it_is_built_upon(path: Path, tmp_path: Path) -> None:
    filled(path)
    with closing(open_mirror(path)) as mirror:
        look_over(mirror, NOON)
    scratched(path)
    (tmp_path / "copy.db").write_bytes(path.read_bytes())

    with closing(open_mirror(tmp_path / "copy.db")) as mirror, pytest.raises(FatalError, match="is damaged"):
        look_over(mirror, NOON + 60)


@pytest.fixture
def locked(path: Path) -> Iterator[Path]:
    """A mirror that a database browser holds."""
    filled(path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield path


def test_a_file_that_another_program_holds_is_said_to_be_locked(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)

    with pytest.raises(FatalError, match="is locked by another program"):
        connect(locked)


def test_what_a_connector_remembers_fails_in_words_as_everything_does(path: Path) -> None:
    filled(path, 1)
    with closing(open_mirror(path)) as mirror:
        mirror.raw.execute("PRAGMA query_only = ON")

        with pytest.raises(FatalError, match="cannot be written"):
            stores.Memo(mirror, "main")["token"] = "x"


def test_a_disk_that_is_full_keeps_what_was_there(path: Path) -> None:
    filled(path, 3)
    with closing(open_mirror(path)) as mirror:
        pages = mirror.raw.execute("PRAGMA page_count").fetchone()[0]
        mirror.raw.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(FatalError, match="is full"):
            stores.Memo(mirror, "main")["big"] = "x" * 100_000
        with pytest.raises(FatalError, match="is full"), mirror.transaction():
            mirror.raw.execute("INSERT INTO memos VALUES ('main', 'big', zeroblob(100000))")

    with closing(open_mirror(path)) as mirror:
        assert sorted(stores.Memo(mirror, "main")) == ["k0", "k1", "k2"]
        look_over(mirror, NOON)


def _upgrade_to(step: str, mirror: database.Mirror) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    config.attributes["connection"] = mirror.connection
    command.upgrade(config, step)


def test_what_is_about_to_be_sent_is_on_the_disk_before(path: Path) -> None:
    said: list[str] = []
    with closing(open_mirror(path)) as mirror:
        mirror.raw.set_trace_callback(said.append)
        ledger.intend(
            mirror, [Change(target="main", label="vip", segment="vips", subject="1", action=Action.ADD)], 1, 2
        )
        mirror.raw.set_trace_callback(None)
        assert mirror.raw.execute("PRAGMA synchronous").fetchone() == (1,)

    words = [" ".join(statement.split()[:4]) for statement in said]
    assert [word for word, _ in groupby(words)] == [  # a statement is told again for each trigger that it fires
        "PRAGMA synchronous = FULL", "BEGIN IMMEDIATE", "INSERT INTO ledger (target,", "COMMIT",
        "PRAGMA synchronous = NORMAL",
    ]  # fmt: skip


def of_the_first_release(path: Path) -> None:
    """Make a database as the first release did, with somebody in it."""
    with closing(connect(path)) as mirror:
        _upgrade_to("0001", mirror)
        with mirror.transaction():
            mirror.raw.execute("INSERT INTO memos VALUES ('main', 'kept', 'yes')")
            mirror.raw.execute("INSERT INTO ledger VALUES ('main', 'vip', '7', 'owned', 'vips', 1, 5)")
            mirror.raw.execute("INSERT INTO cursors VALUES ('main', 'customers', 9, 7, 1, 10, NULL, '')")
            mirror.raw.execute("INSERT INTO runs VALUES (1, 'sync', 4, 6, 'done', '{}')")


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as raw:
        queries = {
            "memos": "SELECT * FROM memos",
            "ledger": "SELECT target, label_key, subject, state, segment, run, at FROM ledger",
            "cursors": "SELECT owner, feed, at, id, complete FROM cursors",
            "runs": "SELECT run, command, result FROM runs",
        }
        return {name: raw.execute(query).fetchall() for name, query in queries.items()}


def test_a_database_of_the_first_release_is_migrated_whole_after_a_copy_was_made(path: Path) -> None:
    of_the_first_release(path)
    before = content(path)
    assert before["ledger"] == [("main", "vip", "7", "owned", "vips", 1, 5)]

    open_mirror(path).close()

    assert content(path) == before
    (copy,) = backups.listed(path)
    assert (copy.why, content(copy.path)) == (f"before-{HEAD}", before)
    assert backups.contents(copy.path).step == "0001"
    with closing(open_mirror(path)) as mirror:
        assert opening._revision(mirror) == HEAD
        look_over(mirror, NOON)


def test_a_backup_of_the_first_release_can_be_gone_back_to(path: Path) -> None:
    from syncd.mirror.restoring import restore  # noqa: PLC0415

    of_the_first_release(path)
    before = content(path)
    open_mirror(path).close()
    (copy,) = backups.listed(path)

    restore(path, copy, NOON)

    assert content(path)["ledger"] == before["ledger"]
    with closing(open_mirror(path)) as mirror:
        assert opening._revision(mirror) == HEAD
    assert len(backups.listed(path)) == 1


def test_a_migration_that_is_cut_off_leaves_the_old_tables_as_they_were(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_first_release(path)
    before = content(path)
    upgrade = command.upgrade

    def cut_off(config: Config, revision: str) -> None:
        upgrade(config, "0003")
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", cut_off)
    with pytest.raises(KeyboardInterrupt):
        open_mirror(path)
    monkeypatch.undo()

    with closing(connect(path)) as mirror:
        assert opening._revision(mirror) == "0001"
    open_mirror(path).close()
    assert content(path) == before
