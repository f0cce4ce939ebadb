"""The two readings of a rule: SQL over the mirror, and Python over a person's values. They never disagree.

Both go down the tree and ask each clause's filter. All is two-valued: a clause holds or does not, whatever is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from syncd.segments.catalogue import local
from syncd.segments.filters.standing import SCALES
from syncd.segments.frame import Frame, Person
from syncd.segments.rule import Rule
from syncd.segments.schema import customers
from syncd.segments.standing import cut_points, survey
from syncd.segments.tree import And, Leaf, Node, Not, Or, leaves


class Verdict(msgspec.Struct, frozen=True):
    """What came of one clause for one person.

    Attributes:
        text: The clause, as the canonical text has it.
        value: What decided it, for people: a day of the shop, an amount, a number of orders; `none` where missing.
        holds: Whether the clause holds.
    """

    text: str
    value: str
    holds: bool


def condition(rule: Rule, frame: Frame) -> ColumnElement[bool]:
    """Return the rule over the mirror's table `customers` (of the frame's store); never NULL, all values bound."""
    return joined(rule.tree, lambda leaf: local(leaf).condition(leaf, frame))


def joined(node: Node, asked: Callable[[Leaf], ColumnElement[bool]], *, negated: bool = False) -> ColumnElement[bool]:
    """Return a tree as a condition, given that of each clause, all two-valued.

    Negation goes down to the clauses, for SQLite's parser counts every level.
    """
    match node:
        case And(parts) | Or(parts):
            join = and_ if isinstance(node, And) is not negated else or_
            return join(*(joined(part, asked, negated=negated) for part in parts))
        case Not(part):
            return joined(part, asked, negated=not negated)
        case leaf:
            return not_(asked(leaf)) if negated else asked(leaf)


def members(rule: Rule, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of the store's customers for whom the rule holds."""
    return select(customers.c.id).where(customers.c.store == frame.store, condition(rule, frame))


def matches(rule: Rule, person: Person, frame: Frame) -> bool:
    """Return whether the rule holds for a person."""
    return _holds(rule.tree, person, frame)


def surveys(rule: Rule, frame: Frame) -> dict[str, Select[tuple[int, int]]]:
    """Return, for each of the rule's scales, the query that measures the store's buyers by it.

    Its rows go to `cut_points`, and what that returns into `Frame.cuts` under the same name.
    """
    return {name: survey(SCALES[name], frame) for name in sorted(rule.scales)}


def measured(rule: Rule, frame: Frame, ask: Callable[[Select[Any]], Iterable[Sequence[int]]]) -> Frame:
    """Return the frame with the cut points that the rule needs; `ask` runs a query (`connection.execute`)."""
    found = {name: cut_points(ask(query)) for name, query in surveys(rule, frame).items()}
    return msgspec.structs.replace(frame, cuts={**frame.cuts, **found})


def judge(rule: Rule, person: Person, frame: Frame) -> list[Verdict]:
    """Return what came of each clause for a person, from left to right, and what decided it."""
    return [_verdict(leaf, person, frame) for leaf in leaves(rule.tree)]


def _holds(node: Node, person: Person, frame: Frame) -> bool:
    match node:
        case And(parts):
            return all(_holds(part, person, frame) for part in parts)
        case Or(parts):
            return any(_holds(part, person, frame) for part in parts)
        case Not(part):
            return not _holds(part, person, frame)
        case leaf:
            return local(leaf).holds(leaf, person, frame)


def _verdict(leaf: Leaf, person: Person, frame: Frame) -> Verdict:
    reading = local(leaf)
    return Verdict(str(leaf), reading.shown(leaf, person, frame), reading.holds(leaf, person, frame))
