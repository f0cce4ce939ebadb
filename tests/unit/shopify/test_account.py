from __future__ import annotations

import pytest

from syncd.errors import CredentialsError
from syncd.model import ON_DEMAND, Kind
from syncd.ports import Host, Store
from tests.conftest import StillClock
from tests.unit.shopify.scripted import ALL_SCOPES, ScriptedShop, shop_and_app, status


def test_a_check_names_the_shop(store: Store) -> None:
    check = store.source.check()
    assert (check.account, check.timezone, check.currency) == ("Main", "Europe/Berlin", "EUR")
    assert check.missing == ()
    assert check.notes == ()


def test_source_and_tags_are_checked_in_one_call(store: Store, host: Host) -> None:
    assert store.source.check() == store.tags.check()
    assert host.calls == {"check": 1}


def test_a_later_check_asks_again(store: Store, host: Host, clock: StillClock) -> None:
    store.source.check()
    clock.instant += 61
    store.source.check()
    assert host.calls == {"check": 2}


@pytest.mark.parametrize(
    ("scope", "kinds", "blocks_write"),
    [
        ("write_customers", frozenset({Kind.CUSTOMERS}) | ON_DEMAND, True),
        ("read_orders", frozenset({Kind.ORDERS, Kind.CHECKOUTS}), False),
        ("read_products", frozenset({Kind.PRODUCTS}), False),
        ("read_store_credit_accounts", frozenset({Kind.CREDIT}), False),
    ],
)
def test_a_missing_scope_is_named_with_what_it_costs(
    shop: ScriptedShop, store: Store, scope: str, kinds: frozenset[Kind], *, blocks_write: bool
) -> None:
    shop.on("ShopAndApp", shop_and_app(set(ALL_SCOPES) - {scope, "read_all_orders"}))
    missing = [each for each in store.source.check().missing if each.visible_from is None]
    assert f"scope {scope}" in [each.what for each in missing]
    assert frozenset().union(*(each.kinds for each in missing)) == kinds
    assert any(each.blocks_write for each in missing) is blocks_write
    assert all(each.fix and each.costs for each in missing)


def test_to_write_is_to_read(shop: ScriptedShop, store: Store) -> None:
    shop.on(
        "ShopAndApp",
        shop_and_app({*ALL_SCOPES} - {"read_orders", "read_products"} | {"write_orders", "write_products"}),
    )
    assert store.source.check().missing == ()


def test_to_read_is_not_to_write(shop: ScriptedShop, store: Store) -> None:
    shop.on("ShopAndApp", shop_and_app({*ALL_SCOPES} - {"write_customers"} | {"read_customers"}))
    (missing,) = store.source.check().missing
    assert (missing.what, missing.kinds, missing.blocks_write) == ("scope write_customers", frozenset(), True)


def test_without_all_orders_sixty_days_are_visible(shop: ScriptedShop, store: Store, clock: StillClock) -> None:
    shop.on("ShopAndApp", shop_and_app(set(ALL_SCOPES) - {"read_all_orders"}))
    (missing,) = store.source.check().missing
    assert missing.what == "scope read_all_orders"
    assert missing.visible_from == clock.now() - 60 * 86_400
    assert missing.kinds == frozenset()


def test_where_no_order_is_visible_nothing_is_said_of_old_ones(shop: ScriptedShop, store: Store) -> None:
    shop.on("ShopAndApp", shop_and_app({*ALL_SCOPES} - {"read_orders", "read_all_orders"}))
    assert [each.what for each in store.source.check().missing] == ["scope read_orders"]


def test_a_version_that_is_not_supported_is_noted(shop: ScriptedShop, store: Store) -> None:
    shop.on("ShopAndApp", shop_and_app(_2026_10=False, _2027_01=True))
    (note,) = store.source.check().notes
    assert "2026-10" in note


def test_odd_scopes_do_no_harm(shop: ScriptedShop, store: Store) -> None:
    odd = ["customer_read_orders", "unauthenticated_read_checkouts", "read_customer_events", "x"]
    shop.on("ShopAndApp", shop_and_app([*ALL_SCOPES, *odd]))
    assert store.source.check().missing == ()


def test_a_wrong_token_is_told(shop: ScriptedShop, store: Store) -> None:
    shop.on("ShopAndApp", status(401))
    with pytest.raises(CredentialsError):
        store.source.check()
