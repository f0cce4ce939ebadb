"""What a large shop's exports look like: files of JSON lines, children after their parents within a batch of 250."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from tests.bench import town
from tests.bench.town import Size

_BATCH = 250
_Family: TypeAlias = tuple[str, list[str]]


def write(folder: Path, size: Size) -> None:
    """Write a shop's exports into a folder, each with what the service tells of it beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    shop = _Shop(size)
    for kind in ("customers", "orders", "products", "checkouts"):
        _write(folder, kind, getattr(shop, kind)())


def _write(folder: Path, kind: str, families: Iterator[_Family]) -> None:
    dice = random.Random(3)
    roots = objects = 0
    children: list[str] = []
    path = folder / f"{kind}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for row, below in families:
            roots, objects = roots + 1, objects + 1 + len(below)
            out.write(row)
            children += below
            if roots % _BATCH == 0:
                dice.shuffle(children)
                out.writelines(children)
                children = []
        out.writelines(children)
    told = {"objectCount": objects, "rootObjectCount": roots, "fileSize": path.stat().st_size}
    (folder / f"{kind}.json").write_text(json.dumps({name: str(number) for name, number in told.items()}))


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/") + "\n"


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _money(minor: int) -> dict[str, str]:
    return {"amount": f"{minor / 100:.2f}", "currencyCode": "EUR"}


def _gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{town.BASE + number}"


class _Shop:
    """The records of a shop, as an export has them."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._dice = random.Random(7)

    def customers(self) -> Iterator[_Family]:
        pick = self._dice.choice
        for number in range(1, self._size.customers + 1):
            at = _instant(town.NOW - town.YEARS + number * town.YEARS // self._size.customers)
            gid = _gid("Customer", number)
            person = {
                "id": gid, "createdAt": at, "updatedAt": at, "firstName": "Person", "lastName": f"Number {number}",
                "locale": pick(("de", "de", "en", "fr-CA")), "state": "ENABLED", "verifiedEmail": True,
                "tags": ["vip"] if number % 10 == 0 else [], "numberOfOrders": str(number % 12),
                "amountSpent": _money(number % 200_000), "productSubscriberStatus": "NEVER_SUBSCRIBED",
                "statistics": {"predictedSpendTier": None, "rfmGroup": pick(("CHAMPIONS", "LOYAL", None))},
                "defaultEmailAddress": {
                    "emailAddress": town.email(number), "marketingState": pick(("SUBSCRIBED", "NOT_SUBSCRIBED")),
                    "marketingUpdatedAt": at,
                },
                "defaultPhoneNumber": None, "lastOrder": {"processedAt": at} if number % 3 else None,
            }  # fmt: skip
            place = {
                "id": f"{_gid('MailingAddress', number)}?model_name=CustomerAddress", "countryCodeV2": "DE",
                "provinceCode": None, "city": f"City{number % 300}", "zip": f"{number % 99_999:05}", "latitude": 52.5,
                "longitude": 13.4, "__parentId": gid,
            }  # fmt: skip
            yield _line(person), [_line(place)]

    def orders(self) -> Iterator[_Family]:
        for number in range(1, self._size.orders + 1):
            at = _instant(town.NOW - town.YEARS + number * town.YEARS // self._size.orders)
            gid, buyer = _gid("Order", number), 1 + int(self._size.customers * self._dice.random() ** 2)
            total = {"shopMoney": _money(self._dice.randrange(500, 40_000))}
            order = {
                "id": gid, "createdAt": at, "processedAt": at, "updatedAt": at,
                "cancelledAt": at if number % 25 == 1 else None, "test": False, "name": f"#{number}",
                "email": town.email(buyer), "sourceName": "web", "app": {"id": "gid://shopify/App/580111"},
                "tags": ["gift"] if number % 20 == 0 else [], "discountCodes": ["WELCOME"] if number % 15 == 0 else [],
                "displayFinancialStatus": "PAID", "totalPriceSet": total, "currentTotalPriceSet": total,
                "totalRefundedSet": {"shopMoney": _money(0)},
                "customer": None if number % 20 in {3, 9, 15} else {"id": _gid("Customer", buyer)},
            }  # fmt: skip
            yield _line(order), [_line(self._bought(gid, number, line)) for line in range(2 + number % 2)]

    def _bought(self, order: str, number: int, line: int) -> dict[str, Any]:
        product = 1 + int(self._size.products * self._dice.random() ** 2)
        return {
            "id": _gid("LineItem", number * 3 + line), "title": f"Product {product}",
            "vendor": town.VENDORS[product % 60], "sku": f"SKU-{product:06}", "quantity": 2,
            "currentQuantity": number % 3, "isGiftCard": False,
            "discountedTotalSet": {"shopMoney": _money(500 + product % 8_500)},
            "product": {"id": _gid("Product", product), "productType": town.TYPES[product % 40]},
            "variant": {"id": _gid("ProductVariant", product * 2)}, "__parentId": order,
        }  # fmt: skip

    def products(self) -> Iterator[_Family]:
        for number in range(1, self._size.products + 1):
            gid = _gid("Product", number)
            product = {
                "id": gid, "updatedAt": _instant(town.NOW - number), "title": f"Product {number}",
                "vendor": town.VENDORS[number % 60], "productType": town.TYPES[number % 40], "status": "ACTIVE",
                "tags": [], "category": {"id": "gid://shopify/TaxonomyCategory/aa-1", "fullName": "Apparel"},
            }  # fmt: skip
            collection = {"id": _gid("Collection", number % 25), "title": "Sale", "handle": "sale", "__parentId": gid}
            yield _line(product), [_line(collection)]

    def checkouts(self) -> Iterator[_Family]:
        for number in range(1, self._size.customers // 20 + 1):
            at = _instant(town.NOW - number * 100)
            checkout = {
                "id": _gid("AbandonedCheckout", number), "createdAt": at, "updatedAt": at, "completedAt": None,
                "totalPriceSet": {"shopMoney": _money(1_200)}, "customer": {"id": _gid("Customer", number)},
            }  # fmt: skip
            yield _line(checkout), []
