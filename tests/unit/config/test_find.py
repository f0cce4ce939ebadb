"""Where the settings are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import document, find
from syncd.errors import ConfigError


@pytest.fixture(autouse=True)
def system_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for `/etc/syncd/syncd.toml`, which is not there yet."""
    file = tmp_path / "etc" / "syncd.toml"
    file.parent.mkdir()
    monkeypatch.setattr(document, "SYSTEM", file)
    return file


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_the_option_comes_before_everything_else(here: Path) -> None:
    for name in ("named.toml", "variable.toml", "syncd.toml"):
        (here / name).touch()
    assert find("named.toml", {"SYNCD_CONFIG": "variable.toml"}, here) == here / "named.toml"


def test_the_variable_comes_before_the_present_folder(here: Path) -> None:
    for name in ("variable.toml", "syncd.toml"):
        (here / name).touch()
    assert find(None, {"SYNCD_CONFIG": "variable.toml"}, here) == here / "variable.toml"


def test_the_present_folder_comes_before_the_system(here: Path, system_file: Path) -> None:
    system_file.touch()
    assert find(None, {"SYNCD_CONFIG": ""}, here) == system_file
    (here / "syncd.toml").touch()
    assert find(None, {}, here) == here / "syncd.toml"


def test_an_absolute_path_is_taken_as_it_is(here: Path, tmp_path: Path) -> None:
    (tmp_path / "x.toml").touch()
    assert find(str(tmp_path / "x.toml"), {}, here) == tmp_path / "x.toml"


def test_the_path_stays_as_short_as_it_was_typed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    (here / "syncd.toml").touch()
    assert str(find(None, {}, Path())) == "syncd.toml"


def test_without_a_file_every_place_is_named_and_the_next_step(here: Path, system_file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find(None, {}, here)
    told = str(caught.value)
    assert str(here / "syncd.toml") in told
    assert str(system_file) in told
    assert "syncd init" in told


@pytest.mark.parametrize(("option", "environ"), [("gone.toml", {}), (None, {"SYNCD_CONFIG": "gone.toml"})])
def test_a_named_file_that_is_missing_is_not_replaced_by_another(
    here: Path, option: str | None, environ: dict[str, str]
) -> None:
    (here / "syncd.toml").touch()
    with pytest.raises(ConfigError, match=r"gone\.toml") as caught:
        find(option, environ, here)
    assert str(here / "syncd.toml") not in str(caught.value)


def test_a_place_that_may_not_be_looked_into_is_left_to_the_reading(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    assert find(None, {}, here) == here / "syncd.toml"
