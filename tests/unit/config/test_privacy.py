"""Files that others on the machine get at are warned about, with what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import load
from tests.support.household import CONNECTORS


def _warnings(path: Path) -> list[tuple[str, str]]:
    return [(it.message, it.fix) for it in load(path, CONNECTORS, environ={}).warnings]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    path = home / "syncd.toml"
    path.write_text('[stores.main]\nkind = "memory"\n', encoding="utf-8")
    path.chmod(0o644)
    return path


def test_a_settings_file_without_secrets_may_be_read_by_everybody(file: Path) -> None:
    assert _warnings(file) == []


def test_a_settings_file_that_everybody_can_change_is_warned_about(file: Path) -> None:
    file.chmod(0o606)

    assert _warnings(file) == [(f"everybody on this machine can change {file}", f"type `chmod o-w {file}`")]


def test_a_folder_of_the_database_that_everybody_can_write_to_is_warned_about(file: Path) -> None:
    file.parent.chmod(0o707)

    (warning,) = _warnings(file)

    assert "take the database's away" in warning[0]
    assert warning[1].startswith(f"type `chmod o-w {file.parent}`")
