"""The daemon and its callers find the same socket."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.control.places import of_a_caller, of_the_daemon, owner_in_the_way


@pytest.mark.parametrize(
    ("setting", "given", "place"),
    [
        (None, None, None),
        (None, "", None),
        (None, "/run/syncd", "/run/syncd/control.sock"),
        (None, "/run/syncd:/run/other", "/run/syncd/control.sock"),
        ("/srv/x.sock", "/run/syncd", "/srv/x.sock"),
    ],
)
def test_the_daemon_listens_where_it_is_told_or_where_systemd_gives_it_room(
    setting: str | None, given: str | None, place: str | None
) -> None:
    environ = {} if given is None else {"RUNTIME_DIRECTORY": given}
    found = of_the_daemon(None if setting is None else Path(setting), environ)
    assert found == (None if place is None else Path(place))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[syncd]\ncontrol_socket = "here.sock"', "here.sock"),
        ('[syncd]\ncontrol_socket = "/srv/x.sock"', "/srv/x.sock"),
        ("[syncd]\ncontrol_socket = 3", None),
        ('[syncd]\ncontrol_socket = " "', None),
        ("syncd = 1", None),
        ("", None),
        ("no TOML", None),
        ('[syncd]\ncontrol_socket = "~nobody-of-that-name/x"', None),
        ("\udcff", None),
    ],
)
def test_a_caller_goes_by_the_settings_file(tmp_path: Path, text: str, place: str | None) -> None:
    file = tmp_path / "syncd.toml"
    file.write_bytes(text.encode(errors="surrogateescape"))
    assert of_a_caller(file) == (None if place is None else tmp_path / place)


@pytest.mark.parametrize("text", ['[syncd]\ndatabase = "its.db"', '[syncd]\ndatabase = "{}/its.db"'])
def test_a_database_of_another_user_is_in_the_way_of_going_on_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file, me = tmp_path / "syncd.toml", os.geteuid()
    file.write_text(text.replace("{}", str(tmp_path)))
    assert owner_in_the_way(file) is None
    (tmp_path / "its.db").touch()
    assert owner_in_the_way(file) is None
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert owner_in_the_way(file) == me


@pytest.mark.parametrize(
    "text", ["no TOML", "syncd = 1", "[syncd]\ndatabase = 3", '[syncd]\ndatabase = "~nobody-there/x"']
)
def test_settings_that_are_wrong_are_left_to_be_told_by_who_reads_them(tmp_path: Path, text: str) -> None:
    file = tmp_path / "syncd.toml"
    assert owner_in_the_way(file) is None
    file.write_text(text)
    assert owner_in_the_way(file) is None


@pytest.mark.parametrize(("name", "folder"), [("syncd.toml", "syncd"), ("north.toml", "syncd-north")])
def test_of_a_service_a_caller_need_not_be_able_to_read_the_settings(tmp_path: Path, name: str, folder: str) -> None:
    found = of_a_caller(tmp_path / name, system=tmp_path, run=Path("/run"))
    assert found == Path("/run") / folder / "control.sock"


def test_both_ends_read_a_path_in_the_settings_alike(tmp_path: Path) -> None:
    from syncd.config.tables import SyncdSettings  # noqa: PLC0415

    file = tmp_path / "syncd.toml"
    for value in ("here.sock", "/srv/x.sock", "~/x.sock"):
        file.write_text(f'[syncd]\ncontrol_socket = "{value}"')
        settings = SyncdSettings.model_validate({"control_socket": value}, context={"folder": tmp_path})
        assert of_a_caller(file) == of_the_daemon(settings.control_socket, {})
