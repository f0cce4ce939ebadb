"""The deprecated function syntax, `f(name: value, …) = true`, put as the parameters of a MATCHES.

`date:` meant *since* that day, `until:` up to it, `count_at_least:` what it says; ids could stand in quotes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lark import Token, Tree

from syncd.segments.comparisons import Type
from syncd.segments.conditions import Condition
from syncd.segments.findings import Findings
from syncd.segments.literals import Raw, quoted_id, unquoted
from syncd.segments.tree import Op

Asked: TypeAlias = "tuple[Token, Condition]"

_OPERATORS = {"date": Op.GE, "since": Op.GE, "until": Op.LE}
_SUFFIXES = {"_at_least": Op.GE, "_at_most": Op.LE}


def outcome(name: Token, asked: Condition, findings: Findings) -> bool | None:
    """Return whether `= true` (or `!= false`) stands behind a call; None, with a problem, for anything else."""
    answer = asked.values[0] if asked.values else None
    if asked.op not in {Op.EQ, Op.NE} or not isinstance(answer, Token) or answer.type not in {"TRUE", "FALSE"}:
        findings.wrong(asked.mark, f"behind {name}(…) only = true or = false can stand", f"write {name} MATCHES (…)")
        return None
    return (answer.type == "TRUE") is (asked.op is Op.EQ)


def text(arguments: Sequence[Tree[Token]]) -> str | None:
    """Return the one text that a call is given, with or without a name; None where it is given something else."""
    value = arguments[0].children[-1] if len(arguments) == 1 else None
    return unquoted(value) if isinstance(value, Token) and value.type == "STRING" else None


def parameters(arguments: Sequence[Tree[Token]], types: Mapping[str, Type], findings: Findings) -> list[Asked] | None:
    """Return what the arguments of a call ask, as MATCHES would; None, with a problem, where one has no name.

    Args:
        arguments: As the grammar read them.
        types: Of the function's parameters, by name.
        findings: Where problems go.
    """
    asked = []
    for argument in arguments:
        name = argument.children[0]
        if not isinstance(name, Token) or name.type != "NAME":
            findings.wrong(_token(name), "a parameter has a name", "write it like id: 1234")
            return None
        asked.append(_asked(name, argument.children[1], types))
    return _between(asked)


def _asked(name: Token, value: Raw, types: Mapping[str, Type]) -> Asked:
    plain, op = _named(name)
    type_ = types.get(plain)
    values: list[Raw] = [value]
    if isinstance(value, Tree) and type_ is not Type.POINT:
        values, op = list(value.children), Op.IN
    if type_ is Type.ID:
        values = [_unquoted(each) for each in values]
    return Token.new_borrow_pos("NAME", plain, name), Condition(name, op, values)


def _named(name: Token) -> tuple[str, Op]:
    """Return the parameter's name and the operator that its old name stood for."""
    if name in _OPERATORS:
        return "date", _OPERATORS[name]
    for suffix, op in _SUFFIXES.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), op
    return str(name), Op.EQ


def _unquoted(value: Raw) -> Raw:
    number = quoted_id(value)
    return value if number is None else Token.new_borrow_pos("NUMBER", str(number), _token(value))


def _between(asked: list[Asked]) -> list[Asked]:
    """Join `date:` and `until:` into one BETWEEN: in a MATCHES each parameter stands once."""
    dates = {condition.op: (name, condition) for name, condition in asked if name == "date"}
    if set(dates) != {Op.GE, Op.LE}:
        return asked
    (name, since), (_, until) = dates[Op.GE], dates[Op.LE]
    rest = [each for each in asked if each[0] != "date"]
    return [*rest, (name, Condition(since.mark, Op.BETWEEN, [*since.values, *until.values]))]


def _token(value: Raw) -> Token:
    return value if isinstance(value, Token) else next(value.scan_values(lambda _: True))
