"""The daemon and its callers find the same socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.control.places import of_a_caller, of_the_daemon


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
        ("\udcff", None),
    ],
)
def test_a_caller_goes_by_the_settings_file(tmp_path: Path, text: str, place: str | None) -> None:
    file = tmp_path / "syncd.toml"
    file.write_bytes(text.encode(errors="surrogateescape"))
    assert of_a_caller(file) == (None if place is None else tmp_path / place)


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
