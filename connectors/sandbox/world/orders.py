"""Making orders and checkouts: most of customers, some of guests; a few cancelled, refunded, or mere tests.

Two orders have more lines than fit on a page.
"""

from __future__ import annotations

import math

from connectors.sandbox.world.making import DAY, Maker
from connectors.sandbox.world.records import Checkout, Customer, Line, Location, Order, Product, Refund
from connectors.sandbox.world.words import MAIL_HOSTS, ORDER_TAGS

_SOURCES = ("web",) * 80 + ("pos",) * 12 + ("shopify_draft_order",) * 5 + ("6671231",) * 3
_MANY_LINES = {11: 60, 23: 260}
"""Orders, by their place in time, with more lines than fit on a page."""
_SPREAD = 1.1
_MOST_ORDERS = 300


def orders_of_a_customer(maker: Maker, mean: float) -> int:
    """Return how many orders somebody has: lognormal, so that a few have very many."""
    centre = math.log(mean + 0.5) - _SPREAD * _SPREAD / 2
    return min(_MOST_ORDERS, int(maker.random.lognormvariate(centre, _SPREAD)))


def make_orders(
    maker: Maker, customers: list[Customer], products: list[Product], locations: list[Location], per_customer: float
) -> list[Order]:
    """Return the orders of all customers and of guests, oldest first, about `per_customer` for each customer."""
    buyers: list[tuple[int, Customer | None]] = []
    for customer in customers:
        number = orders_of_a_customer(maker, per_customer * 0.92)
        buyers += [(maker.between(customer.created_at, maker.now - 120), customer) for _ in range(number)]
    buyers += [(maker.now - maker.between(120, 900 * DAY), None) for _ in range(int(len(buyers) * 0.08))]
    buyers.sort(key=lambda buyer: buyer[0])
    return [
        _order(maker, n, at, customer or _guest(maker, customers), products, locations)
        for n, (at, customer) in enumerate(buyers)
    ]


def _guest(maker: Maker, customers: list[Customer]) -> str | None:
    """Return a guest's address: often a known customer's in other letters, sometimes none."""
    dice = maker.random.random()
    if dice < 0.1:
        return None
    known = maker.pick(customers).email if customers else None
    if dice < 0.5 and known:
        return known.swapcase() if dice < 0.2 else known
    return f"guest{maker.between(0, 1_000_000)}@{maker.favourite(MAIL_HOSTS)}"


def _order(  # one row of a table
    maker: Maker,
    n: int,
    at: int,
    buyer: Customer | str | None,
    products: list[Product],
    locations: list[Location],
) -> Order:
    lines = make_lines(maker, products, _MANY_LINES.get(n) or 1 + int(maker.random.expovariate(0.51)), "LineItem")
    source = maker.pick(_SOURCES)
    customer = buyer if isinstance(buyer, Customer) else None
    order = Order(
        id=maker.id("Order"),
        number=1001 + n,
        created_at=min(maker.now - 60, at + 90 * DAY) if maker.chance(0.02) else at,
        processed_at=at,
        updated_at=at,
        test=maker.chance(0.005),
        customer_id=customer.id if customer else None,
        email=customer.email if customer else buyer if isinstance(buyer, str) else None,
        total=sum(line.quantity * line.price for line in lines),
        source_name=source,
        location_id=maker.pick(locations).id if source == "pos" else None,
        tags=(maker.pick(ORDER_TAGS),) if maker.chance(0.08) else (),
        discount_codes=(f"WELCOME{maker.between(1, 5)}",) if maker.chance(0.1) else (),
        lines=lines,
    )
    order.updated_at = order.created_at
    _afterlife(maker, order)
    return order


def _afterlife(maker: Maker, order: Order) -> None:
    dice = maker.random.random()
    later = order.created_at + maker.between(0, min(20 * DAY, maker.now - 30 - order.created_at))
    if dice < 0.04:
        order.cancelled_at = order.updated_at = later
    elif dice < 0.10:
        whole = maker.chance(0.3)
        returned = order.lines if whole else order.lines[:1]
        record = Refund(id=maker.id("Refund"), order_id=order.id, created_at=later)
        refund(order, record, {line.id: line.quantity for line in returned})


def refund(order: Order, record: Refund, units: dict[int, int]) -> None:
    """Take back units of lines (by line id), at their price, and note it in the order."""
    taken = []
    for line in order.lines:
        number = min(units.get(line.id, 0), line.current_quantity)
        if number > 0:
            line.current_quantity -= number
            record.amount += number * line.price
            taken.append((line.id, number))
    record.lines = tuple(taken)
    order.refunds = (*order.refunds, record)
    order.refunded += record.amount
    order.updated_at = record.created_at


def make_lines(maker: Maker, products: list[Product], number: int, kind: str) -> tuple[Line, ...]:
    """Return `number` lines; a few are custom ones, of no product."""
    return tuple(make_line(maker, maker.favourite(products), _quantity(maker), kind) for _ in range(number))


def _quantity(maker: Maker) -> int:
    return 1 if maker.chance(0.75) else maker.between(2, 6)


def make_line(maker: Maker, product: Product, quantity: int, kind: str) -> Line:
    """Return a line of `product`, or in 2 % of cases a custom one of the same price."""
    custom = maker.chance(0.02)
    return Line(
        id=maker.id(kind),
        product_id=None if custom else product.id,
        title="Engraving" if custom else product.title,
        quantity=quantity,
        current_quantity=quantity,
        price=product.price,
        sku=None if custom else f"SKU-{product.id % 100_000}",
        vendor=None if custom else product.vendor,
    )


def make_checkouts(maker: Maker, customers: list[Customer], products: list[Product]) -> list[Checkout]:
    """Return checkouts, oldest first: one for every tenth customer, a few of strangers; three in ten were completed."""
    begun = []
    for customer in customers:
        if maker.chance(0.1):
            owner = None if maker.chance(0.12) else customer.id
            begun.append((maker.between(customer.created_at, maker.now - 120), owner))
    begun.sort(key=lambda pair: pair[0])
    return [_checkout(maker, at, owner, products) for at, owner in begun]


def _checkout(maker: Maker, at: int, owner: int | None, products: list[Product]) -> Checkout:
    lines = make_lines(maker, products, maker.between(1, 4), "AbandonedCheckoutLineItem")
    completed_at = at + maker.between(60, min(3 * DAY, maker.now - at)) if maker.chance(0.3) else None
    return Checkout(
        id=maker.id("AbandonedCheckout"),
        created_at=at,
        updated_at=completed_at or at,
        completed_at=completed_at,
        customer_id=owner,
        total=sum(line.quantity * line.price for line in lines),
        lines=lines,
    )
