"""The file: private, up to date, copied before it is changed, and said clearly when it cannot be used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from syncd.errors import FatalError
from syncd.mirror import backups, opening, tables
from syncd.mirror.database import connect
from syncd.mirror.opening import HEAD, open_mirror


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syncd.db"


def test_every_file_of_the_mirror_is_readable_by_its_owner_only(path: Path) -> None:
    mirror = open_mirror(path)
    backups.make(mirror, 0, path.with_suffix(".bak"))

    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    mirror.close()

    assert {"syncd.db", "syncd.db-wal", "syncd.bak"} <= set(modes)
    assert set(modes.values()) == {"0o600"}


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    path.touch(mode=0o644)

    open_mirror(path).close()

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_migrated_tables_are_the_declared_ones(path: Path) -> None:
    mirror = open_mirror(path)
    differences = compare_metadata(MigrationContext.configure(mirror.connection), SQLModel.metadata)
    layouts = {
        name: "WITHOUT ROWID" in sql
        for name, sql in mirror.raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    }
    mirror.close()

    assert differences == []
    assert layouts["customers"] == (tables.CustomerRow.__table__.dialect_options["sqlite"]["with_rowid"] is False)


def test_head_is_the_newest_step() -> None:
    scripts = ScriptDirectory(str(Path(opening.__file__).parent / "migrations"))

    assert scripts.get_heads() == [HEAD]


def test_a_file_of_an_older_version_is_copied_before_it_is_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_mirror(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO memos VALUES ('main', 'kept', 'yes')")
        raw.execute("UPDATE alembic_version SET version_num = '0000'")
        raw.commit()
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: None)

    open_mirror(path).close()

    (made,) = backups.listed(path)
    assert made.why == f"before-{HEAD}"
    with closing(sqlite3.connect(made.path)) as copy:
        assert copy.execute("SELECT value FROM memos").fetchall() == [("yes",)]


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    open_mirror(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()

    with pytest.raises(FatalError, match="made by a newer syncd"):
        open_mirror(path)


def test_a_file_that_is_no_database_is_said_to_be_damaged(path: Path) -> None:
    path.write_bytes(b"this is a letter, not a database" * 100)

    with pytest.raises(FatalError, match="is damaged") as caught:
        open_mirror(path)

    assert "syncd restore" in caught.value.hint


def test_an_older_sqlite_is_refused_before_a_file_is_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(FatalError, match=r"needs 3\.35 or newer"):
        connect(path)
    assert not path.exists()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="does not exist") as caught:
        open_mirror(tmp_path / "nowhere" / "syncd.db")

    assert "mkdir -p" in caught.value.hint


def test_a_folder_instead_of_a_file_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="cannot be written"):
        open_mirror(tmp_path)


def test_a_transaction_that_fails_leaves_nothing_behind(path: Path) -> None:
    mirror = open_mirror(path)

    with pytest.raises(LookupError), mirror.transaction():
        mirror.raw.execute("INSERT INTO memos VALUES ('main', 'lost', 'yes')")
        raise LookupError

    assert mirror.raw.execute("SELECT count(*) FROM memos").fetchone() == (0,)
    mirror.close()


def test_a_transaction_outlasts_the_first_question_through_sqlalchemy(path: Path) -> None:
    mirror = open_mirror(path)
    mirror.close()
    mirror = open_mirror(path)

    with pytest.raises(LookupError), mirror.transaction():
        mirror.raw.execute("INSERT INTO memos VALUES ('main', 'lost', 'yes')")
        assert mirror.connection.exec_driver_sql("SELECT value FROM memos").scalars().all() == ["yes"]
        assert mirror.raw.in_transaction
        raise LookupError

    assert mirror.raw.execute("SELECT count(*) FROM memos").fetchone() == (0,)
    mirror.close()


def test_a_full_disk_is_said_to_be_one(path: Path) -> None:
    mirror = connect(path)
    mirror.raw.execute("CREATE TABLE t (x)")
    pages = mirror.raw.execute("PRAGMA page_count").fetchone()[0]
    mirror.raw.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(FatalError, match="is full"), mirror.transaction():
        mirror.raw.execute("INSERT INTO t VALUES (zeroblob(1000000))")

    mirror.close()
