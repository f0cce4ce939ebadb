"""`config.example.toml` loads, and has every option of the real connectors, no more and no less."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from syncd.config import Settings, json_schema, load
from syncd.config.template import Account, Answers, template

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
HEADER = re.compile(r"\[{1,2}([a-z]+)(?:\.([a-z-]+))?\]{1,2}")
OPTION = re.compile(r"(#?)([a-z_]+) = (.*)")


@pytest.fixture(scope="module")
def connectors() -> dict[str, Any]:
    return {entry.name: entry.load() for entry in entry_points(group="syncd.connectors")}


@pytest.fixture(scope="module")
def schema(connectors: dict[str, Any]) -> dict[str, Any]:
    return json_schema(connectors)


def options() -> Iterator[tuple[str, str, bool, str]]:
    """Yield (section, key, switched on, value) for each option in the example."""
    section = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if header := HEADER.fullmatch(line):
            section = header[1]
        elif option := OPTION.fullmatch(line):
            yield section, option[2], not option[1], option[3]


def tables(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schema of each section's table, with the kind that the example shows."""
    return {
        "syncd": schema["properties"]["syncd"],
        "limits": schema["properties"]["limits"],
        "suppress": schema["properties"]["suppress"],
        "metrics": schema["properties"]["metrics"],
        "alerts": schema["properties"]["alerts"],
        "segments": schema["properties"]["segments"]["additionalProperties"],
        "tests": schema["properties"]["tests"]["items"],
        "stores": schema["$defs"]["stores.shopify"],
        "audiences": schema["$defs"]["audiences.mailchimp"],
    }


def loaded(text: str, folder: Path, connectors: dict[str, Any]) -> Settings:
    path = folder / "syncd.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, connectors, environ={}, offline=True)


def test_the_example_loads_without_a_warning(tmp_path: Path, connectors: dict[str, Any]) -> None:
    settings = loaded(EXAMPLE.read_text(encoding="utf-8"), tmp_path, connectors)
    assert settings.warnings == ()
    assert (list(settings.stores), list(settings.audiences)) == (["main"], ["newsletter"])


def test_the_example_has_every_option_and_no_other(schema: dict[str, Any]) -> None:
    mentioned = {(section, key) for section, key, _, _ in options()}
    assert mentioned == {(section, key) for section, table in tables(schema).items() for key in table["properties"]}


@pytest.mark.parametrize(
    ("where", "key", "definition"),
    [("segments", "limits", "Limits"), ("segments", "rank", "Rank"), ("alerts", "email", "EmailTable")],
)
def test_a_table_in_braces_shows_all_of_its_keys(where: str, key: str, definition: str, schema: dict[str, Any]) -> None:
    (value,) = {value for section, each, _, value in options() if (section, each) == (where, key)}
    assert set(tomllib.loads(f"x = {value}")["x"]) == set(schema["$defs"][definition]["properties"])


def test_every_word_that_may_be_chosen_is_in_the_example(schema: dict[str, Any]) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    chosen = [
        word for name, table in [*tables(schema).items(), ("", schema["$defs"]["Rank"])] if name != "tests"
        for part in table["properties"].values()
        for word in part.get("enum", []) if word not in {"tuesday", "wednesday", "thursday", "friday", "saturday"}
    ]  # fmt: skip
    assert [word for word in chosen if word not in text] == []


def test_switching_on_what_is_the_default_changes_nothing(
    tmp_path: Path, schema: dict[str, Any], connectors: dict[str, Any]
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    switched = 0
    for section, key, on, value in options():
        default = tables(schema)[section]["properties"][key].get("default")
        if not on and default not in (None, [], {}, ""):
            text = text.replace(f"\n#{key} = {value}\n", f"\n{key} = {value}\n", 1)
            switched += 1
    assert switched >= 12
    assert loaded(text, tmp_path, connectors) == loaded(EXAMPLE.read_text(encoding="utf-8"), tmp_path, connectors)


def test_editors_take_the_example(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(document)) == []


@pytest.mark.parametrize(
    "wrong", ['api_version = "newest"', "shops = 1", 'every = "often"', "client_secret = { enw = 1 }"]
)
def test_editors_refuse_a_wrong_store(wrong: str, schema: dict[str, Any]) -> None:
    document = tomllib.loads(f'[stores.main]\nkind = "shopify"\nshop = "my-shop"\n{wrong}\n')
    assert list(Draft202012Validator(schema).iter_errors(document))


def test_every_key_that_an_editor_offers_is_described(schema: dict[str, Any]) -> None:
    for table in tables(schema).values():
        assert [key for key, part in table["properties"].items() if not part.get("description")] == []


def test_the_starter_file_loads_with_the_real_connectors(tmp_path: Path, connectors: dict[str, Any]) -> None:
    store, audience = Account("shopify", "main", {"shop": "my-shop"}), Account("mailchimp", "newsletter")
    settings = loaded(template(Answers(store, audience), connectors), tmp_path, connectors)
    assert settings.warnings == ()
    assert len(settings.segments) == 3
