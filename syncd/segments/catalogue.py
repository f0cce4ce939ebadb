"""All filters, by name: what the parser checks against, both readings ask, and the documentation lists."""

from __future__ import annotations

import difflib
from typing import Any

from syncd.segments.comparisons import Type
from syncd.segments.filter import Filter, Remote
from syncd.segments.filters import customer, lists, orders, remote
from syncd.segments.tree import Leaf

CATALOGUE = {each.name: each for module in (customer, orders, lists, remote) for each in module.FILTERS}
_MISTAKEN = {wrong: each.name for each in CATALOGUE.values() for wrong in each.mistaken}
METAFIELDS = "metafields."


def find(name: str) -> Filter | None:
    """Return the filter of a name, None where there is none."""
    if name.startswith(METAFIELDS):
        return _metafield(name)
    return CATALOGUE.get(name)


def known(leaf: Leaf) -> Filter:
    """Return the filter of a checked clause."""
    return CATALOGUE[leaf.filter]


def meant(name: str) -> str:
    """Return the filter that somebody probably meant, empty where nothing is near."""
    lowered = name.lower()
    if lowered in _MISTAKEN:
        return _MISTAKEN[lowered]
    close = difflib.get_close_matches(lowered, [*CATALOGUE, *_MISTAKEN], 1, 0.7)
    return _MISTAKEN.get(close[0], close[0]) if close else ""


def _metafield(name: str) -> Filter:
    return Filter(
        name=name,
        meaning="a metafield of the customer",
        example=f"{name} IS NOT NULL",
        reading=Remote(type=Type.TEXT, why="is not mirrored yet", free=True),
    )


def local(leaf: Leaf) -> Any:
    """Return the reading of a checked clause. Which shape of clause it takes, the check has seen to."""
    return known(leaf).reading
