"""A mirror of which everything was looked at, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from tests.unit.mirror.looked_at import put_everything, settle


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looked-at") / "syncd.db"
    with closing(open_mirror(path)) as opened:
        put_everything(opened)
        settle(opened)
    return path


@pytest.fixture
def mirror(looked_at: Path, tmp_path: Path) -> Iterator[Mirror]:
    """A mirror of a small store and an audience of which nothing is noted."""
    shutil.copy(looked_at, tmp_path / "syncd.db")
    with closing(open_mirror(tmp_path / "syncd.db")) as opened:
        yield opened
