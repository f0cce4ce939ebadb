"""From the syntax tree to a rule's tree: names, operators and values are held against the catalogue.

All problems of a query are collected. What Shopify would not take is a note, not a problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from lark import Token, Tree

from syncd.segments import calls, catalogue
from syncd.segments.comparisons import Type
from syncd.segments.conditions import Condition, Subject, checked, condition, operand, single, spoken
from syncd.segments.filter import Filter, Listing, Remote, Scalar
from syncd.segments.findings import Findings
from syncd.segments.literals import Raw
from syncd.segments.near import Near
from syncd.segments.operators import of_listing, of_value
from syncd.segments.rows import Rows
from syncd.segments.several import Several
from syncd.segments.syntax import Syntax
from syncd.segments.tree import And, Clause, Leaf, Matches, Node, Not, Op, Or, Parameter, height

MAX_HEIGHT = 12
"""Deeper than anybody reads; SQLite's parser, where its stack is fixed, takes about twenty."""
ANNIVERSARY = "anniversary"
_ASK = 'let the store answer: source = "shopify" on the segment'
_COMPLEMENT = {
    Op.CONTAINS: Op.NOT_CONTAINS,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.NULL: Op.NOT_NULL,
    Op.NOT_NULL: Op.NULL,
}


def check(tree: Syntax, findings: Findings) -> Node | None:
    """Return the rule's tree; None where a part of it has a problem, which the findings then tell."""
    match tree.data:
        case "disjunction" | "conjunction":
            return _joined(tree, findings)
        case "negation":
            part = check(_tree(tree.children[1]), findings)
            return None if part is None else _complement(part)
        case "plain":
            return _plain(tree, findings)
        case "matches":
            return _matches(tree, findings)
        case "called":
            return _called(tree, findings)
        case _:
            _filter(_name(tree), findings)
            return None


def _joined(tree: Syntax, findings: Findings) -> Node | None:
    kind = And if tree.data == "conjunction" else Or
    parts: list[Node] = []
    whole = True
    for child in tree.children:
        part = check(_tree(child), findings)
        if part is None:
            whole = False
        elif isinstance(part, kind):
            parts.extend(part.parts)
        else:
            parts.append(part)
    joined = kind(tuple(parts))
    if whole and height(joined) > MAX_HEIGHT:
        findings.wrong(
            _name(tree), f"AND and OR are nested more than {MAX_HEIGHT} deep", "split it into several segments"
        )
        return None
    return joined if whole else None


def _complement(part: Node) -> Node:
    """Negate a part in the way Shopify would take it, where there is one."""
    match part:
        case Not(inner):
            return inner
        case Matches(filter=name, parameters=parameters, negated=negated):
            return Matches(name, parameters, negated=not negated)
        case Clause(filter=name, test=test) if test.op in _COMPLEMENT:
            return Clause(name, type(test)(_COMPLEMENT[test.op], test.values))
    return Not(part)


def _plain(tree: Syntax, findings: Findings) -> Leaf | None:
    name = _name(tree)
    found = _filter(name, findings)
    if found is None:
        return None
    asked = condition(tree.children[1:])
    if isinstance(found.reading, Several):
        asked = spoken(asked)
    subject = _subject(name, found, asked)
    if subject is None or found.name == ANNIVERSARY:
        findings.wrong(asked.mark, f"{name} is a function", f"write it like {found.example}")
        return None
    test = checked(subject, asked, findings)
    if isinstance(found.reading, Remote):
        _say_remote(name, found, findings)
        return None
    return None if test is None else Clause(found.name, test)


def _matches(tree: Syntax, findings: Findings) -> Leaf | None:
    name = _name(tree)
    found = _filter(name, findings)
    mark = tree.children[1]
    if found is None or not isinstance(mark, Token):
        return None
    given = [_tree(child) for child in tree.children if isinstance(child, Tree)]
    asked = [(_name(each), condition(each.children[1:])) for each in given]
    return _function(name, found, asked, findings, negated=mark.type == "NOT")


def _called(tree: Syntax, findings: Findings) -> Leaf | None:
    """Check the deprecated syntax, and `anniversary`, which only looks like it."""
    name = _name(tree)
    found = _filter(name, findings)
    if found is None:
        return None
    arguments = [child for child in tree.children if isinstance(child, Tree) and child.data == "argument"]
    asked = condition(tree.children[1 + len(arguments) :])
    if found.name == ANNIVERSARY:
        return _anniversary(name, arguments, asked, findings)
    holds = calls.outcome(name, asked, findings)
    types = {each: type_ for each, (type_, _) in _parameters(found).items()}
    given = calls.parameters(arguments, types, findings)
    if holds is None or given is None:
        return None
    findings.warn(f"{name}(…) = true is deprecated: {name} MATCHES (…)")
    return _function(name, found, given, findings, negated=not holds)


def _function(
    name: Token, found: Filter, given: Sequence[tuple[Token, Condition]], findings: Findings, *, negated: bool
) -> Leaf | None:
    if _subject(name, found) is not None:
        findings.wrong(name, f"{name} is not a function", f"write it like {found.example}")
        return None
    subjects = _parameters(found)
    parameters = [_parameter(each, asked, subjects, findings) for each, asked in given]
    once = _each_once([each for each, _ in given], findings)
    if isinstance(found.reading, Remote):
        _say_remote(name, found, findings)
        return None
    if not _known(found, given, findings):
        return None
    whole = tuple(each for each in parameters if each is not None)
    if not once or len(whole) < len(parameters) or not _complete(name, found, whole, findings):
        return None
    _note_own_parameters(found, whole, findings)
    return Matches(found.name, whole, negated=negated)


def _parameter(
    name: Token, asked: Condition, known: Mapping[str, tuple[Type, tuple[str, ...]]], findings: Findings
) -> Parameter | None:
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        mend = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        findings.wrong(name, f"there is no parameter '{name}' here", mend)
        return None
    test = checked(single(name, *known[name]), asked, findings)
    return None if test is None else Parameter(str(name), test)


def _known(found: Filter, given: Iterable[tuple[Token, Condition]], findings: Findings) -> bool:
    """Say which parameters are Shopify's and not known here."""
    unknown = found.reading.unknown if isinstance(found.reading, Rows) else {}
    for name, _ in given:
        if name in unknown:
            findings.wrong(name, f"{name} {unknown[name][1]}", _ASK, remote=True)
    return not any(name in unknown for name, _ in given)


def _each_once(names: Iterable[Token], findings: Findings) -> bool:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            findings.wrong(name, f"'{name}' stands twice; each parameter may stand once", "BETWEEN has two ends")
            return False
        seen.add(name)
    return True


def _complete(name: Token, found: Filter, given: Iterable[Parameter], findings: Findings) -> bool:
    if isinstance(found.reading, Near) and not found.reading.complete(each.name for each in given):
        findings.wrong(name, f"{name} needs coordinates and one distance", f"write it like {found.example}")
        return False
    return True


def _anniversary(name: Token, arguments: Sequence[Tree[Token]], asked: Condition, findings: Findings) -> Leaf | None:
    """Check an anniversary; which metafield it is of becomes a part of the filter's name."""
    of = calls.text(arguments)
    of_metafield = of is not None and catalogue.find(f"{ANNIVERSARY}('{of}')") is not None
    if not of_metafield:
        example = catalogue.CATALOGUE[ANNIVERSARY].example
        findings.wrong(name, f"{name} is of a date metafield", f"write it like {example}")
    test = checked(single(name, Type.DATE), asked, findings)
    return Clause(f"{ANNIVERSARY}('{of}')", test) if of_metafield and test is not None else None


def _filter(name: Token, findings: Findings) -> Filter | None:
    found = catalogue.find(name)
    if found is None:
        meant = catalogue.meant(name)
        findings.wrong(name, f"'{name}' filter cannot be found", f"did you mean {meant}?" if meant else "")
    elif found.own:
        findings.note(f"{name} is syncd's own")
    return found


def _subject(name: Token, found: Filter, asked: Condition | None = None) -> Subject | None:
    """Return what a plain test of the filter is about; None for a function.

    A metafield is of the type that it is compared with.
    """
    match found.reading:
        case Several(type=type_):
            ours = type_ or (operand(asked) if asked is not None else Type.TEXT)
            return Subject(name, ours, (*of_value(ours), *of_listing(whole=True)), listing=True)
        case Scalar(type=type_, choices=choices):
            return single(name, type_, choices)
        case Listing(type=type_, whole=whole):
            return Subject(name, type_, of_listing(whole=whole), listing=True)
        case Remote(type=Type() as type_):
            return single(name, type_)
    return None


def _parameters(found: Filter) -> Mapping[str, tuple[Type, tuple[str, ...]]]:
    """Return the parameters of a function, each with its type and choices."""
    match found.reading:
        case Rows(parameters=asking, unknown=unknown):
            known = {name: (each.type, getattr(each, "choices", ())) for name, each in asking.items()}
            return known | {name: (type_, ()) for name, (type_, _) in unknown.items()}
        case Near(parameters=types) | Remote(parameters=types):
            return {name: (type_, ()) for name, type_ in types.items()}
    return {}


def _note_own_parameters(found: Filter, parameters: Iterable[Parameter], findings: Findings) -> None:
    for parameter in parameters:
        if isinstance(found.reading, Rows) and found.reading.parameters[parameter.name].own:
            findings.note(f"{parameter.name} of {found.name} is syncd's own")


def _say_remote(name: Token, found: Filter, findings: Findings) -> None:
    findings.wrong(name, f"{name} {cast('Remote', found.reading).why}", _ASK, remote=True)


def _name(tree: Syntax) -> Token:
    name = tree.children[0]
    return name if isinstance(name, Token) else _name(name)


def _tree(child: Raw) -> Syntax:
    return child if isinstance(child, Tree) else Tree("name", [child])
