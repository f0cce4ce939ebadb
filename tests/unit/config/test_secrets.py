"""Where secrets may be kept, and that they are never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncd.config import Settings, load
from syncd.errors import ConfigError

SECRET = "list-s3cret-value"
STORE = '[stores.main]\nkind = "shop"\nshop = "my-shop"\ntoken = { env = "SHOP_TOKEN" }\n'


@pytest.fixture
def load_key(tmp_path: Path, connectors: dict[str, Any]) -> Any:
    """Return a way to load a file whose audience's key is written so."""

    def load_it(key: str, **environ: str) -> Settings:
        path = tmp_path / "syncd.toml"
        path.write_text(f'{STORE}\n[audiences.news]\nkind = "list"\nlist = "abc"\nkey = {key}\n', encoding="utf-8")
        return load(path, connectors, environ={"SHOP_TOKEN": "shop-token-1", **environ})

    return load_it


def key_of(settings: Settings) -> str:
    return str(settings.audiences["news"].own.key.get_secret_value())  # type: ignore[attr-defined]  # the stub's own


def test_a_variable_of_the_environment(load_key: Any) -> None:
    settings = load_key('{ env = "KEY" }', KEY=SECRET)
    assert key_of(settings) == SECRET
    assert settings.warnings == ()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_file_beside_the_settings_without_its_last_newline(load_key: Any, tmp_path: Path, ending: str) -> None:
    file = tmp_path / "key"
    file.write_bytes((SECRET + ending).encode())
    file.chmod(0o600)
    settings = load_key('{ file = "key" }')
    assert key_of(settings) == SECRET
    assert settings.warnings == ()


def test_a_file_that_everybody_can_read_is_warned_about(load_key: Any, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SECRET)
    file.chmod(0o644)
    (warning,) = load_key('{ file = "key" }').warnings
    assert (warning.line, warning.key) == (9, "audiences.news.key")
    assert "everybody" in warning.message
    assert warning.fix == f"type `chmod 600 {file}`"


@pytest.mark.parametrize("file", ["list-key", "syncd_list-key"])
def test_a_credential_that_systemd_hands_over_alone_or_with_its_folder(
    load_key: Any, tmp_path: Path, file: str
) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / file).write_text(SECRET + "\n")
    settings = load_key('{ credential = "list-key" }', CREDENTIALS_DIRECTORY=str(tmp_path / "credentials"))
    assert key_of(settings) == SECRET


def test_a_literal_works_and_is_warned_about_without_being_repeated(load_key: Any) -> None:
    settings = load_key(f'"{SECRET}"')
    assert key_of(settings) == SECRET
    assert 9 in {warning.line for warning in settings.warnings}
    assert SECRET not in str(settings.warnings)


def test_a_literal_in_a_file_that_everybody_can_read_is_warned_about_with_what_to_type(load_key: Any) -> None:
    settings = load_key(f'"{SECRET}"')
    settings.path.chmod(0o640)
    closed = load_key(f'"{SECRET}"')

    assert [it.fix for it in settings.warnings if "everybody" in it.message] == [f"type `chmod o-rwx {settings.path}`"]
    assert not any("everybody" in it.message for it in closed.warnings)


@pytest.mark.parametrize(
    ("content", "told"), [(b"\n", "is empty"), (b"\xff\xfe", "is not text"), (None, "cannot be read")]
)
def test_a_file_that_holds_no_secret_is_told(load_key: Any, tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is None:
        (tmp_path / "key").mkdir()
    else:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        load_key('{ file = "key" }')


@pytest.mark.parametrize(("name", "told"), [("gone", "there is no file"), ("../key", "is no name of a credential")])
def test_a_credential_that_was_not_handed_over_is_told(load_key: Any, tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_key(f'{{ credential = "{name}" }}', CREDENTIALS_DIRECTORY=str(tmp_path))


def test_the_settings_never_show_a_secret(load_key: Any) -> None:
    settings = load_key('{ env = "KEY" }', KEY=SECRET)
    for shown in (repr(settings), str(settings), settings.audiences["news"].model_dump_json()):
        assert SECRET not in shown
        assert "shop-token-1" not in shown


def test_an_error_never_shows_a_secret_even_where_the_connector_would(load_key: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        load_key('{ env = "KEY" }', KEY="another-s3cret")
    assert "another-s3cret" not in str(caught.value)
    assert "another-s3cret" not in repr(caught.value.problems)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "line", ['key = "another-s3cret', 'key = "another-s3cret" x', "another-s3cret", "[audiences.two]]another-s3cret"]
)
def test_a_syntax_error_beside_a_secret_does_not_show_it(line: str, tmp_path: Path, connectors: dict[str, Any]) -> None:
    path = tmp_path / "syncd.toml"
    path.write_text(f"{STORE}\n[audiences.news]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"syncd\.toml:7: line 7") as caught:
        load(path, connectors, environ={})
    assert "another-s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("header", ["[stores.main]", '["stores".main]', "[ 'stores' . main ]", "[[audiences]]"])
def test_only_lines_of_tables_without_secrets_are_shown_whole(
    header: str, tmp_path: Path, connectors: dict[str, Any]
) -> None:
    path = tmp_path / "syncd.toml"
    path.write_text(f'[segments.vip]\nquery = "amount_spent > 1"\n{header}\ntoken = "another-s3cret\n')
    with pytest.raises(ConfigError) as caught:
        load(path, connectors, environ={})
    assert 'token = "•••••••-••••••' in str(caught.value)
    path.write_text("[segments.vip]\nquery = amount_spent > 1\n")
    with pytest.raises(ConfigError, match="query = amount_spent > 1"):
        load(path, connectors, environ={})


class TestOffline:
    def test_what_leads_to_nothing_is_no_problem(self, load_text: Any) -> None:
        settings = load_text('[syncd]\ndatabase = "no-such-folder/x.db"\n', environ={}, offline=True)
        assert settings.stores["main"].own.shop == "my-shop"
        assert settings.audiences["news"].own.list == "abc"

    def test_what_is_there_is_used(self, load_text: Any) -> None:
        settings = load_text("", offline=True)
        assert settings.stores["main"].own.token.get_secret_value() == "shop-secret-1"

    def test_a_secret_named_in_a_wrong_way_is_still_told(self, load_text: Any) -> None:
        with pytest.raises(ConfigError, match="unknown way"):
            load_text('[stores.main]\nkind = "shop"\nshop = "x"\ntoken = { enw = "X", x = 1 }\n', offline=True)

    def test_other_keys_beside_an_absent_secret_are_still_looked_at(self, load_text: Any) -> None:
        with pytest.raises(ConfigError, match="without a dot"):
            load_text('[stores.main]\nkind = "shop"\nshop = "x.y"\ntoken = { env = "X" }\n', environ={}, offline=True)
