"""Tags are split, canonicalised, limited and dated as in the recorded answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ADD = (
    "mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { "
    "node { id ... on Customer { id tags updatedAt } } userErrors { field message } } }"
)
REMOVE = ADD.replace("tagsAdd", "tagsRemove")


@pytest.fixture
def person(bench: Any) -> Any:
    """Return a customer without tags."""
    return next(customer for customer in bench.shop.customers.values() if not customer.tags)


def gid(customer: Any) -> str:
    return f"gid://shopify/Customer/{customer.id}"


def added(bench: Any, customer: Any, *tags: str) -> Any:
    return bench.ask(ADD, id=gid(customer), t=list(tags))["tagsAdd"]


def test_input_is_split_at_commas_trimmed_and_sorted_letter_case_aside(bench: Any, person: Any) -> None:
    assert added(bench, person, "zebra, Ant ,, bee", " cat ")["node"]["tags"] == ["Ant", "bee", "cat", "zebra"]


def test_the_shops_spelling_of_a_tag_wins(bench: Any, person: Any) -> None:
    added(bench, person, "Early Bird")
    other = next(c for c in bench.shop.customers.values() if c is not person and not c.tags)
    assert added(bench, other, "EARLY bird", "early BIRD")["node"]["tags"] == ["Early Bird"]


def test_removal_takes_any_letter_case_and_a_missing_tag_is_no_error(bench: Any, person: Any) -> None:
    added(bench, person, "One", "Two")
    payload = bench.ask(REMOVE, id=gid(person), t=["ONE", "never there"])["tagsRemove"]
    assert payload["node"]["tags"] == ["Two"]
    assert payload["userErrors"] == []


def test_a_tag_write_moves_the_time_of_change_only_if_something_changed(bench: Any, person: Any) -> None:
    bench.clock.sleep(1000)
    first = added(bench, person, "new")["node"]["updatedAt"]
    bench.clock.sleep(1000)
    assert added(bench, person, "NEW")["node"]["updatedAt"] == first
    assert added(bench, person, "newer")["node"]["updatedAt"] > first


def test_the_251st_tag_is_refused_whole(bench: Any, person: Any) -> None:
    added(bench, person, ",".join(f"t{n}" for n in range(250)))
    payload = added(bench, person, "one more")
    assert payload["userErrors"][0]["message"] == "Tags cannot be more than 250"
    assert len(person.tags) == 250


def test_a_tag_of_256_characters_is_refused(bench: Any, person: Any) -> None:
    assert added(bench, person, "x" * 255)["userErrors"] == []
    assert added(bench, person, "y" * 256)["userErrors"][0]["message"] == (
        "Tags is too long (maximum is 255 characters)"
    )


@pytest.mark.parametrize("case", ["productAdd", "productRemove", "customerAdd", "customerRemove"])
def test_unknown_records_are_told_as_recorded(case: str, bench: Any, shared: Path) -> None:
    file = shared / "api" / "recorded" / "admin-platform-tags-not-found.json"
    found = json.loads(file.read_text("utf-8"))["cases"][case]
    bench.store.scopes |= {"write_products"}
    request = found["request"]
    assert bench.ask(request["query"], **request["variables"]) == found["response"]["payload"]["data"]


def test_an_id_that_is_none_is_an_error(bench: Any) -> None:
    assert bench.only_error(ADD, id="7", t=["x"])["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_several_writes_of_one_document_run_in_order(bench: Any, person: Any) -> None:
    document = (
        'mutation($id: ID!) { a: tagsAdd(id: $id, tags: ["p"]) { node { id } } '
        'b: tagsRemove(id: $id, tags: ["P"]) { node { ... on Customer { tags } } } }'
    )
    assert bench.ask(document, id=gid(person))["b"]["node"]["tags"] == []


def test_orders_and_products_have_tags_too(bench: Any) -> None:
    bench.store.scopes |= {"write_orders", "write_products"}
    for kind, records in (("Order", bench.shop.orders), ("Product", bench.shop.products)):
        record = next(iter(records.values()))
        assert bench.ask(ADD, id=f"gid://shopify/{kind}/{record.id}", t=["fresh"])["tagsAdd"]["userErrors"] == []
        assert "fresh" in record.tags


@pytest.mark.parametrize("tag", ["💎 shine", 'say "hi"', "O'Neill", "a;b", "  ünïcode  ", "slash/es\\"])
def test_odd_tags_come_back_as_they_went(tag: str, bench: Any, person: Any) -> None:
    assert added(bench, person, tag)["node"]["tags"] == [tag.strip()]
