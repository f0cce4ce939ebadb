"""The bench of the Shopify connector: a simulated store behind a front on loopback, with a clock that stands still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from connectors.patience import Limits
from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.store import Store
from connectors.sandbox.world import records
from connectors.sandbox.world.change import add_tags, edit_customer
from connectors.sandbox.world.making import Maker
from connectors.sandbox.world.shop import Profile, Shop
from connectors.shopify import CONNECTOR, ShopifySettings, paging, shapes
from syncd.model import ON_DEMAND, Instant
from syncd.ports import Feed, Host
from tests.conftest import StillClock
from tests.contract.suite_front import Front, front

PAGE = 7
LEFT_ALONE = int(Limits().rest)
STARTED = 1_000_000_000
"""When everything was made, where that does not matter."""


class ShopFeedBench:
    """One kind of record; the suite's numbers are the ids."""

    page = PAGE

    def __init__(self, bench: ShopifyBench, kind: str, records_kind: str, make: Callable[[int, Instant], Any]) -> None:
        self.bench = bench
        self.feed: Feed[Any] = getattr(bench.source, kind)
        self.wait = bench.wait
        self._kind = records_kind
        self._make = make

    def put(self, numbers: Iterable[int]) -> None:
        shop, now = self.bench.shop, self.bench.clock.now()
        with shop.lock:
            for number in numbers:
                found: Any = shop.records(self._kind).get(number)
                if found is None:
                    shop.records(self._kind)[number] = self._make(number, now)
                else:
                    found.updated_at = now
            shop.changed(self._kind)

    def drop(self, number: int) -> None:
        shop = self.bench.shop
        with shop.lock:
            del shop.records(self._kind)[number]
            shop.changed(self._kind)

    def number(self, row: Any) -> int:
        return int(row.id)

    def changed_at(self, row: Any) -> Instant:
        return int(row.updated_at)

    def now(self) -> Instant:
        return self.bench.clock.now()


class ShopifyBench:
    """The store."""

    def __init__(self, clock: StillClock, shop: Shop, service: Store, door: Front) -> None:
        self.clock = clock
        self.shop = shop
        self.service = service
        self.door = door
        self.calls = Counter[str]()
        self.secret = service.tokens.permanent
        settings = ShopifySettings(
            shop="main.myshopify.com", access_token=SecretStr(self.secret), api_url=f"{door.url}/shops/main"
        )
        opened = CONNECTOR.open("main", settings, Host(clock=clock, memo={}, calls=self.calls))
        self.source = opened.source
        self.target = opened.tags
        makers = {"customers": customer, "orders": order, "products": product, "checkouts": checkout}
        self.feeds = {kind: ShopFeedBench(self, kind, kind, make) for kind, make in makers.items()}
        for hanging in ON_DEMAND:
            self.feeds[hanging.value] = ShopFeedBench(self, hanging.value, "customers", customer)

    def wait(self, seconds: int = 1) -> None:
        self.clock.instant += seconds

    def subject(self, number: int) -> str:
        if number not in self.shop.customers:
            self.feeds["customers"].put([number])
        return str(number)

    def strangers(self) -> list[str]:
        return ["999999999999", "", "not-a-number", "-1"]

    def tag_by_hand(self, subject: str, *labels: str) -> None:
        with self.shop.lock:
            add_tags(self.shop, self.shop.customers[int(subject)], labels, self.clock.now())

    def labels_of(self, subject: str) -> set[str]:
        return set(self.shop.customers[int(subject)].tags)

    def refuse_key(self) -> None:
        self.service.tokens.revoke("all")

    def cut_off(self) -> None:
        self.door.close()

    def lose_answers(self) -> None:
        self.door.lost = lambda request: b"WriteTags" in request.body or b"OptOut" in request.body

    def cut_off_after(self, requests: int, *, carried_out: bool, for_good: bool = True) -> None:
        self.door.for_good = for_good
        self.door.cut_off = False
        self.door.answers_left = requests
        self.door.last_words = carried_out

    def was_cut_off(self) -> bool:
        return self.door.cut_off

    def restore(self) -> None:
        self.service.tokens.restore()
        self.door.reopen()
        self.wait(LEFT_ALONE)

    def put_customer_with_addresses(self, number: int, addresses: int) -> None:
        self.feeds["customers"].put([number])
        self.shop.customers[number].addresses = tuple(
            records.Address(
                id=number * 1000 + place,
                address1="1 Main Street",
                city=f"City {place}",
                province="Ontario",
                province_code="ON",
                country="Canada",
                country_code="CA",
                zip="K1A 0A1",
                latitude=45.4,
                longitude=-75.7,
            )
            for place in range(addresses)
        )

    def put_consent(self, number: int, consent: str, at: Instant) -> None:
        self.subject(number)
        with self.shop.lock:
            edit_customer(self.shop, self.shop.customers[number], {"consent": consent}, self.clock.now())
            self.shop.customers[number].consent_at = at

    def consent_of(self, number: int) -> tuple[str | None, Instant | None]:
        return self.shop.customers[number].consent, self.shop.customers[number].consent_at

    def put_order_with_lines(self, number: int, lines: int) -> None:
        self.feeds["orders"].put([number])
        self.shop.orders[number].lines = tuple(
            records.Line(
                id=number * 1000 + place, product_id=None, title="Thing", quantity=1, current_quantity=1, price=100
            )
            for place in range(lines)
        )


def customer(number: int, now: Instant) -> records.Customer:
    return records.Customer(id=number, created_at=STARTED, updated_at=now, email=f"{number}@people.example")


def order(number: int, now: Instant) -> records.Order:
    return records.Order(id=number, number=number, created_at=now, processed_at=now, updated_at=now, total=1000)


def product(number: int, now: Instant) -> records.Product:
    return records.Product(
        id=number,
        created_at=STARTED,
        updated_at=now,
        title=f"Thing {number}",
        handle=f"thing-{number}",
        vendor="Maker",
        product_type="Thing",
        price=100,
    )


def checkout(number: int, now: Instant) -> records.Checkout:
    return records.Checkout(id=number, created_at=now, updated_at=now, total=100)


@contextmanager
def shopify(clock: StillClock) -> Iterator[ShopifyBench]:
    """Open a store with nothing in it, read in small pages."""
    with ExitStack() as stack:
        files = Files(clock)
        stack.callback(files.close)
        profile = Profile(
            name="main", number=0, domain="main.myshopify.com", timezone="America/Toronto", currency="CAD"
        )
        shop = Shop(profile, Maker("main", 0, clock.now()))
        served: list[Store] = []

        def answer(request: Request) -> Response:
            (service,) = served
            response = route(service, files, request)
            for operation in list(service.bulk._operations.values()):
                operation.wait(10)  # its work takes real time, and our clock stands still
            return response

        door = stack.enter_context(front(answer))
        served.append(Store(shop, seed=1, clock=clock, files=files, base_url=door.url))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for kind in ("CUSTOMERS", "ORDERS", "PRODUCTS", "CHECKOUTS", "METAFIELDS", "COMPANIES", "CREDIT"):
            smaller = msgspec.structs.replace(getattr(shapes, kind), size=PAGE)
            patch.setattr(shapes, kind, smaller)
        patch.setattr(paging, "IDS_AT_ONCE", PAGE)
        yield ShopifyBench(clock, shop, served[0], door)


def route(service: Store, files: Files, request: Request) -> Response:
    if request.path.startswith("/files/"):
        return files.answer(request)
    if request.path.startswith("/staged/"):
        return service.upload(request)
    return service.answer(msgspec.structs.replace(request, path=request.path.removeprefix("/shops/main")))
