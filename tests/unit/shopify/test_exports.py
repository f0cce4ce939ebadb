"""Exports through a feed: started, waited for, taken up again, counted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import responses

from connectors.shopify import CONNECTOR
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.model import Product
from syncd.ports import Cursor, Host, Page, Progress, Store
from tests.conftest import StillClock
from tests.unit.shopify.scripted import FILES, URL, ScriptedShop, data, lines, operation, status

CREATED = 1795248000
"""2026-11-21T08:00:00Z, when all scripted operations were made."""


def product(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Product/{number}",
        "updatedAt": "2026-01-01T00:00:00Z",
        "title": f"P{number}",
        "tags": [],
    } | fields


def collection(number: int, parent: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Collection/{number}",
        "title": "Sale",
        "handle": "sale",
        "__parentId": f"gid://shopify/Product/{parent}",
    }


TWO = lines(product(2), product(1), collection(5, 1))


def pulled(store: Store, since: int | None = None, expected: int | None = None) -> list[Page[Product]]:
    return list(store.source.products.pages(since, expected))


def started(name: str = "1") -> Any:
    return data(run={"bulkOperation": {"id": f"gid://shopify/BulkOperation/{name}"}, "userErrors": []})


def refused(code: str, message: str = "no") -> Any:
    return data(run={"bulkOperation": None, "userErrors": [{"field": None, "message": message, "code": code}]})


def polled(name: str = "1", state: str = "COMPLETED", **described: Any) -> Any:
    return data(operation=operation(name, state, **described))


def complete(shop: ScriptedShop, content: bytes = TWO, name: str = "1") -> Any:
    rows = content.splitlines()
    children = sum(b"__parentId" in row for row in rows)
    return polled(
        name, url=shop.file(name, content), objectCount=str(len(rows)), rootObjectCount=str(len(rows) - children)
    )


def test_all_rows_come_with_their_children_and_one_cursor_at_the_end(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", TWO)
    pages = pulled(store)
    assert [[row.id for row in page.rows] for page in pages] == [[1, 2], []]
    assert [each.id for each in pages[0].rows[0].collections] == [5]
    assert [page.cursor for page in pages] == [None, Cursor(CREATED)]


def test_what_is_asked_for_is_not_grouped_and_holds_the_window(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", TWO)
    pulled(store, since=1_795_219_200, expected=99_999)
    (asked,) = shop.variables("RunExport")
    assert "updated_at:>='2026-11-21T00:00:00Z'" in asked["query"]
    assert "sortKey: UPDATED_AT" in asked["query"]


def test_an_export_that_found_nothing_has_no_file(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", None)
    assert pulled(store) == [Page([], Cursor(CREATED), left=0)]


def test_polling_grows_slower_and_tells_how_far_it_is(
    shop: ScriptedShop, store: Store, clock: StillClock, told: list[Progress]
) -> None:
    shop.on("RunExport", started())
    running = [polled(state="RUNNING", objectCount=str(n), rootObjectCount=str(n)) for n in range(12)]
    shop.on("PollBulkOperation", polled(state="CREATED"), *running, complete(shop))
    pulled(store, expected=5000)
    assert clock.waits == sorted(clock.waits)
    assert (clock.waits[0], clock.waits[-1]) == (0.25, 10)
    assert told[-1] == Progress("products export of main", 11, 5000)


@pytest.mark.parametrize(("seconds", "looks"), [(0.2, 1), (2, 6), (9, 7), (60, 15), (3600, 375)])
def test_the_end_of_an_operation_is_noticed_soon_and_with_few_looks(
    shop: ScriptedShop, store: Store, clock: StillClock, seconds: float, looks: int
) -> None:
    began = clock.instant
    done = complete(shop)

    def look(_: Any) -> Any:
        share = (clock.instant - began) / seconds
        count = str(round(5000 * share))
        return done if share >= 1 else polled(state="RUNNING", objectCount=count, rootObjectCount=count)

    shop.on("RunExport", started())
    shop.on("PollBulkOperation", look)
    pulled(store, expected=5000)
    assert len(shop.variables("PollBulkOperation")) <= looks
    assert clock.instant - began - seconds <= max(0.3, seconds * 0.1)


def test_exports_of_several_kinds_are_begun_before_one_is_waited_for(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", TWO)
    kinds = (store.source.products, store.source.customers, store.source.orders)
    readings = [feed.pages(None) for feed in kinds]
    assert [name for name, _ in shop.asked if name != "ShopAndApp"] == ["RunExport"] * 3
    assert len(list(readings[0])) == 2
    assert len(shop.variables("RunExport")) == 3


def test_what_the_store_has_no_place_for_yet_is_begun_when_it_is_read(shop: ScriptedShop, store: Store) -> None:
    shop.on("RunExport", refused("OPERATION_IN_PROGRESS"), started())
    shop.on("PollBulkOperation", complete(shop))
    pages = store.source.products.pages(None)
    assert len(shop.variables("RunExport")) == 1
    assert len(list(pages)) == 2


def under_way(**begun: str) -> Any:
    nodes = [{"id": f"gid://shopify/BulkOperation/{name}", "createdAt": at} for name, at in begun.items()]
    return data(created={"nodes": []}, running={"nodes": nodes}, canceling={"nodes": []})


def test_a_busy_store_is_waited_for(shop: ScriptedShop, store: Store, clock: StillClock) -> None:
    shop.on("RunExport", *[refused("OPERATION_IN_PROGRESS")] * 3, started())
    shop.on("ExportsUnderWay", under_way())
    shop.on("PollBulkOperation", complete(shop))
    assert len(pulled(store)) == 2
    assert len(clock.waits) == 2


def test_an_export_that_nobody_waits_for_any_more_gives_its_place_back(
    shop: ScriptedShop, store: Store, clock: StillClock
) -> None:
    clock.instant = CREATED + 7 * 3600
    shop.on(
        "RunExport", lambda _: started() if shop.variables("CancelBulkOperation") else refused("OPERATION_IN_PROGRESS")
    )
    shop.on("ExportsUnderWay", under_way(old="2026-11-21T08:00:00Z", young="2026-11-21T10:00:00Z"))
    shop.on("CancelBulkOperation", data(cancel=None))
    shop.on("PollBulkOperation", complete(shop))
    assert len(pulled(store)) == 2
    assert shop.variables("CancelBulkOperation") == [{"id": "gid://shopify/BulkOperation/old"}]


def test_a_store_that_stays_busy_is_given_up(shop: ScriptedShop, store: Store, clock: StillClock) -> None:
    shop.on("RunExport", refused("OPERATION_IN_PROGRESS"))
    shop.on("ExportsUnderWay", under_way())
    with pytest.raises(RetriableError, match="no place"):
        pulled(store)
    assert 600 < sum(clock.waits) < 700


@pytest.mark.parametrize(
    ("code", "kind"), [("INVALID", FatalError), ("LIMIT_REACHED", RetriableError), (None, FatalError)]
)
def test_a_refused_export_is_an_error(
    shop: ScriptedShop, store: Store, code: str, kind: type[Exception], host: Host
) -> None:
    shop.on("RunExport", refused(code, "Bulk queries must contain at least one connection."))
    with pytest.raises(kind, match="at least one connection"):
        pulled(store)
    assert host.memo == {}


@pytest.mark.parametrize(
    ("state", "code", "kind"),
    [
        ("FAILED", "ACCESS_DENIED", CredentialsError),
        ("FAILED", "INTERNAL_SERVER_ERROR", RetriableError),
        ("FAILED", "TIMEOUT", RetriableError),
        ("CANCELED", None, RetriableError),
        ("EXPIRED", None, RetriableError),
    ],
)
def test_an_export_that_did_not_succeed_gives_no_rows_and_is_not_taken_up_again(
    shop: ScriptedShop, store: Store, host: Host, state: str, code: str | None, kind: type[Exception]
) -> None:
    shop.on("RunExport", started())
    shop.on("PollBulkOperation", polled(state=state, errorCode=code, partialDataUrl=shop.file("part", TWO)))
    with pytest.raises(kind):
        pulled(store)
    assert host.memo == {}


def test_an_export_that_failed_is_made_anew_once(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", TWO)
    good = shop._script["PollBulkOperation"][0]
    shop.on("PollBulkOperation", polled(state="FAILED", errorCode="TIMEOUT"), good)
    assert len(pulled(store)) == 2
    assert len(shop.variables("RunExport")) == 2


def test_fewer_rows_than_the_store_counted_are_lost_rows_and_no_row_is_given(
    shop: ScriptedShop, store: Store, host: Host
) -> None:
    for counted in ({"objectCount": "4", "rootObjectCount": "2"}, {"objectCount": "3", "rootObjectCount": "3"}):
        shop.exports("1", TWO, **counted)
        pages = store.source.products.pages(None)
        with pytest.raises(RetriableError, match="lost rows: 1 fewer"):
            next(pages)
        assert host.memo == {}


def test_a_file_that_is_missing_although_rows_were_counted_is_lost_rows(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", None, objectCount="3", rootObjectCount="3")
    with pytest.raises(RetriableError, match="lost rows"):
        pulled(store)


def test_more_rows_than_counted_are_no_loss(shop: ScriptedShop, store: Store) -> None:
    shop.exports("1", TWO, objectCount="1", rootObjectCount="1")
    assert len(pulled(store)[0].rows) == 2


def test_an_operation_that_the_store_forgot_is_an_error(shop: ScriptedShop, store: Store, host: Host) -> None:
    shop.on("RunExport", started())
    shop.on("PollBulkOperation", data(operation=None))
    with pytest.raises(FatalError, match="no longer knows"):
        pulled(store)
    assert host.memo == {}


def test_an_export_that_makes_no_progress_is_cancelled_and_made_anew_by_the_next_run(
    shop: ScriptedShop, store: Store, host: Host, clock: StillClock
) -> None:
    shop.on("RunExport", started())
    shop.on("PollBulkOperation", polled(state="RUNNING", objectCount="5"))
    shop.on("CancelBulkOperation", data(cancel={"userErrors": []}))
    with pytest.raises(RetriableError, match="no progress"):
        pulled(store)
    assert 900 < sum(clock.waits) < 1000
    assert shop.variables("CancelBulkOperation") == [{"id": "gid://shopify/BulkOperation/1"}]
    assert "export products" not in host.memo


class HurriedClock(StillClock):
    """A clock whose waits are cut short: the process is asked to stop."""

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_a_process_that_is_asked_to_stop_does_not_go_on_polling(shop: ScriptedShop, store: Store, host: Host) -> None:
    hurried = HurriedClock()
    stopping = _with_clock(store, host, hurried)
    shop.on("RunExport", started())
    shop.on("PollBulkOperation", polled(state="RUNNING"))
    with pytest.raises(RetriableError, match="stopped"):
        pulled(stopping)
    assert len(hurried.waits) == 1
    assert "export products" in host.memo


def _with_clock(store: Store, host: Host, clock: StillClock) -> Store:
    settings = CONNECTOR.settings(shop="main", access_token="shpat_1", api_url=URL)
    return CONNECTOR.open(store.source.name, settings, msgspec.structs.replace(host, clock=clock))


class TestTakingUp:
    """What an interrupted process started, the next one goes on with."""

    @pytest.fixture(autouse=True)
    def interrupted(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.on("RunExport", started("old"))
        shop.on("PollBulkOperation", complete(shop, name="old"))
        pages = store.source.products.pages(None)
        next(pages)
        pages.close()
        assert "export products" in host.memo
        shop.asked.clear()

    def test_the_same_export_is_not_made_anew(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        assert len(pulled(store)) == 2
        assert shop.variables("RunExport") == []
        assert host.memo == {}

    def test_one_that_still_runs_is_waited_for(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("PollBulkOperation", polled("old", "RUNNING"), polled("old", "RUNNING"), complete(shop, name="old"))
        assert len(pulled(store)) == 2
        assert shop.variables("RunExport") == []

    def test_another_window_is_another_export(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("RunExport", started("new"))
        pulled(store, since=1_795_219_200, expected=99_999)
        assert len(shop.variables("RunExport")) == 1

    def test_an_old_one_is_made_anew(self, shop: ScriptedShop, store: Store, clock: StillClock) -> None:
        clock.instant += 7 * 3600
        shop.on("RunExport", started("new"))
        pulled(store)
        assert len(shop.variables("RunExport")) == 1

    @pytest.mark.parametrize("now", [None, operation("old", "FAILED"), operation("old", "EXPIRED")])
    def test_one_that_came_to_nothing_is_made_anew(self, shop: ScriptedShop, store: Store, now: Any) -> None:
        shop.on("RunExport", started("new"))
        shop.on("PollBulkOperation", data(operation=now), complete(shop, name="new"))
        assert len(pulled(store)) == 2
        assert len(shop.variables("RunExport")) == 1

    def test_a_link_that_is_no_longer_good_is_forgotten(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.mocked.replace(responses.GET, FILES + "old", status=403)
        with pytest.raises(FatalError):
            pulled(store)
        assert host.memo == {}

    def test_a_download_that_breaks_off_for_good_is_kept(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.mocked.replace(responses.GET, FILES + "old", status=503)
        with pytest.raises(RetriableError):
            pulled(store)
        assert "export products" in host.memo

    def test_a_memo_that_is_not_understood_is_none(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        host.memo["export products"] = "gid://shopify/BulkOperation/1"
        assert len(pulled(store)) == 2
        assert len(shop.variables("RunExport")) == 1


class TestIds:
    def test_a_few_ids_are_paged(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("ProductsCount", data(whole={"count": 2, "precision": "EXACT"}))
        nodes = [{"id": "gid://shopify/Product/1"}, {"id": "gid://shopify/Product/2"}]
        shop.on("ProductsIds", data(rows={"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}))
        assert [page.rows for page in store.source.products.ids()] == [[1, 2]]

    def test_many_ids_are_exported_and_never_taken_up_later(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.on("ProductsCount", data(whole={"count": 2000, "precision": "EXACT"}))
        shop.exports("ids", lines(*({"id": f"gid://shopify/Product/{n}"} for n in (3, 1, 2))))
        ids = store.source.products.ids()
        assert sorted(next(ids).rows) == [1, 2, 3]
        assert host.memo == {}

    def test_lost_ids_are_noticed(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("ProductsCount", data(whole={"count": 2000, "precision": "EXACT"}))
        content = lines({"id": "gid://shopify/Product/1"})
        shop.exports("ids", content, objectCount="2", rootObjectCount="2")
        with pytest.raises(RetriableError, match="lost rows"):
            list(store.source.products.ids())


def test_a_failing_poll_is_an_error_of_this_run_only(shop: ScriptedShop, store: Store, host: Host) -> None:
    shop.on("RunExport", started())
    shop.on("PollBulkOperation", status(503))
    with pytest.raises(RetriableError):
        pulled(store)
    assert "export products" in host.memo
