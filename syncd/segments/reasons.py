"""Why a rule holds for a person or not: its tree, with what came of each clause, and which of them decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from syncd.segments.frame import Frame, Person
from syncd.segments.readings import judge
from syncd.segments.rule import Rule
from syncd.segments.tree import And, Leaf, Node, Not, Or, leaves


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A clause, or several under one connector, and what came of it for a person.

    Attributes:
        text: A clause as the canonical text has it; of several, `all of`, `any of` or `not`.
        value: What decided a clause; empty for several.
        decides: Whether the rule's answer rests on it: were it otherwise, with what else decides as it is, the answer
            would be another one or could be.
        parts: What is under the connector; none for a clause.
    """

    text: str
    value: str = ""
    holds: bool
    decides: bool
    parts: tuple[Reason, ...] = ()

    def clauses(self) -> Iterator[Reason]:
        """Yield the clauses, from left to right."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.clauses()


def reasons(rule: Rule, person: Person, frame: Frame) -> Reason:
    """Return what came of a rule for a person, clause by clause."""
    verdicts = judge(rule, person, frame)
    answers: dict[Leaf, bool] = {}
    values: dict[Leaf, str] = {}
    for leaf, verdict in zip(leaves(rule.tree), verdicts, strict=True):
        answers[leaf], values[leaf] = verdict.holds, verdict.value
    return _reason(rule.tree, answers, values, decides=True)


def holds(node: Node, answers: Mapping[Leaf, bool]) -> bool:
    """Return whether a part of a rule holds, by the answers of its clauses."""
    match node:
        case And(parts):
            return all(holds(part, answers) for part in parts)
        case Or(parts):
            return any(holds(part, answers) for part in parts)
        case Not(part):
            return not holds(part, answers)
        case leaf:
            return answers[leaf]


def deciding(node: Node, answers: Mapping[Leaf, bool]) -> Iterator[Leaf]:
    """Yield the clauses on which a part's answer rests: of AND those that fail, if any does; of OR those that hold."""
    match node:
        case And(parts) | Or(parts):
            for part in _deciding(node, parts, answers):
                yield from deciding(part, answers)
        case Not(part):
            yield from deciding(part, answers)
        case leaf:
            yield leaf


def _deciding(node: Node, parts: tuple[Node, ...], answers: Mapping[Leaf, bool]) -> tuple[Node, ...]:
    """Return the parts that settle AND or OR: where it took all of them, all."""
    settles = isinstance(node, Or)
    return tuple(part for part in parts if holds(part, answers) is settles) or parts


def _reason(node: Node, answers: Mapping[Leaf, bool], values: Mapping[Leaf, str], *, decides: bool) -> Reason:
    match node:
        case And(parts) | Or(parts):
            settling = _deciding(node, parts, answers)
            return Reason(
                text="any of" if isinstance(node, Or) else "all of",
                holds=holds(node, answers),
                decides=decides,
                parts=tuple(_reason(part, answers, values, decides=decides and part in settling) for part in parts),
            )
        case Not(part):
            inner = _reason(part, answers, values, decides=decides)
            return Reason(text="not", holds=not inner.holds, decides=decides, parts=(inner,))
        case leaf:
            return Reason(text=str(leaf), value=values[leaf], holds=answers[leaf], decides=decides)
