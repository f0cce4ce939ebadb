"""A small store and an audience of whom everything was looked at, and ways to see what is noted of them since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from syncd.mirror import ledger, shapes, touched
from syncd.mirror.database import Mirror
from syncd.mirror.shelves import Shelf
from syncd.model import (
    Checkout,
    Companies,
    Contact,
    ContactStatus,
    Credit,
    Customer,
    LineItem,
    Metafield,
    Metafields,
    Order,
    Product,
)

NOW = 1_795_000_000
LATER = NOW + 60


def later(row: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(row, updated_at=LATER, **changes)


def customer(number: int, email: str | None = None, **more: Any) -> Customer:
    at = more.pop("updated_at", NOW)
    return Customer(id=number, created_at=NOW, updated_at=at, email=email, currency="EUR", **more)


def order(number: int, buyer: int | None, email: str | None = None, **more: Any) -> Order:
    at = more.pop("updated_at", NOW)
    return Order(
        id=number,
        created_at=NOW,
        processed_at=NOW,
        updated_at=at,
        customer_id=buyer,
        email=email,
        currency="EUR",
        **more,
    )


def contact(email: str, status: ContactStatus = ContactStatus.SUBSCRIBED, *labels: str, at: int = NOW) -> Contact:
    return Contact(subject=email, email=email, status=status, changed_at=at, labels=labels)


def line(number: int, **more: Any) -> LineItem:
    return LineItem(id=number, quantity=1, current_quantity=1, **more)


FIELD = Metafield(namespace="n", key="k", type="single_line_text_field", value="v")
TEA = Product(id=1, updated_at=NOW, title="Tea", tags=("hot",))
CHECKOUT = Checkout(id=1, created_at=NOW, updated_at=NOW, customer_id=1)
PEOPLE = [
    customer(1, "a@x.example", tags=("old",)),
    customer(2, "a@x.example"),
    customer(3, "c@x.example"),
    customer(4),
]
BOUGHT = [order(1, 1, "a@x.example", lines=(line(1),)), order(2, None, "guest@x.example"), order(3, 3, updated_at=NOW)]
HANGING: dict[str, list[Any]] = {
    "metafields": [Metafields(id=1, updated_at=NOW, values=(FIELD,))],
    "companies": [Companies(id=1, updated_at=NOW, companies=(5,))],
    "credit": [Credit(id=1, updated_at=NOW)],
    "checkouts": [CHECKOUT],
    "products": [TEA],
}


def put(mirror: Mirror, feed: str, *rows: Any) -> None:
    owner = "news" if feed == "contacts" else "main"
    Shelf(mirror, owner, feed, shapes.FEEDS[feed]).put(rows, None, NOW + 10**6)


def put_everything(mirror: Mirror) -> None:
    put(mirror, "customers", *PEOPLE)
    put(mirror, "orders", *BOUGHT)
    for feed, rows in HANGING.items():
        put(mirror, feed, *rows)
    put(mirror, "contacts", contact("a@x.example"), contact("b@x.example", ContactStatus.UNSUBSCRIBED, "mine"))
    ledger.own(mirror, "main", "kept", ["3"], "vips", 1, NOW)


def settle(mirror: Mirror) -> None:
    """Let everybody have looked at everything."""
    with mirror.transaction():
        upto = touched.close(mirror)
    touched.prune(mirror, [upto])


def marks(mirror: Mirror) -> set[Any]:
    """Return everything that is noted: customers by id, the rest by what it is."""
    raw = mirror.raw
    return {
        *(id_ for (id_,) in raw.execute("SELECT customer_id FROM touched_customers")),
        *(("address", *row) for row in raw.execute("SELECT address FROM touched_addresses")),
        *(("subject", *row) for row in raw.execute("SELECT target, subject FROM touched_subjects")),
        *(("kind", *row) for row in raw.execute("SELECT owner, kind FROM touched_kinds")),
    }


def within(mirror: Mirror, work: Callable[..., object], *values: Any, **more: Any) -> None:
    with mirror.transaction():
        work(mirror, *values, **more)
