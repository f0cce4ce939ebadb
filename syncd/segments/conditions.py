"""The operator and values on the right of a name, as typed test."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

import msgspec
from lark import Token

from syncd.segments import operators
from syncd.segments.comparisons import ORDERED, Type
from syncd.segments.days import PERIODS, Day, Offset, Period, Second
from syncd.segments.findings import Findings
from syncd.segments.literals import NotThatError, Raw, place, value
from syncd.segments.tree import Op, Test, Value, literal

_WORDS = frozenset("NOT OPERATOR BETWEEN IN CONTAINS LIKE STARTS ENDS WITH IS NULL".split())
_SHOPIFY_LIST = 500
_LONGEST_LIST = 1_000
_LONGEST_ALTERNATIVES = 50
"""Values of a list that become an alternative each; SQLite bounds the depth of an expression."""
_FOR_LISTING = {
    Op.EQ: "write CONTAINS",
    Op.NE: "write NOT CONTAINS",
    Op.IN: "write one CONTAINS for each value, joined by OR",
    Op.NOT_IN: "write one NOT CONTAINS for each value, joined by AND",
}
_FOR_TEXT = {
    Op.CONTAINS: "write = for the whole text, LIKE '%…%' for a part",
    Op.NOT_CONTAINS: "write != for the whole text, NOT LIKE '%…%' for a part",
}


class Subject(msgspec.Struct, frozen=True):
    """What a test is about: the name that it follows, what its value is, and the operators that it takes."""

    name: Token
    type: Type
    ops: tuple[Op, ...]
    choices: tuple[str, ...] = ()
    listing: bool = False


def single(name: Token, type_: Type, choices: tuple[str, ...] = ()) -> Subject:
    """Return the subject of a name with a single value."""
    return Subject(name, type_, operators.of_value(type_, fixed=bool(choices)), choices)


class Condition(msgspec.Struct, frozen=True):
    """An operator and its values, not yet typed."""

    mark: Token
    op: Op
    values: Sequence[Raw]


def condition(children: Sequence[Raw]) -> Condition:
    """Return what the grammar read behind a name."""
    words = list(itertools.takewhile(lambda child: isinstance(child, Token) and child.type in _WORDS, children))
    op = Op(" ".join(str(word).upper() for word in words))
    return Condition(place(words[0]), op, children[len(words) :])


def spoken(asked: Condition) -> Condition:
    """Return a condition with true and false as the texts that they are in a metafield."""
    return Condition(asked.mark, asked.op, [_spoken(value) for value in asked.values])


def _spoken(value: Raw) -> Raw:
    if isinstance(value, Token) and value.type in {"TRUE", "FALSE"}:
        return Token.new_borrow_pos("STRING", f"'{value.lower()}'", value)
    return value


def operand(asked: Condition) -> Type:
    """Return the type that the first value is written in; text where it is none."""
    first = asked.values[0] if asked.values else None
    kind = first.type if isinstance(first, Token) else ""
    if kind in {"DATE", "DATETIME", "OFFSET", "AGO"} or (kind == "NAME" and str(first).lower() in PERIODS):
        return Type.DATE
    return Type.AMOUNT if kind == "NUMBER" else Type.TEXT


def checked(subject: Subject, asked: Condition, findings: Findings) -> Test | None:
    """Return the typed test; None, with the problems found, where there is none."""
    if asked.op not in subject.ops:
        findings.wrong(
            asked.mark, f"{subject.name} does not support operator '{asked.op}'", _instead(subject, asked.op)
        )
        return None
    values = [typed for raw in asked.values if (typed := _typed(raw, subject, findings)) is not None]
    if len(values) < len(asked.values) or not _short_enough(subject, asked, findings):
        return None
    test = Test(asked.op, tuple(values))
    _remark(test, subject, asked, findings)
    return test


def _instead(subject: Subject, op: Op) -> str:
    shaped = subject.type is Type.TEXT and not subject.choices
    if op in (_FOR_LISTING if subject.listing else _FOR_TEXT if shaped else {}):
        return (_FOR_LISTING | _FOR_TEXT)[op]
    return f"it takes {', '.join(subject.ops)}"


def _typed(raw: Raw, subject: Subject, findings: Findings) -> Value | None:
    try:
        return value(raw, subject.type, subject.choices)
    except NotThatError as error:
        findings.problems.append(error.problem)
        return None


def _short_enough(subject: Subject, asked: Condition, findings: Findings) -> bool:
    apart = subject.type in ORDERED or subject.type is Type.CATEGORY
    most = _LONGEST_ALTERNATIVES if apart else _LONGEST_LIST
    if len(asked.values) > most:
        findings.wrong(place(asked.values[most]), f"a list has at most {most:,} values here", "split the segment")
        return False
    if len(asked.values) > _SHOPIFY_LIST:
        findings.note(f"lists have at most {_SHOPIFY_LIST} values in Shopify")
    return True


def _remark(test: Test, subject: Subject, asked: Condition, findings: Findings) -> None:
    if operators.own(test.op, subject.type, listing=subject.listing):
        findings.note(f"{subject.name} {test.op} is syncd's own")
    for raw, typed in zip(asked.values, test.values, strict=True):
        if isinstance(typed, Period) and typed.name not in PERIODS[:2]:
            findings.note(f"{typed.name} is syncd's own")
        if isinstance(raw, Token) and raw.type == "AGO":
            findings.warn(f"{raw} is deprecated: {typed}")
    if test.op is Op.BETWEEN and _reversed(*test.values):
        findings.warn(f"{subject.name} {test} holds for nobody: {literal(test.values[1])} comes first")


def _reversed(first: Value, last: Value) -> bool:
    match first, last:
        case Day(a), Day(b):
            return a > b
        case Second(a), Second(b):
            return a > b
        case Offset(a, unit), Offset(b, other):
            return unit is other and a > b
        case (int(a), int(b)):
            return a > b
        case (Decimal() as a, Decimal() as b):
            return a > b
    return False
