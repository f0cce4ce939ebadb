"""Who bought this: customers by what they bought, one line a person, with all their orders that match.

What was bought are lines of which anything is left after removals and returns. Where part of a line was returned, its
amount is that of the units kept.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from syncd.model import Kind
from syncd.reports import recipes
from syncd.reports.answer import Answer, NoRecipe, Plot, Recipe
from syncd.reports.fields import AMOUNT, EMAIL, FIRST, IDS, LAST, NAME, ORDERS, UNITS
from syncd.reports.laying import half_even, lay
from syncd.reports.people import BEST_FIRST, gather, number
from syncd.reports.question import Question, listed
from syncd.reports.trust import vouched
from syncd.segments.tree import Matches, Op, Or, Parameter, Test

_KEPT = half_even("li.amount * li.current_quantity", "li.quantity")
_BOUGHT = f"""
SELECT looked.place, o.store, o.customer_id, CASE WHEN o.customer_id IS NULL THEN o.email_key END AS guest, 1 AS orders,
       sum(li.current_quantity) AS units,
       sum(CASE WHEN li.current_quantity >= li.quantity THEN li.amount ELSE {_KEPT} END) AS amount,
       o.processed_at * :places + looked.place AS at, NULL AS newest, o.currency
FROM looked CROSS JOIN orders AS o NOT INDEXED ON o.store = looked.store
CROSS JOIN lines AS li ON li.store = o.store AND li.order_id = o.id
WHERE o.counts = 1 AND o.processed_at >= looked.first AND o.processed_at < looked.after
      AND (:currency IS NULL OR o.currency = :currency) AND li.current_quantity > 0 AND {{which}}
GROUP BY looked.place, o.id
"""
_COLLECTED = (
    "EXISTS (SELECT 1 FROM product_collections AS pc WHERE pc.store = li.store AND pc.product_id = li.product_id "
    "AND (pc.title IN {these} OR pc.handle IN {these}))"
)
_THESE = "(SELECT value FROM json_each(:{name}))"
_CALLED: Mapping[str, str] = {
    "titles": "SELECT title FROM products",
    "vendors": "SELECT vendor FROM products",
    "types": "SELECT product_type FROM products",
    "collections": "SELECT title FROM product_collections UNION SELECT handle FROM product_collections",
}
"""Where the catalogue has the names that may have been meant."""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What must have been bought: a line that has one of each kind that is named. Nothing named: anything.

    Attributes:
        products: Products, each by its id, or by its title as it stood on the order.
        vendors: By the line, as the order has it; so are types.
        collections: By title or handle, as the catalogue has the product now.
    """

    products: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The products that are named by their ids."""
        return tuple(int(name) for name in self.products if _is_id(name))

    @property
    def titles(self) -> tuple[str, ...]:
        """The products that are named by their titles."""
        return tuple(name for name in self.products if not _is_id(name))


def catalogue(raw: sqlite3.Connection, question: Question, asked: Catalogue) -> Answer:
    """Return who bought it in the period: matching orders, units and amount of the matching lines.

    Raises:
        ReportError: The orders are in several currencies, or a column to sort by is not there.
    """
    values = {name: msgspec.json.encode(getattr(asked, name)).decode() for name in ("ids", *_CALLED)}
    gathered = gather(raw, question, events=[_BOUGHT.format(which=_which(asked))], values=values)
    number(raw, BEST_FIRST)
    laid = lay(raw, "placed", [EMAIL, NAME, IDS, ORDERS, UNITS, AMOUNT, FIRST, LAST], question)
    what = _told(asked)
    answer = Answer(
        report="catalogue",
        title=f"Customers who bought {what}",
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        currency=gathered.currency,
        recipe=_recipe(raw, question, asked, gathered.currency),
        plot=Plot("bars", "email", ("amount",)),
        empty=f"Nobody bought {what} in this time.{_meant(raw, asked) if not laid.size else ''}",
    )
    kinds = (Kind.CUSTOMERS, Kind.ORDERS, *([Kind.PRODUCTS] if asked.collections else []))
    return vouched(raw, question, answer, nobodys=gathered.nobodys, kinds=kinds)


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= 18


def _which(asked: Catalogue) -> str:
    """Return the condition on a line `li`. Names are bound as JSON lists."""
    product = []
    if asked.ids:
        product.append(f"li.product_id IN {_THESE.format(name='ids')}")
    if asked.titles:
        product.append(f"li.title IN {_THESE.format(name='titles')}")
    parts = [f"({' OR '.join(product)})"] if product else []
    if asked.vendors:
        parts.append(f"li.vendor IN {_THESE.format(name='vendors')}")
    if asked.types:
        parts.append(f"li.product_type IN {_THESE.format(name='types')}")
    if asked.collections:
        parts.append(_COLLECTED.format(these=_THESE.format(name="collections")))
    return " AND ".join(parts) or "1"


def _told(asked: Catalogue) -> str:
    """Return what is asked, for people: `anything of Acme from Toys`."""
    words = [listed(asked.products)] if asked.products else ["anything"]
    words += [f"of {listed(asked.vendors)}"] if asked.vendors else []
    words += [f"of type {listed(asked.types)}"] if asked.types else []
    words += [f"in {listed(asked.collections)}"] if asked.collections else []
    return " ".join(words)


def _meant(raw: sqlite3.Connection, asked: Catalogue) -> str:
    """Say what may have been meant by a name that the catalogue does not have."""
    hints = []
    for kind, query in _CALLED.items():
        known = {name for (name,) in raw.execute(query) if name}
        hints += [near for name in getattr(asked, kind) if name not in known for near in _near(name, known)]
    return f" Did you mean {' or '.join(hints)}?" if hints else ""


def _near(name: str, known: Iterable[str]) -> list[str]:
    folded = {each.casefold(): each for each in known}
    return [folded[near] for near in difflib.get_close_matches(name.casefold(), folded, 1)]


def _recipe(raw: sqlite3.Connection, question: Question, asked: Catalogue, currency: str | None) -> Recipe | NoRecipe:
    if why := recipes.refused(question, currency):
        return NoRecipe(why)
    rules = [
        Matches("products_purchased", (*product, *_parameters(asked), *recipes.within(question.period)))
        for product in _products(asked)
    ]
    return recipes.of(raw, "placed", question, rules[0] if len(rules) == 1 else Or(tuple(rules)))


def _products(asked: Catalogue) -> list[tuple[Parameter, ...]]:
    """Return what is asked of the product itself; ids and titles are two ways to be one of those named."""
    named = [*_one_of("id", asked.ids), *_one_of("title", asked.titles)]
    return [(parameter,) for parameter in named] or [()]


def _parameters(asked: Catalogue) -> Iterator[Parameter]:
    yield from _one_of("vendor", asked.vendors)
    yield from _one_of("type", asked.types)
    yield from _one_of("collection", asked.collections)


def _one_of(name: str, values: tuple[Any, ...]) -> Iterator[Parameter]:
    if values:
        yield Parameter(name, Test(Op.EQ if len(values) == 1 else Op.IN, values))
