"""The settings file as it is written: replaced in one go, piece by piece, while we read, taken away."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.daemon.following import Following
from syncd.errors import ConfigError, Problem


class Reading:
    """Reads a file as settings; `during` is done while it reads."""

    def __init__(self) -> None:
        self.during: Any = lambda: None

    def __call__(self, path: Path) -> Any:
        text = path.read_text() if path.exists() else "wrong"
        self.during()
        if "wrong" in text:
            raise ConfigError([Problem(str(path), 1, "a.b", "is wrong")])
        return SimpleNamespace(text=text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "syncd.toml"
    path.write_text("one")
    return path


@pytest.fixture
def reading() -> Reading:
    return Reading()


@pytest.fixture
def following(file: Path, reading: Reading) -> Following:
    return Following(file, reading)


def test_a_file_that_stays_as_it_is_is_not_read_again(following: Following) -> None:
    assert not any(following.changed() for _ in range(3))


def test_a_file_is_read_once_it_has_stopped_changing(following: Following, file: Path) -> None:
    seen = []
    for text in ("half", "half of", "half of it all"):
        file.write_text(text)
        seen.append(following.changed())
    seen.append(following.changed())

    assert seen == [False, False, False, True]
    assert following.take_over()
    assert following.settings.text == "half of it all"  # type: ignore[attr-defined]
    assert not following.changed()


def test_what_is_written_while_we_read_is_read_too(following: Following, reading: Reading, file: Path) -> None:
    file.write_text("two, longer")
    reading.during = lambda: file.write_text("three, longer still")
    following.take_over()
    reading.during = lambda: None

    assert following.settings.text == "two, longer"  # type: ignore[attr-defined]
    assert [following.changed() for _ in range(2)] == [False, True]
    assert following.take_over()
    assert following.settings.text == "three, longer still"  # type: ignore[attr-defined]


def test_a_wrong_file_is_told_once_and_leaves_what_is_in_force(following: Following, file: Path) -> None:
    file.write_text("wrong")

    assert not following.take_over()
    assert following.trouble is not None
    assert following.settings.text == "one"  # type: ignore[attr-defined]
    assert not any(following.changed() for _ in range(3))


def test_a_file_that_is_gone_is_noticed_and_leaves_what_is_in_force(following: Following, file: Path) -> None:
    file.unlink()

    assert [following.changed() for _ in range(2)] == [False, True]
    assert not following.take_over()
    assert following.settings.text == "one"  # type: ignore[attr-defined]


def test_a_file_that_takes_the_others_place_is_noticed(following: Following, file: Path) -> None:
    new = file.with_name("new")
    new.write_text("two")
    new.replace(file)

    assert [following.changed() for _ in range(2)] == [False, True]
