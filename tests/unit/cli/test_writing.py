"""A file that was asked for is there whole, for its owner's eyes, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.writing import written
from syncd.errors import FatalError


def test_a_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with written(str(path)) as file:
        file.write(b"whole")

    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    with pytest.raises(LookupError), written(str(path)) as file:
        file.write(b"half")
        file.flush()
        raise LookupError

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(FatalError, match="cannot be written: no such file or directory"),
        written(str(tmp_path / "a/b")),
    ):
        pass


def test_a_folder_in_the_place_of_the_file_is_said_and_nothing_left(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.mkdir()

    with pytest.raises(FatalError, match="is a directory"), written(str(place)):
        pass

    assert list(tmp_path.iterdir()) == [place]


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with written("-") as file:
        file.write(b"\x00whole")

    assert capfdbinary.readouterr().out == b"\x00whole"
