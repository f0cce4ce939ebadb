"""A first pull as one would write it at first: a line at a time through `json`, a statement a row.

It stores what syncd stores of the same lines, every column of it, into the same tables with their indexes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.bench import town

_Row = dict[str, Any]


def store(raw: sqlite3.Connection, lines: Iterable[bytes]) -> None:
    """Store the lines of an export of orders."""
    for line in lines:
        for table, row in _rows(json.loads(line)):
            places = ", ".join("?" for _ in row)
            raw.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))


def _rows(it: _Row) -> Iterator[tuple[str, _Row]]:
    if "__parentId" in it:
        yield "lines", _line(it)
        return
    order = _order(it)
    yield "orders", order
    for tag in it["tags"]:
        yield "order_tags", {"store": town.STORE, "order_id": order["id"], "tag_key": tag.casefold(), "tag": tag}
    for code in it["discountCodes"]:
        key = code.casefold()
        yield "order_discounts", {"store": town.STORE, "order_id": order["id"], "code_key": key, "code": code}


def _order(it: _Row) -> _Row:
    return {
        "store": town.STORE,
        "id": _number(it),
        "created_at": _instant(it["createdAt"]),
        "processed_at": _instant(it["processedAt"]),
        "updated_at": _instant(it["updatedAt"]),
        "cancelled_at": _instant(it["cancelledAt"]),
        "test": it["test"],
        "counts": not it["test"] and it["cancelledAt"] is None,
        "name": it["name"],
        "customer_id": _number(it["customer"]),
        "email": it["email"],
        "email_key": it["email"].strip().lower() if it["email"] else None,
        "currency": it["currentTotalPriceSet"]["shopMoney"]["currencyCode"],
        "total": _minor(it["totalPriceSet"]),
        "current_total": _minor(it["currentTotalPriceSet"]),
        "refunded": _minor(it["totalRefundedSet"]),
        "financial_status": it["displayFinancialStatus"],
        "source_name": it["sourceName"],
        "app_id": _number(it["app"]),
        "location_id": None,
    }


def _line(it: _Row) -> _Row:
    return {
        "store": town.STORE,
        "order_id": int(it["__parentId"].split("/")[-1]),
        "id": _number(it),
        "product_id": _number(it["product"]),
        "variant_id": _number(it["variant"]),
        "title": it["title"],
        "vendor": it["vendor"],
        "product_type": it["product"]["productType"] if it["product"] else None,
        "sku": it["sku"],
        "quantity": it["quantity"],
        "current_quantity": it["currentQuantity"],
        "amount": _minor(it["discountedTotalSet"]),
        "gift_card": it["isGiftCard"],
    }


def _number(it: _Row | None) -> int | None:
    return int(it["id"].split("/")[-1]) if it else None


def _instant(text: str | None) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None


def _minor(bag: _Row) -> int:
    return int(Decimal(bag["shopMoney"]["amount"]) * 100)
