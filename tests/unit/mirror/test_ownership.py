"""Files of another user's are refused before SQLite leaves any of ours beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.errors import FatalError
from syncd.mirror.database import refuse_anothers
from syncd.mirror.opening import open_mirror


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "syncd.db"
    open_mirror(made).close()
    return made


def test_a_database_of_another_user_is_refused_with_what_to_type(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(path.parent.iterdir())
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 12_345)

    with pytest.raises(FatalError, match="belongs to") as caught:
        open_mirror(path)

    assert "sudo -u" in caught.value.hint
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("end", ["-wal", "-shm", ".lock", ".key"])
def test_what_somebody_else_left_beside_it_is_named_with_what_to_type(path: Path, end: str) -> None:
    beside = path.with_name(path.name + end)
    beside.touch()
    os.chown(beside, 12_345, 12_345)

    with pytest.raises(FatalError, match="belongs to 12345") as caught:
        refuse_anothers(path)

    assert caught.value.hint.endswith(f"sudo chown root {beside}")


def test_ones_own_files_and_files_that_are_not_there_are_no_matter(path: Path) -> None:
    refuse_anothers(path)
    refuse_anothers(path.with_name("new.db"))
