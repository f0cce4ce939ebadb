"""Who is in a segment: the filters that the simulated store knows, read from the world itself.

Orders count that are neither tests nor cancelled, however old and whatever the token may see; a line was bought if
any of it is left. A filter that only the real service answers is refused, code `NOT_SIMULATED`: never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from connectors.sandbox.shopify.order_fields import app_of
from connectors.sandbox.shopify.paging import refusal
from connectors.sandbox.shopify.segments.tests import Hour, passes
from connectors.sandbox.shopify.segments.words import Clause, Event, Joined, Not, Test, Tree, parse
from connectors.sandbox.world.records import Address, Customer, Line, Order
from connectors.sandbox.world.segments import opened
from connectors.sandbox.world.shop import Shop
from syncd.model import exponent

_BASKETS: WeakKeyDictionary[Shop, tuple[int, dict[int | None, int]]] = WeakKeyDictionary()
"""When each customer last left a basket, as of a revision of the checkouts."""

_SUBSCRIPTIONS = {"ACTIVE": "SUBSCRIBED", "CANCELLED": "CANCELED"}


class Attribute(NamedTuple):
    """What kind of value it is, and how it is read: of a customer, of a row, of rows."""

    kind: str
    value: Callable[[Any, Shop], Any]


class Happening(NamedTuple):
    """Rows that are a customer's; what is asked of each; what is asked of all together."""

    rows: Callable[[Customer, Shop], Iterable[Any]]
    single: Mapping[str, Attribute]
    totals: Mapping[str, Attribute]


def _counted(customer: Customer, shop: Shop) -> list[Order]:
    return [it for it in shop.orders_of_customer(customer.id) if not it.test and it.cancelled_at is None]


def _bought(customer: Customer, shop: Shop) -> list[tuple[Order, Line]]:
    return [(order, line) for order in _counted(customer, shop) for line in order.lines if line.current_quantity > 0]


def _amount(minor: int, shop: Shop) -> Decimal:
    return Decimal(minor).scaleb(-exponent(shop.profile.currency))


def _ordered(pick: Callable[..., int | None]) -> Callable[[Customer, Shop], int | None]:
    return lambda c, shop: pick((it.processed_at for it in _counted(c, shop)), default=None)


def _places(spelt: Callable[[Address], str | None]) -> Callable[[Customer, Shop], tuple[str, ...]]:
    return lambda c, _: tuple(filter(None, map(spelt, c.addresses)))


def _region(address: Address) -> str | None:
    return f"{address.country_code}-{address.province_code}" if address.province_code else None


def _city(address: Address) -> str | None:
    return f"{_region(address) or address.country_code}-{address.city.replace(' ', '')}" if address.city else None


def _domain(customer: Customer, _: Shop) -> str | None:
    return customer.email.rpartition("@")[2].lower() if customer.email else None


def _abandoned(customer: Customer, shop: Shop) -> int | None:
    known = _BASKETS.get(shop)
    if known is None or known[0] != shop.revisions["checkouts"]:
        newest: dict[int | None, int] = {}
        for it in shop.checkouts.values():
            if it.completed_at is None:
                newest[it.customer_id] = max(it.created_at, newest.get(it.customer_id, it.created_at))
        known = _BASKETS[shop] = (shop.revisions["checkouts"], newest)
    return known[1].get(customer.id)


def _categories(row: tuple[Order, Line], shop: Shop) -> tuple[str, ...]:
    """Return the product's category and those above it, by id (`ap-2-1`) and by full name (`Toys > Puzzles`)."""
    product = shop.products.get(row[1].product_id or 0)
    if product is None:
        return ()
    steps = [*_upward(product.category_id or "", "-"), *_upward(product.category or "", " > ")]
    return tuple(filter(None, steps))


def _upward(path: str, joint: str) -> list[str]:
    steps = path.split(joint)
    return [joint.join(steps[:count]) for count in range(1, len(steps) + 1)]


def _product_tags(row: tuple[Order, Line], shop: Shop) -> tuple[str, ...]:
    product = shop.products.get(row[1].product_id or 0)
    return product.tags if product else ()


ATTRIBUTES: Mapping[str, Attribute] = {
    "abandoned_checkout_date": Attribute("day", _abandoned),
    "amount_spent": Attribute("amount", lambda c, shop: _amount(c.amount_spent, shop)),
    "companies": Attribute("ids", lambda c, _: tuple(it.id for it in c.companies)),
    "customer_account_status": Attribute("text", lambda c, _: c.state),
    "customer_added_date": Attribute("day", lambda c, _: c.created_at),
    "customer_cities": Attribute("list", _places(_city)),
    "customer_countries": Attribute("list", _places(lambda it: it.country_code)),
    "customer_email_domain": Attribute("text", _domain),
    "customer_language": Attribute("text", lambda c, _: c.locale),
    "customer_regions": Attribute("list", _places(_region)),
    "customer_tags": Attribute("tags", lambda c, _: c.tags),
    "email_subscription_status": Attribute("text", lambda c, _: c.consent if c.email else None),
    "first_order_date": Attribute("day", _ordered(min)),
    "last_order_date": Attribute("day", _ordered(max)),
    "number_of_orders": Attribute("integer", lambda c, _: c.number_of_orders),
    "predicted_spend_tier": Attribute("text", lambda c, _: c.spend_tier),
    "product_subscription_status": Attribute(
        "text", lambda c, _: _SUBSCRIPTIONS.get(c.product_subscription, c.product_subscription)
    ),
    "rfm_group": Attribute("text", lambda c, _: c.rfm_group),
    "sms_subscription_status": Attribute("text", lambda c, _: c.sms_consent if c.phone else None),
}
_COUNT = Attribute("integer", lambda rows, _: len(rows))
HAPPENINGS: Mapping[str, Happening] = {
    "orders_placed": Happening(
        _counted,
        {
            "amount": Attribute("amount", lambda it, shop: _amount(it.current_total, shop)),
            "app_id": Attribute("integer", lambda it, _: app_of(it).id),
            "date": Attribute("day", lambda it, _: it.processed_at),
            "location_id": Attribute("integer", lambda it, _: it.location_id),
        },
        {
            "count": _COUNT,
            "sum_amount": Attribute("amount", lambda rows, shop: _amount(sum(it.current_total for it in rows), shop)),
        },
    ),
    "products_purchased": Happening(
        _bought,
        {
            "category": Attribute("one of", _categories),
            "date": Attribute("day", lambda it, _: it[0].processed_at),
            "id": Attribute("integer", lambda it, _: it[1].product_id),
            "quantity": Attribute("integer", lambda it, _: it[1].current_quantity),
            "tag": Attribute("one tag", _product_tags),
        },
        {
            "count": _COUNT,
            "sum_quantity": Attribute("integer", lambda rows, _: sum(line.current_quantity for _, line in rows)),
        },
    ),
    "store_credit_accounts": Happening(
        lambda customer, _: customer.credit,
        {
            "balance": Attribute("amount", lambda it, shop: _amount(it.balance, shop)),
            "currency": Attribute("text", lambda _, shop: shop.profile.currency),
        },
        {},
    ),
    "shopify_email.opened": Happening(
        lambda customer, shop: opened(shop, customer),
        {"date": Attribute("day", lambda it, _: it)},
        {"count": _COUNT},
    ),
}
_REAL_ONLY = frozenset(
    "anniversary created_by_app_id customer_within_distance shopify_email.bounced shopify_email.clicked "
    "shopify_email.delivered shopify_email.marked_as_spam shopify_email.unsubscribed "
    "storefront.collection_viewed storefront.product_viewed".split()
)
_KNOWN = frozenset({*ATTRIBUTES, *HAPPENINGS, *_REAL_ONLY})
_LAST: WeakKeyDictionary[Shop, tuple[Any, Sequence[int]]] = WeakKeyDictionary()
"""The answer to a shop's last question: its next page is asked for soon."""


def understood(query: str) -> Tree:
    """Return the tree of a query.

    Raises:
        QueryError: It is none.
    """
    return parse(query, _KNOWN)


def members(shop: Shop, query: str, hour: Hour) -> Sequence[int]:
    """Return the ids of the customers in a segment, ascending. Whoever calls holds the shop's lock.

    Raises:
        QueryError: The query is none.
        GraphQLError: The sandbox cannot answer it.
    """
    key = (query, hour.zone.key, hour.day(hour.now), tuple(sorted(shop.revisions.items())))
    last = _LAST.get(shop)
    if last is None or last[0] != key:
        tree = understood(query)
        last = _LAST[shop] = (key, sorted(c.id for c in shop.customers.values() if _in(tree, c, shop, hour)))
    return last[1]


def _in(tree: Tree, customer: Customer, shop: Shop, hour: Hour) -> bool:
    match tree:
        case Not(inner):
            return not _in(inner, customer, shop, hour)
        case Joined(parts, every):
            return (all if every else any)(_in(part, customer, shop, hour) for part in parts)
        case Event():
            return _happened(tree, customer, shop, hour) is not tree.negated
    return _attribute(tree, customer, shop, hour)


def _attribute(clause: Clause, customer: Customer, shop: Shop, hour: Hour) -> bool:
    found = ATTRIBUTES.get(clause.name.text)
    if found is None:
        raise refusal(f"the sandbox does not answer {clause.name.text}", "NOT_SIMULATED")
    return passes(clause.name.text, clause.test, found.kind, found.value(customer, shop), hour)


def _happened(event: Event, customer: Customer, shop: Shop, hour: Hour) -> bool:
    found = HAPPENINGS.get(event.name.text)
    if found is None or event.tests.keys() - found.single.keys() - found.totals.keys():
        raise refusal(f"the sandbox does not answer this of {event.name.text}", "NOT_SIMULATED")
    rows = [row for row in found.rows(customer, shop) if _passes_all(event.tests, found.single, row, shop, hour)]
    if found.totals.keys() & event.tests.keys():
        return _passes_all(event.tests, found.totals, rows, shop, hour)
    return bool(rows)


def _passes_all(tests: Mapping[str, Test], asked: Mapping[str, Attribute], row: Any, shop: Shop, hour: Hour) -> bool:
    return all(
        passes(name, tests[name], it.kind, it.value(row, shop), hour) for name, it in asked.items() if name in tests
    )
