"""All filters, by name: what the parser checks against, both readings ask, and the documentation lists."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import cast

from syncd.segments.filter import Filter, Reading, Scalar
from syncd.segments.filters import customer, extras, history, lists, orders, purchases, remote, standing
from syncd.segments.standing import Scale
from syncd.segments.tree import Leaf

_ALL = (
    *customer.FILTERS,
    *history.FILTERS,
    *orders.FILTERS,
    *purchases.FILTERS,
    *lists.FILTERS,
    *extras.FILTERS,
    *standing.FILTERS,
    *remote.FILTERS,
)
CATALOGUE: dict[str, Filter] = {each.name: each for each in _ALL}
"""By name, in the order of the documentation."""
_MISTAKEN = {wrong: each.name for each in CATALOGUE.values() for wrong in each.mistaken}
METAFIELDS = ("metafields.", "customer.")
"""How the name of a metafield begins: `metafields.facts.birth_date`, `customer.metafields.…`, or the older forms."""
SEGMENTS = "segments"
"""The filter that asks for another segment of the same file."""
_metafield = lru_cache(maxsize=1024)(extras.metafield)


def find(name: str) -> Filter | None:
    """Return the filter of a name, None where there is none. An anniversary's name is `anniversary('metafields.…')`."""
    return CATALOGUE.get(name) or _metafield(name)


def known(leaf: Leaf) -> Filter:
    """Return the filter of a checked clause."""
    return cast("Filter", find(leaf.filter))


def meant(name: str) -> str:
    """Return the filter that somebody probably meant, empty where nothing is near."""
    lowered = name.lower()
    if lowered in _MISTAKEN:
        return _MISTAKEN[lowered]
    close = difflib.get_close_matches(lowered, [*CATALOGUE, *_MISTAKEN], 1, 0.7)
    return _MISTAKEN.get(close[0], close[0]) if close else ""


def scale_of(leaf: Leaf) -> Scale | None:
    """Return what the store's buyers must be measured by for a checked clause."""
    reading = known(leaf).reading
    return reading.scale if isinstance(reading, Scalar) else None


def local(leaf: Leaf) -> Reading:
    """Return the reading of a checked clause: the check lets none pass that only the store can answer."""
    return cast("Reading", known(leaf).reading)
