"""Exports whose reading broke off within the file, and files in an order that cannot be joined as they stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from connectors.shopify import CONNECTOR, joining
from syncd.model import Product
from syncd.ports import Cursor, Host, Page, Store
from tests.unit.shopify.scripted import FILES, URL, ScriptedShop, data, lines, operation
from tests.unit.shopify.test_exports import CREATED, collection, product, started

COUNT = 400


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows leave in small numbers."""
    monkeypatch.setattr(joining, "TOGETHER", 60)
    monkeypatch.setattr(joining, "WINDOW", 60)
    monkeypatch.setattr("connectors.http.CHUNK", 2000)


class Served:
    """A file that is given from any byte on, and who asked for which."""

    def __init__(self, shop: ScriptedShop, content: bytes) -> None:
        self.content = content
        self.asked: list[int] = []
        shop.mocked.add_callback(responses.GET, f"{FILES}all", callback=self._answer)
        shop.on("RunExport", started())
        rows = content.splitlines()
        children = sum(b"__parentId" in row for row in rows)
        described = {"objectCount": str(len(rows)), "rootObjectCount": str(len(rows) - children)}
        shop.on("PollBulkOperation", data(operation=operation("1", url=f"{FILES}all", **described)))

    def _answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range") or "bytes=0-")
        assert found
        start = int(found[1])
        self.asked.append(start)
        rest = self.content[start:]
        return 206 if start else 200, {"Content-Length": str(len(rest))}, rest


def near() -> bytes:
    """Return a file of products, each followed by its one collection."""
    return b"".join(lines(product(n), collection(n + 7000, n)) for n in range(1, COUNT + 1))


def scattered() -> bytes:
    """Return the same, all collections after all products."""
    rows = near().splitlines(keepends=True)
    return b"".join(rows[::2] + rows[1::2])


def another_process(host: Host) -> Store:
    """Return the store as the next process opens it: of the last one only the memo is left."""
    return CONNECTOR.open("main", CONNECTOR.settings(shop="main", access_token="shpat_1", api_url=URL), host)


def reading(store: Store, *, go_on: bool = True) -> Iterator[Page[Product]]:
    return store.source.products.pages(None, COUNT * 100, go_on=go_on)


def stored_until_killed(store: Store, pages: int) -> dict[int, Product]:
    """Take so many pages and ask for one more, which is never stored."""
    stored: dict[int, Product] = {}
    taken = reading(store)
    for _ in range(pages):
        stored |= {row.id: row for row in next(taken).rows}
    next(taken)
    return stored


def everything(pages: Iterator[Page[Product]]) -> dict[int, Product]:
    return {row.id: row for page in pages for row in page.rows}


def test_the_next_process_reads_only_the_end_of_the_file(shop: ScriptedShop, store: Store, host: Host) -> None:
    served = Served(shop, near())
    stored = stored_until_killed(store, 8)
    rest = list(reading(another_process(host)))
    assert len(shop.variables("RunExport")) == 1
    assert served.asked[0] == 0
    assert served.asked[1] > len(served.content) // 3
    assert len(everything(iter(rest))) < COUNT - len(stored) + 60
    rows = stored | everything(iter(rest))
    assert sorted(rows) == list(range(1, COUNT + 1))
    assert all([it.id for it in row.collections] == [row.id + 7000] for row in rows.values())
    assert rest[-1].cursor == Cursor(CREATED)
    assert host.memo == {}


def test_what_was_given_and_not_stored_comes_again(shop: ScriptedShop, store: Store, host: Host) -> None:
    Served(shop, near())
    taken = reading(store)
    first = next(taken)
    again = next(reading(another_process(host)))
    assert [row.id for row in again.rows] == [row.id for row in first.rows]


def test_who_needs_every_row_gets_every_row(shop: ScriptedShop, store: Store, host: Host) -> None:
    served = Served(shop, near())
    stored_until_killed(store, 8)
    assert len(everything(reading(another_process(host), go_on=False))) == COUNT
    assert served.asked == [0, 0]


def test_how_much_is_left_is_told_with_every_page_and_counts_only_what_is_still_to_come(
    shop: ScriptedShop, store: Store, host: Host
) -> None:
    Served(shop, near())
    stored = stored_until_killed(store, 4)
    pages = list(reading(another_process(host)))
    left = [page.left for page in pages]
    to_come = [sum(len(later.rows) for later in pages[place + 1 :]) for place in range(len(pages))]
    assert left == to_come
    assert 0 < len(stored) + to_come[0] <= COUNT


def test_a_scattered_file_is_read_once_more_and_gives_every_row_whole(
    shop: ScriptedShop, store: Store, host: Host
) -> None:
    served = Served(shop, scattered())
    rows = everything(reading(store))
    assert sorted(rows) == list(range(1, COUNT + 1))
    assert all([it.id for it in row.collections] == [row.id + 7000] for row in rows.values())
    assert served.asked == [0, 0]
    assert len(shop.variables("RunExport")) == 1
    assert host.memo == {}


def test_that_a_file_is_scattered_is_known_to_the_next_process(shop: ScriptedShop, store: Store, host: Host) -> None:
    served = Served(shop, scattered())
    stored_until_killed(store, 1)
    assert len(everything(reading(another_process(host)))) == COUNT
    assert served.asked == [0, 0, 0]


def test_a_row_that_left_without_a_child_that_came_late_comes_again_with_it(shop: ScriptedShop, store: Store) -> None:
    rows = near().splitlines(keepends=True)
    late: list[Any] = rows[:1] + rows[2:] + rows[1:2]
    Served(shop, b"".join(late))
    assert [it.id for it in everything(reading(store))[1].collections] == [7001]
