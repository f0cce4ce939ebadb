"""Pages and peeks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.shopify import feed as feeds
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.model import Instant
from syncd.ports import Cursor, Host, Page, Store
from tests.unit.shopify.scripted import (
    ScriptedShop,
    Variables,
    connection,
    data,
    fails,
    lines,
    shop_and_app,
    status,
)

SINCE = 1_795_219_200
QUERY = "updated_at:>='2026-11-21T00:00:00Z'"


def moment(at: Instant) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def money(amount: str = "1.0") -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def customer(number: int, at: Instant = SINCE, children: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": moment(SINCE),
        "updatedAt": moment(at),
        "tags": [],
        "numberOfOrders": "0",
        "amountSpent": {"amount": "0.0", "currencyCode": "EUR"},
        "children": children or connection([]),
    }


def order(number: int, lines: dict[str, Any], at: Instant = SINCE) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Order/{number}",
        "createdAt": moment(SINCE),
        "processedAt": moment(SINCE),
        "updatedAt": moment(at),
        "totalPriceSet": money(),
        "currentTotalPriceSet": money(),
        "totalRefundedSet": money(),
        "children": lines,
    }


def line(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "quantity": 1,
        "currentQuantity": 1,
        "discountedTotalSet": money(),
    }


def checkout(number: int, at: Instant = SINCE) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/AbandonedCheckout/{number}",
        "createdAt": moment(SINCE),
        "updatedAt": moment(at),
        "totalPriceSet": money(),
    }


def page(*nodes: dict[str, Any], after: str | None = None) -> Any:
    return data(rows=connection(nodes, after))


def peeked(*nodes: dict[str, Any], window: int = 0, whole: int = 0) -> Any:
    exact = "EXACT"
    return data(
        rows=connection(nodes),
        window={"count": window, "precision": exact},
        whole={"count": whole, "precision": exact},
    )


class TestPeek:
    def test_one_call_gives_the_newest_rows_and_both_counts(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        store.source.check()
        shop.on("CustomersPeek", peeked(customer(1, SINCE + 5), customer(2, SINCE + 9), window=2, whole=70))
        found = store.source.customers.peek(SINCE)
        assert ([row.id for row in found.rows], found.window, found.whole) == ([2, 1], 2, 70)
        assert host.calls == {"check": 1, "customers": 1}
        assert shop.variables("CustomersPeek") == [{"first": 250, "query": QUERY}]

    def test_a_count_that_is_not_exact_is_refused(self, shop: ScriptedShop, store: Store) -> None:
        body = peeked()
        body["data"]["window"]["precision"] = "AT_LEAST"
        shop.on("CustomersPeek", body)
        with pytest.raises(FatalError, match="exactly"):
            store.source.customers.peek(SINCE)

    def test_the_rest_of_a_long_order_is_fetched(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("OrdersPeek", peeked(order(1, connection([line(1)], after="a")), window=1, whole=1))
        shop.on(
            "OrdersChildren",
            data(record={"children": connection([line(2)], after="b")}),
            data(record={"children": connection([line(3)])}),
        )
        (row,) = store.source.orders.peek(SINCE).rows
        assert [each.id for each in row.lines] == [1, 2, 3]
        asked = shop.variables("OrdersChildren")
        assert [each["after"] for each in asked] == ["a", "b"]
        assert {each["id"] for each in asked} == {"gid://shopify/Order/1"}


class TestUpward:
    def test_pages_follow_each_other_each_with_its_cursor(self, shop: ScriptedShop, store: Store) -> None:
        shop.on(
            "CustomersPage",
            page(customer(9, SINCE + 1), customer(2, SINCE + 3), after="a"),
            page(customer(3, SINCE + 3), customer(1, SINCE + 8)),
        )
        pages = list(store.source.customers.pages(SINCE, expected=4))
        assert [[row.id for row in each.rows] for each in pages] == [[9, 2], [3, 1]]
        assert [each.cursor for each in pages] == [Cursor(SINCE + 3, 2), Cursor(SINCE + 8, 1)]
        assert shop.variables("CustomersPage") == [
            {"first": 250, "after": None, "query": QUERY},
            {"first": 250, "after": "a", "query": QUERY},
        ]

    def test_nothing_new_leaves_the_cursor_where_it_was(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CustomersPage", page())
        assert list(store.source.customers.pages(SINCE)) == [Page([], Cursor(SINCE))]

    def test_all_of_a_small_store_is_paged_without_a_filter(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CustomersPage", page(customer(1)))
        list(store.source.customers.pages(None, expected=900))
        assert shop.variables("CustomersPage")[0]["query"] is None

    def test_a_page_out_of_order_does_not_move_the_cursor_unless_it_is_the_last(
        self, shop: ScriptedShop, store: Store
    ) -> None:
        shop.on(
            "CustomersPage",
            page(customer(1, SINCE + 1), after="a"),
            page(customer(2, SINCE + 900), customer(3, SINCE + 2), after="b"),
            page(customer(4, SINCE + 800), customer(5, SINCE + 3)),
        )
        cursors = [each.cursor for each in store.source.customers.pages(SINCE)]
        assert cursors == [Cursor(SINCE + 1, 1), Cursor(SINCE + 1, 1), Cursor(SINCE + 800, 4)]

    def test_an_empty_page_in_between_is_passed(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CustomersPage", page(customer(1), after="a"), page(after="b"), page(customer(2)))
        rows = [row.id for each in store.source.customers.pages(SINCE) for row in each.rows]
        assert rows == [1, 2]

    def test_pages_that_go_in_a_circle_are_left(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CustomersPage", page(customer(1), after="a"), page(customer(2), after="b"), page(after="a"))
        with pytest.raises(RetriableError, match="circle"):
            list(store.source.customers.pages(SINCE))

    def test_more_pages_without_saying_where_are_left(self, shop: ScriptedShop, store: Store) -> None:
        body = page(customer(1))
        body["data"]["rows"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}
        shop.on("CustomersPage", body)
        with pytest.raises(RetriableError, match="circle"):
            list(store.source.customers.pages(SINCE))

    def test_rows_before_a_failure_are_good(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CustomersPage", page(customer(1, SINCE + 1), after="a"), status(503))
        pages = store.source.customers.pages(SINCE)
        assert next(pages).cursor == Cursor(SINCE + 1, 1)
        with pytest.raises(RetriableError):
            next(pages)

    def test_an_order_that_vanished_while_its_lines_were_read_is_left_out(
        self, shop: ScriptedShop, store: Store
    ) -> None:
        shop.on("OrdersPage", page(order(1, connection([line(1)], after="a")), order(2, connection([line(5)]))))
        shop.on("OrdersChildren", data(record=None))
        (only,) = store.source.orders.pages(SINCE)
        assert [row.id for row in only.rows] == [2]

    def test_addresses_beyond_the_first_page_are_fetched(self, shop: ScriptedShop, store: Store) -> None:
        first = connection([{"id": "gid://shopify/MailingAddress/1"}], after="a")
        shop.on("CustomersPage", page(customer(1, children=first)))
        rest = connection([{"id": "gid://shopify/MailingAddress/2"}])
        shop.on("CustomersChildren", data(record={"children": rest}))
        (only,) = store.source.customers.pages(SINCE)
        assert [each.id for each in only.rows[0].addresses] == [1, 2]

    def test_children_that_go_in_a_circle_are_left(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("OrdersPage", page(order(1, connection([line(1)], after="a"))))
        shop.on("OrdersChildren", data(record={"children": connection([line(2)], after="a")}))
        with pytest.raises(RetriableError, match="circle"):
            list(store.source.orders.pages(SINCE))


class TestCost:
    def test_a_page_that_costs_too_much_is_halved_once_and_for_all(self, shop: ScriptedShop, store: Store) -> None:
        def limited(variables: Variables) -> Any:
            return fails("MAX_COST_EXCEEDED") if variables["first"] > 30 else page()

        shop.on("OrdersPage", limited)
        list(store.source.orders.pages(SINCE))
        list(store.source.orders.pages(SINCE))
        assert [asked["first"] for asked in shop.variables("OrdersPage")] == [100, 50, 25, 25]

    def test_a_single_row_that_costs_too_much_is_an_error(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("OrdersPage", fails("MAX_COST_EXCEEDED", "Query cost is 2000"))
        with pytest.raises(FatalError, match="too costly"):
            list(store.source.orders.pages(SINCE))


class TestDownward:
    """Checkouts cannot be sorted by time of change."""

    def test_only_the_last_page_has_a_cursor_the_newest_change_of_the_first(
        self, shop: ScriptedShop, store: Store
    ) -> None:
        shop.on(
            "CheckoutsPage",
            page(checkout(9, SINCE + 50), checkout(8, SINCE + 70), after="a"),
            page(checkout(7, SINCE + 900)),
        )
        pages = list(store.source.checkouts.pages(SINCE))
        assert [each.cursor for each in pages] == [None, Cursor(SINCE + 70, 8)]

    def test_nothing_new_leaves_the_cursor_where_it_was(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("CheckoutsPage", page())
        assert list(store.source.checkouts.pages(SINCE)) == [Page([], Cursor(SINCE))]

    def test_too_many_pages_end_in_an_export(
        self, shop: ScriptedShop, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feeds, "PAGED_AT_MOST", 1)
        shop.on("CheckoutsPage", page(checkout(1), after="a"))
        shop.exports("1", lines(checkout(1), checkout(2)))
        pages = list(store.source.checkouts.pages(SINCE))
        assert [[row.id for row in each.rows] for each in pages] == [[1], [1, 2], []]
        assert [each.cursor is None for each in pages] == [True, True, False]


class TestChoosing:
    @pytest.mark.parametrize(
        ("since", "expected", "exported"),
        [
            (None, None, True),
            (None, 1000, False),
            (None, 1001, True),
            (SINCE, None, False),
            (SINCE, 1000, False),
            (SINCE, 1001, True),
            (SINCE, 0, False),
        ],
    )
    def test_many_rows_are_exported_and_few_are_paged(
        self, shop: ScriptedShop, store: Store, since: Instant | None, expected: int | None, *, exported: bool
    ) -> None:
        shop.on("CustomersPage", page())
        shop.exports("1", None)
        list(store.source.customers.pages(since, expected))
        assert bool(shop.variables("RunExport")) is exported
        assert bool(shop.variables("CustomersPage")) is not exported

    def test_beyond_what_can_be_paged_an_export_goes_on_from_there(
        self, shop: ScriptedShop, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feeds, "PAGED_AT_MOST", 2)
        shop.on(
            "CustomersPage",
            page(customer(1, SINCE + 1), after="a"),
            page(customer(2, SINCE + 3600), after="b"),
        )
        row = customer(3, SINCE + 7200)
        del row["children"]
        shop.exports("1", lines(row))
        pages = list(store.source.customers.pages(SINCE))
        assert [each.id for every in pages for each in every.rows] == [1, 2, 3]
        assert "updated_at:>='2026-11-21T01:00:00Z'" in shop.variables("RunExport")[0]["query"]


class TestScopes:
    @pytest.mark.parametrize(
        ("scopes", "field", "asked"),
        [
            (["write_customers", "read_orders"], "lastOrder", True),
            (["write_customers"], "lastOrder", False),
        ],
    )
    def test_fields_that_need_another_scope_are_asked_for_only_with_it(
        self, shop: ScriptedShop, store: Store, scopes: list[str], field: str, *, asked: bool
    ) -> None:
        shop.on("ShopAndApp", shop_and_app(scopes))
        shop.exports("1", None)
        list(store.source.customers.pages(None))
        assert (field in shop.variables("RunExport")[0]["query"]) is asked

    def test_a_check_of_the_run_is_not_asked_again(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.on("CustomersPage", page())
        shop.on("OrdersPage", page())
        store.source.check()
        list(store.source.customers.pages(SINCE))
        list(store.source.orders.pages(SINCE))
        assert host.calls["check"] == 1

    def test_a_kind_that_may_not_be_read_is_told_with_the_scope(self, shop: ScriptedShop, store: Store) -> None:
        denied = fails("ACCESS_DENIED", requiredAccess="`read_orders` access scope.")
        shop.on("OrdersPage", denied)
        with pytest.raises(CredentialsError, match="read_orders"):
            list(store.source.orders.pages(SINCE))
