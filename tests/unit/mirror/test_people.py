"""A person comes out of the mirror as the store put them in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.mirror import membership, people, traces
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import Record, Sought
from syncd.model import Order, fold
from syncd.segments import Person
from tests.property.segment_worlds import frames, worlds
from tests.unit.segments.shop import ADA, BO, SHOP
from tests.unit.segments.world import World

_STORES = itertools.count()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("people") / "mirror.db")
    yield opened
    opened.close()


def _comparable(value: Any, key: str = "") -> Any:
    """Put aside what the mirror does not keep: the order of things, and tags that differ in letter case alone."""
    if key in {"tags", "discount_codes"}:
        return sorted({fold(tag) for tag in value})
    if isinstance(value, dict):
        return {name: _comparable(part, str(name)) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_comparable(part) for part in value), key=repr)
    return value


def _whole(person: Person) -> Any:
    """Return a person with the products of their own lines alone."""
    bought = {line.product_id for order in person.orders for line in order.lines}
    products = {id_: it for id_, it in person.products.items() if id_ in bought}
    return _comparable(msgspec.to_builtins(msgspec.structs.replace(person, products=products)))


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whoever_a_store_has_is_read_back_whole(mirror: Mirror, data: st.DataObject) -> None:
    store = f"store-{next(_STORES)}"
    world = data.draw(frames().flatmap(worlds))
    world.save(mirror, store)
    put_in = world.people()
    read_back = people.people(mirror, store, put_in.keys())
    assert read_back.keys() == put_in.keys()
    for id_, person in put_in.items():
        assert _whole(read_back[id_]) == _whole(person)


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("ada@gmail.com", Sought(address="ada@gmail.com")),
        ("  Ada@Gmail.COM ", Sought(address="ada@gmail.com")),
        ("7000000131072", Sought(customer_id=7000000131072)),
        ("gid://shopify/Customer/7001", Sought(customer_id=7001)),
    ],
)
def test_a_person_is_named_by_address_or_id(typed: str, sought: Sought) -> None:
    assert people.sought(typed) == sought


@pytest.mark.parametrize("typed", ["", "ada", "@", "ada@", "@gmail.com", "7001x", "a b@c.example", "-5", "9" * 30])
def test_what_names_nobody_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="an e-mail address or"):
        people.sought(typed)


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Mirror]:
    """Return two shops: the same people in both, one of them with a second record in the first."""
    opened = open_mirror(tmp_path / "mirror.db")
    twin = msgspec.structs.replace(ADA, id=9, email=" ADA@gmail.com", email_consent=None)
    World(customers=[*SHOP.customers, twin], orders=SHOP.orders, products=SHOP.products).save(opened, "main")
    World(customers=[ADA, BO]).save(opened, "other")
    yield opened
    opened.close()


def test_an_address_finds_every_record_of_it_and_an_id_its_own(shops: Mirror) -> None:
    address = Sought(address="ada@gmail.com")
    assert people.records(shops, address, ["main", "other"]) == [
        Record("main", 1, "Ada@Gmail.com", "SUBSCRIBED"),
        Record("main", 9, " ADA@gmail.com", None),
        Record("other", 1, "Ada@Gmail.com", "SUBSCRIBED"),
    ]
    assert [it.customer_id for it in people.records(shops, address, ["main"])] == [1, 9]
    assert people.records(shops, Sought(customer_id=2), ["main", "other"]) == [
        Record("main", 2, "bo@example.com", "UNSUBSCRIBED"),
        Record("other", 2, "bo@example.com", "UNSUBSCRIBED"),
    ]
    assert people.records(shops, Sought(customer_id=2), []) == []
    assert people.records(shops, Sought(address="nobody@x.example"), ["main"]) == []


def test_what_an_address_ordered_as_a_guest_is_found_with_its_lines(shops: Mirror) -> None:
    (order,) = people.guest_orders(shops, "main", "ada@gmail.com")
    assert (order.id, order.customer_id, [line.vendor for line in order.lines]) == (7, None, ["Ballers"])
    assert people.guest_orders(shops, "other", "ada@gmail.com") == []


def test_cancelled_orders_and_tests_come_along_and_do_not_count(shops: Mirror) -> None:
    found = people.people(shops, "main", [4])[4]
    assert [(order.id, order.counts) for order in found.orders] == [(5, False), (6, False), (8, True)]


def test_a_customer_who_is_not_there_is_left_out(shops: Mirror) -> None:
    assert people.people(shops, "main", [77]) == {}
    assert people.people(shops, "main", []) == {}


def test_reading_people_takes_as_many_statements_however_many_there_are(shops: Mirror) -> None:
    def statements(ids: list[int]) -> int:
        seen: list[str] = []
        shops.raw.set_trace_callback(seen.append)
        people.people(shops, "main", ids)
        shops.raw.set_trace_callback(None)
        return len(seen)

    many = [
        Order(id=id_, created_at=0, processed_at=0, updated_at=0, currency="CAD", customer_id=2)
        for id_ in range(100, 1500)
    ]
    few = statements([1])
    World(orders=many).save(shops, "main")
    assert statements([1, 2, 3, 4, 9]) == few


def test_a_snapshot_does_not_see_what_comes_later(shops: Mirror) -> None:
    other = open_mirror(shops.path)
    with shops.snapshot():
        assert traces.memberships(shops, "main", 1) == {}
        membership.renew(other, "vip", "main", "", [1], run=1, at=5)
        with shops.snapshot():
            assert traces.memberships(shops, "main", 1) == {}
        assert traces.memberships(shops, "main", 1) == {}
    assert traces.memberships(shops, "main", 1) == {"vip": 5}
    other.close()
