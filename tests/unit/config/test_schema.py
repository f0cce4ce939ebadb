"""The JSON Schema of the file: it takes what the loader takes, and refuses what a schema can see."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from syncd.config import json_schema

BAD = Path(__file__).parent / "bad"
SEEN_BY_A_SCHEMA = """
    choice connector-choice connector-key-missing connector-key-of-another-form duration empty every-and-cron
    kind-is-no-text kind-missing kind-of-an-audience kind-unknown list-of-tables name negative-number number-for-text
    query-empty query-missing rank-of-nobody rank-without-a-size secret-empty secret-in-an-unknown-way
    secret-in-two-ways secret-is-a-number section-is-no-table share-is-a-number share-over-the-whole
    table-without-a-name tag-empty tag-is-a-number tag-with-a-comma tag-with-spaces-around text-for-list
    text-for-number text-for-truth unknown-key unknown-key-in-braces unknown-key-of-a-connector unknown-section
    store-named-twice database-is-a-number everything-at-once test-everything-wrong test-is-no-list test-is-text
""".split()


@pytest.fixture
def validator(connectors: dict[str, Any]) -> Draft202012Validator:
    schema = json_schema(connectors)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_a_good_file_is_taken(validator: Draft202012Validator) -> None:
    text = """
        [syncd]
        timezone = "Europe/Paris"
        [stores.main]
        kind = "shop"
        shop = "my-shop"
        token = { file = "token" }
        every = "5m"
        [audiences.news]
        kind = "list"
        list = "abc"
        key = "a literal"
        cron = "0 3 * * *"
        [limits]
        max_add = "100%"
        [segments.vip]
        query = "amount_spent > 100"
        tag = "VIP"
        audiences = ["news"]
        limits = { min_size = 3 }
        rank = { by = "orders", top = "10%" }
        [[tests]]
        name = "somebody"
        in = ["vip"]
        not_in = []
        today = "2026-11-21"
        amount_spent = "250.00"
        rfm_group = "LOYAL"
        coordinates = [45, -75.5]
        orders = [{ date = "-20d", amount = 5, products = [{ vendor = "Acme", tags = ["a"] }] }]
    """
    assert list(validator.iter_errors(tomllib.loads(text))) == []


@pytest.mark.parametrize("name", SEEN_BY_A_SCHEMA)
def test_a_bad_file_is_refused_where_a_schema_can_see_it(validator: Draft202012Validator, name: str) -> None:
    document = tomllib.loads((BAD / f"{name}.toml").read_text(encoding="utf-8"))
    assert list(validator.iter_errors(document))


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from parts(inner)


def test_every_key_of_ours_is_described_in_one_line(connectors: dict[str, Any]) -> None:
    schema = json_schema(connectors)
    tables = [schema["properties"]["syncd"], schema["properties"]["limits"]]
    tables += [schema["properties"]["segments"]["additionalProperties"], schema["$defs"]["Rank"]]
    tables += [schema["properties"]["tests"]["items"]]
    tables += [schema["$defs"][name] for name in ("FixtureOrder", "FixtureProduct", "FixtureAddress")]
    for table in tables:
        for key, described in table["properties"].items():
            assert described.get("description"), key
            assert "\n" not in described["description"]


def test_nothing_offers_null_which_toml_has_not(connectors: dict[str, Any]) -> None:
    for part in parts(json_schema(connectors)):
        assert part.get("type") != "null"
        assert "default" not in part or part["default"] is not None


def test_a_connectors_secret_may_be_kept_anywhere_but_its_description_stays(connectors: dict[str, Any]) -> None:
    schema = json_schema(connectors)
    assert schema["$defs"]["stores.shop"]["properties"]["token"] == {"$ref": "#/$defs/secret"}
    assert schema["$defs"]["stores.shop"]["properties"]["kind"]["const"] == "shop"


def test_without_any_connector_for_it_a_section_takes_no_table() -> None:
    validator = Draft202012Validator(json_schema({}))
    assert list(validator.iter_errors({"stores": {"main": {"kind": "shop"}}}))
