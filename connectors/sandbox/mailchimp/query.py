"""Query strings: paging, instants, switches, and `fields` / `exclude_fields`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.mailchimp import problems

COUNT = 10
"""Items in a page when nothing is said."""

COUNT_MAX = 1000

Tree = dict[str, "Tree | None"]
"""Names of fields, each with the names below it; None for the whole of it."""


def page(query: Mapping[str, str]) -> tuple[int, int]:
    """Return `count` and `offset`.

    Raises:
        Problem: One is no number, or out of range.
    """
    return _number(query, "count", COUNT, COUNT_MAX), _number(query, "offset", 0, None)


def instant(query: Mapping[str, str], name: str) -> int | None:
    """Return an instant as UTC seconds; None where the query does not name it.

    Raises:
        Problem: It is not ISO 8601. A plus sign that was not escaped has become a space, and is none.
    """
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise problems.unvalidated((name, "The date format is invalid; use ISO 8601.")) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def flag(query: Mapping[str, str], name: str) -> bool:
    """Return a switch. Only `true` and `1` count: whether the service takes `True` is not known, so we do not."""
    return query.get(name) in {"true", "1"}


def choice(query: Mapping[str, str], name: str, allowed: frozenset[str]) -> str | None:
    """Return one of a few words; None where the query does not name it.

    Raises:
        Problem: It is another word.
    """
    word = query.get(name)
    if word is not None and word not in allowed:
        raise problems.unvalidated((name, "Data presented is not one of the accepted values."))
    return word


class Projection:
    """Which fields an answer shows."""

    def __init__(self, query: Mapping[str, str]) -> None:
        """Read `fields` and `exclude_fields`: comma-separated, with dots for what is inside."""
        self._only = _tree(query.get("fields"))
        self._but = _tree(query.get("exclude_fields"))

    def wanted(self, *path: str) -> frozenset[str] | None:
        """Return the names shown inside what `path` leads to; None for all (save those left out)."""
        tree: Tree | None = self._only
        for name in path:
            if not tree:
                break
            if name not in tree:
                return frozenset()
            tree = tree[name]
        return frozenset(tree) if tree else None

    def apply(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with the fields asked for."""
        shown = _keep(answer, self._only) if self._only else answer
        return _drop(shown, self._but) if self._but else shown


def _number(query: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = query.get(name, "")
    if not text:
        return default
    number = int(text) if text.isdecimal() else -1
    if number < 0 or (most is not None and number > most):
        raise problems.unvalidated((name, "Data presented is not within the accepted range."))
    return number


def _tree(text: str | None) -> Tree:
    tree: Tree = {}
    for dotted in filter(None, (text or "").replace(" ", "").split(",")):
        branch = tree
        *inner, leaf = dotted.split(".")
        for name in inner:
            below = branch.setdefault(name, {})
            if below is None:
                break
            branch = below
        else:
            branch[leaf] = None
    return tree


def _keep(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_keep(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _keep(item, below) if (below := tree[name]) else item for name, item in value.items() if name in tree}


def _drop(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_drop(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, item in value.items():
        if name not in tree:
            kept[name] = item
        elif below := tree[name]:
            kept[name] = _drop(item, below)
    return kept
