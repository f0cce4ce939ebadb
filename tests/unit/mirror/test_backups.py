"""Backups: whole, private, few; and the way back, which leaves either the old mirror or the new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from syncd.errors import FatalError
from syncd.mirror import backups, care, ledger, restoring, runs
from syncd.mirror.database import Mirror
from syncd.mirror.opening import HEAD, open_mirror
from syncd.mirror.restoring import restore

NOON = 1_795_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syncd.db"


@pytest.fixture
def mirror(path: Path) -> Iterator[Mirror]:
    made = open_mirror(path)
    yield made
    made.close()


def remember(mirror: Mirror, key: str) -> None:
    with mirror.transaction():
        mirror.raw.execute("INSERT OR REPLACE INTO memos VALUES ('main', ?, 'yes')", (key,))


def remembered(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as raw:
        return {key for (key,) in raw.execute("SELECT key FROM memos")}


def newest(path: Path) -> backups.Backup:
    return backups.listed(path)[0]


def test_a_backup_is_one_private_file_named_with_its_hour(mirror: Mirror, path: Path) -> None:
    remember(mirror, "first")

    made = backups.make(mirror, NOON)

    assert made == path.parent / "backups" / "syncd.db.20261118T110640Z.bak"
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert [it.name for it in made.parent.iterdir()] == [made.name]
    assert remembered(made) == {"first"}


def test_a_backup_holds_one_moment_while_another_process_goes_on_writing(
    mirror: Mirror, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_PAGES", 1)
    remember(mirror, "before")
    with closing(sqlite3.connect(path)) as other:
        copied = 0

        class Watching(sqlite3.Connection):
            def backup(self, target: sqlite3.Connection, **options: int) -> None:  # type: ignore[override]
                def write(_status: int, _left: int, _total: int) -> None:
                    nonlocal copied
                    copied += 1
                    other.execute("INSERT OR REPLACE INTO memos VALUES ('main', ?, 'yes')", (f"during {copied}",))
                    other.commit()

                super().backup(target, progress=write, **options)

        with closing(sqlite3.connect(path, factory=Watching, isolation_level=None)) as source:
            backups.copy(source, path.with_name("copy.db"))

    assert copied > 10
    assert remembered(path.with_name("copy.db")) == {"before"}
    assert len(remembered(path)) == copied + 1


def test_a_backup_goes_where_it_is_asked_to(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()

    assert backups.make(mirror, NOON, tmp_path / "mine.bak") == tmp_path / "mine.bak"
    assert backups.make(mirror, NOON, tmp_path / "elsewhere").parent == tmp_path / "elsewhere"
    assert backups.listed(mirror.path) == []


def test_a_backup_that_cannot_be_written_says_so_and_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="does not exist"):
        backups.make(mirror, NOON, tmp_path / "nowhere" / "mine.bak")

    assert not list(tmp_path.rglob("*.part"))


def test_only_the_newest_backups_are_kept_and_what_a_kill_left_goes_too(mirror: Mirror, path: Path) -> None:
    made = [backups.make(mirror, NOON + day * 86_400) for day in range(5)]
    left = made[0].with_name(f"{made[0].name}.999999999.part")
    left.touch()
    named_by_hand = made[0].with_name("syncd.db.mine.bak")
    named_by_hand.touch()

    gone = backups.prune(path, 2)

    assert sorted(gone) == made[:3]
    assert set(made[0].parent.iterdir()) == {*made[3:], named_by_hand}


def test_every_copy_of_the_mirror_is_known_for_an_erasure(mirror: Mirror, path: Path) -> None:
    first = backups.make(mirror, NOON)
    second = backups.make(mirror, NOON, why="before-0006")
    mirror.close()
    restore(path, backups.described(first), NOON + 60)
    (path.parent / "syncd.db.restoring").touch()

    assert set(backups.copies(path)) == {
        first, second, backups.named(path, NOON + 60, "replaced"), path.parent / "syncd.db.restoring"
    }  # fmt: skip


def test_a_restore_brings_back_what_was_and_keeps_what_it_replaces(mirror: Mirror, path: Path) -> None:
    remember(mirror, "before")
    backups.make(mirror, NOON)
    remember(mirror, "after")
    mirror.close()

    done = restore(path, newest(path), NOON + 60)

    assert remembered(path) == {"before"}
    assert done.kept is not None
    assert remembered(done.kept) == {"before", "after"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("syncd.db-wal").exists()
    with closing(open_mirror(path)) as opened:
        assert care.when(opened, "restored") == NOON + 60


def test_what_was_done_at_the_services_does_not_go_back(mirror: Mirror, path: Path) -> None:
    note = "INSERT INTO ledger VALUES ('main', 'vip', ?, ?, 'vips', 1, 1)"
    with mirror.transaction():
        mirror.raw.execute(note, ("1", "owned"))
        mirror.raw.execute(note, ("2", "owned"))
    run = runs.begin(mirror, "sync", NOON)
    backups.make(mirror, NOON)
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM ledger WHERE subject = '1'")
        mirror.raw.execute(note, ("3", "sending"))
    later = runs.begin(mirror, "sync", NOON)
    mirror.close()

    done = restore(path, newest(path), NOON + 60)

    with closing(open_mirror(path)) as opened:
        owned = dict(opened.raw.execute("SELECT subject, state FROM ledger"))
        assert owned == {"2": "owned", "3": "sending"}
        assert ledger.in_doubt(opened, "main") == ["3"]
        assert [it.run for it in runs.last(opened, 9)] == [run]
        assert runs.begin(opened, "sync", NOON + 90) == later + 1
    assert done.labels_known


def test_after_a_restore_everything_is_read_anew_and_nothing_approved_goes_out(mirror: Mirror, path: Path) -> None:
    with mirror.transaction():
        mirror.raw.execute("INSERT INTO cursors (owner, feed, at, id, complete, why) VALUES ('main', 'x', 5, 0, 1, '')")
        mirror.raw.execute("INSERT INTO looks VALUES ('main', 'x', 1, 1, 5, 5, 5, 0)")
    backups.make(mirror, NOON)
    mirror.close()

    restore(path, newest(path), NOON + 60)

    with closing(open_mirror(path)) as opened:
        assert opened.raw.execute("SELECT at, complete FROM cursors").fetchall() == [(None, 0)]
        assert opened.raw.execute("SELECT count(*) FROM looks").fetchone() == (0,)
        assert opened.raw.execute("SELECT count(*) FROM released").fetchone() == (0,)


def test_a_damaged_mirror_is_replaced_and_what_is_lost_with_it_is_said(mirror: Mirror, path: Path) -> None:
    remember(mirror, "before")
    backups.make(mirror, NOON)
    mirror.close()
    path.write_bytes(b"no database any more" * 1000)
    path.with_name("syncd.db-wal").write_bytes(b"nor a log")

    done = restore(path, newest(path), NOON + 60)

    assert not done.labels_known
    assert remembered(path) == {"before"}
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"no database any more")
    assert not path.with_name("syncd.db-wal").exists()


def test_a_mirror_that_is_gone_comes_back(mirror: Mirror, path: Path) -> None:
    remember(mirror, "before")
    backups.make(mirror, NOON)
    mirror.close()
    path.unlink()

    done = restore(path, newest(path), NOON + 60)

    assert (done.kept, remembered(path)) == (None, {"before"})


@pytest.mark.parametrize("wound", ["cut", "scratched", "letter"])
def test_a_damaged_backup_changes_nothing(mirror: Mirror, path: Path, wound: str) -> None:
    remember(mirror, "now")
    made = backups.make(mirror, NOON)
    mirror.close()
    whole = made.read_bytes()
    made.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "scratched": whole[:4096] + b"\xff" * 60_000 + whole[64_096:],
            "letter": b"Dear",
        }[wound]
    )

    with pytest.raises(FatalError, match=r"damaged|no whole backup"):
        restore(path, backups.described(made), NOON + 60)

    assert remembered(path) == {"now"}


def test_a_backup_of_a_newer_version_changes_nothing(mirror: Mirror, path: Path) -> None:
    made = backups.make(mirror, NOON)
    mirror.close()
    with closing(sqlite3.connect(made)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()

    with pytest.raises(FatalError, match="made by a newer syncd"):
        restore(path, backups.described(made), NOON + 60)


def test_a_mirror_that_somebody_has_open_is_not_replaced(mirror: Mirror, path: Path) -> None:
    remember(mirror, "now")
    backups.make(mirror, NOON)

    with pytest.raises(FatalError, match="locked by another program"):
        restore(path, newest(path), NOON + 60)

    assert remembered(path) == {"now"}


class PulledPlug(BaseException):
    """The machine stopped here."""


@pytest.mark.parametrize("step", range(9))
def test_a_restore_that_is_cut_off_anywhere_leaves_the_old_mirror_or_the_new(
    mirror: Mirror, path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(mirror, "old and new")
    backups.make(mirror, NOON)
    remember(mirror, "old")
    mirror.close()
    taken = 0

    def until_the_plug(act: object) -> object:
        def acted(*given: object, **named: object) -> object:
            nonlocal taken
            taken += 1
            if taken > step:
                raise PulledPlug
            return act(*given, **named)  # type: ignore[operator]

        return acted

    for name in ("copy", "settle"):
        monkeypatch.setattr(restoring.backups, name, until_the_plug(getattr(backups, name)))
    for name in ("link",):
        monkeypatch.setattr(restoring.os, name, until_the_plug(getattr(restoring.os, name)))
    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, until_the_plug(getattr(Path, name)))
    with suppress(PulledPlug):
        restore(path, newest(path), NOON + 60)
    monkeypatch.undo()

    assert remembered(path) in ({"old and new"}, {"old and new", "old"})
    assert restore(path, newest(path), NOON + 120).contents.step == HEAD
    assert remembered(path) == {"old and new"}
