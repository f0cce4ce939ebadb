"""What `syncd init --service` prepares fits what the units name."""

from __future__ import annotations

import grp
import os
import stat
import tomllib
from pathlib import Path

import pytest

from syncd.cli import installing
from syncd.cli.installing import installation_of
from syncd.config.template import Account, Answers, template
from syncd.errors import FatalError
from syncd.wiring import Connectors


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "ACCOUNT", grp.getgrgid(os.getgid()).gr_name)


def test_the_only_service_and_one_of_several_have_folders_of_their_own() -> None:
    only = installation_of(Path("/etc/syncd/syncd.toml"))
    shop = installation_of(Path("/etc/syncd/shop.toml"))

    assert (only.unit, shop.unit) == ("syncd", "syncd@shop")
    assert (only.place.database, shop.place.database) == ("/var/lib/syncd/syncd.db", "/var/lib/syncd-shop/syncd.db")
    assert str(only.secrets) == "/etc/syncd/credentials"
    assert str(shop.secrets) == "/etc/syncd/shop.credentials"


def test_the_service_may_read_the_settings_and_root_alone_the_secrets(tmp_path: Path) -> None:
    settings = tmp_path / "shop.toml"
    settings.write_text("")

    installation_of(settings).let_read(settings)

    assert stat.S_IMODE(settings.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "shop.credentials").stat().st_mode) == 0o700


def test_without_the_account_nothing_is_written_and_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "ACCOUNT", "nobody-of-this-name")
    with pytest.raises(FatalError, match="no group") as caught:
        installation_of(Path("/etc/syncd/syncd.toml"))
    assert "install" in (caught.value.hint or "")


def test_the_settings_of_a_service_hold_no_variable_for_nobody_would_set_it() -> None:
    place = installation_of(Path("/etc/syncd/syncd.toml")).place

    text = template(Answers(store=Account("shopify", "main"), place=place), Connectors())

    written = tomllib.loads(text)
    assert written["syncd"]["database"] == "/var/lib/syncd/syncd.db"
    assert written["stores"]["main"]["client_secret"] == {"credential": "shopify_client_secret"}
    assert "env" not in text
