"""What a customer bought: the lines of counted orders of which anything is left after removals and returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select
from sqlalchemy.sql.expression import TableClause

from syncd.model import Kind, LineItem, Order, Product, fold
from syncd.segments.comparisons import Plain, Type
from syncd.segments.filter import Filter, Scalar
from syncd.segments.filters.orders import ORDERS, counted_of
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import counted
from syncd.segments.rows import Asked, Elements, Field, Rows, Total
from syncd.segments.schema import lines, orders, product_collections, product_tags, products

LEFT = lines.c.current_quantity > 0
"""Of a bought line, something is left after removals and returns."""
_PRODUCTS = frozenset({Kind.PRODUCTS})


class Purchase(msgspec.Struct, frozen=True):
    """One bought line. The product is None for a custom line, and for one deleted since."""

    order: Order
    line: LineItem
    product: Product | None


def bought(frame: Frame) -> Select[Any]:
    """Return the customer's bought lines, each with its order."""
    of_order = and_(lines.c.store == orders.c.store, lines.c.order_id == orders.c.id)
    return counted(frame, lines, of_order).where(LEFT)


def bought_of(person: Person) -> Iterator[Purchase]:
    """Return the same of a person."""
    for order in counted_of(person):
        for line in order.lines:
            if line.current_quantity > 0:
                product = None if line.product_id is None else person.products.get(line.product_id)
                yield Purchase(order, line, product)


def _of_product(table: TableClause, key: str = "product_id") -> Callable[[Asked], Select[Any]]:
    def rows(asked: Asked) -> Select[Any]:
        its = (table.c.store == asked.frame.store, table.c[key] == lines.c.product_id)
        return select(literal_column("1")).select_from(table).where(*its).correlate(lines)

    return rows


def _categories(purchase: Purchase) -> Iterator[str | None]:
    if purchase.product is not None:
        yield purchase.product.category_id
        yield purchase.product.category


def _collections(purchase: Purchase) -> Iterator[str]:
    for collection in purchase.product.collections if purchase.product is not None else ():
        yield collection.title
        yield collection.handle


def _text(name: str, meaning: str) -> Field:
    """Read a text of the line itself: it stays what it was when the product changes or goes."""
    return Field(
        type=Type.TEXT,
        meaning=meaning,
        sql=lambda _: lines.c[name],
        value=lambda purchase, _: getattr(purchase.line, name),
        own=True,
    )


_PURCHASED = Rows(
    select=bought,
    of=bought_of,
    noun="lines",
    parameters={
        "id": Field(
            type=Type.ID,
            meaning="the product",
            sql=lambda _: lines.c.product_id,
            value=lambda purchase, _: purchase.line.product_id,
        ),
        "tag": Elements(
            type=Type.TAG,
            meaning="a tag of the product, letter case aside",
            rows=_of_product(product_tags),
            columns=(product_tags.c.tag_key,),
            values=lambda purchase: (fold(tag) for tag in (purchase.product.tags if purchase.product else ())),
            kinds=_PRODUCTS,
        ),
        "category": Elements(
            type=Type.CATEGORY,
            meaning="the product's category, by its id or full name, with all below it",
            rows=_of_product(products, "id"),
            columns=(products.c.category_id, products.c.category),
            values=_categories,
            kinds=_PRODUCTS,
        ),
        "date": Field(
            type=Type.DATE,
            meaning="the day of the order",
            sql=lambda _: orders.c.processed_at,
            value=lambda purchase, _: purchase.order.processed_at,
        ),
        "quantity": Field(
            type=Type.INTEGER,
            meaning="the units left of one line",
            sql=lambda _: lines.c.current_quantity,
            value=lambda purchase, _: purchase.line.current_quantity,
        ),
        "sum_quantity": Total(
            type=Type.INTEGER,
            meaning="the units over all lines that match the rest",
            sql=lambda _: func.coalesce(func.sum(lines.c.current_quantity), 0),
            value=lambda rows, _: sum(purchase.line.current_quantity for purchase in rows),
        ),
        "count": Total(
            type=Type.INTEGER,
            meaning="how many lines match the rest",
            sql=lambda _: func.count(),
            value=lambda rows, _: len(rows),
        ),
        "vendor": _text("vendor", "the vendor"),
        "type": _text("product_type", "the product type"),
        "title": _text("title", "the title of the line"),
        "collection": Elements(
            type=Type.TEXT,
            meaning="the title or handle of a collection that the product is in",
            rows=_of_product(product_collections),
            columns=(product_collections.c.title, product_collections.c.handle),
            values=_collections,
            own=True,
            kinds=_PRODUCTS,
        ),
    },
)


def _most(column: ColumnElement[Any]) -> Callable[[Frame], ColumnElement[Any]]:
    def favourite(frame: Frame) -> ColumnElement[Any]:
        units = func.sum(lines.c.current_quantity)
        ranked = bought(frame).with_only_columns(column).where(column.is_not(None)).group_by(column)
        return ranked.order_by(units.desc(), column).limit(1).scalar_subquery()

    return favourite


def _most_of(get: Callable[[LineItem], str | None]) -> Callable[[Person, Frame], Plain]:
    def favourite(person: Person, _: Frame) -> Plain:
        units: Counter[str] = Counter()
        for purchase in bought_of(person):
            name = get(purchase.line)
            if name is not None:
                units[name] += purchase.line.current_quantity
        return min(units, key=lambda name: (-units[name], name), default=None)

    return favourite


FILTERS = (
    Filter(
        name="products_purchased",
        meaning="what the customer bought, by product, day and quantity",
        example="products_purchased MATCHES (tag = 'Sports wear', date >= -12m)",
        reading=_PURCHASED,
        kinds=ORDERS,
        lifetime=True,
        mistaken=("product_purchased", "purchased_products", "ordered_product_tag", "purchased", "bought"),
    ),
    Filter(
        name="favourite_vendor",
        meaning="the vendor of most units that the customer bought; the first by name where several are equal",
        example="favourite_vendor = 'Acme'",
        reading=Scalar(type=Type.TEXT, sql=_most(lines.c.vendor), value=_most_of(lambda line: line.vendor)),
        kinds=ORDERS,
        lifetime=True,
        own=True,
        mistaken=("favorite_vendor", "vendor"),
    ),
    Filter(
        name="favourite_type",
        meaning="the product type of most units that the customer bought; the first by name where several are equal",
        example="favourite_type = 'Shirts'",
        reading=Scalar(type=Type.TEXT, sql=_most(lines.c.product_type), value=_most_of(lambda line: line.product_type)),
        kinds=ORDERS,
        lifetime=True,
        own=True,
        mistaken=("favorite_type", "favourite_product_type", "favorite_product_type", "product_type"),
    ),
)
