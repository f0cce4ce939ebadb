"""A rule: the query of a segment, parsed and checked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec

from syncd.model import Kind
from syncd.segments.catalogue import SEGMENTS, known, scale_of
from syncd.segments.check import check
from syncd.segments.days import Offset, Period
from syncd.segments.findings import Findings
from syncd.segments.problems import RuleError, RuleProblem
from syncd.segments.rows import Rows
from syncd.segments.syntax import MAX_CLAUSES, clauses, fragments, lower_keywords, syntax
from syncd.segments.tree import Clause, Leaf, Matches, Node, Not, Op, Test, leaves, nodes

_SHOPIFY_CLAUSES = 10
_SHOPIFY_LENGTH = 5_000


class Rule(msgspec.Struct, frozen=True):
    """A query that can be answered.

    Attributes:
        text: As it was written.
        tree: What it says.
        kinds: The records that must have been pulled for it.
        notes: Why Shopify itself could not hold it, one phrase each; empty for a rule of Shopify's.
        warnings: What is perhaps not meant, or is deprecated.
        depends_on_day: Whether its answer can change at the shop's midnight by time alone. It changes by time alone
            at no other moment.
        segments: The other segments that it asks for.
        scales: What about the store's own customers it compares a person with (`Frame.cuts`).
        asked: Whether the store itself says whom it holds (`ask`): its tree then only repeats what the store last said.
    """

    text: str
    tree: Node
    kinds: frozenset[Kind]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    depends_on_day: bool = False
    segments: frozenset[str] = frozenset()
    scales: frozenset[str] = frozenset()
    asked: bool = False

    def __str__(self) -> str:
        """Return the canonical text, in the syntax of 2026-10; what the store is asked, as it was written."""
        return self.text if self.asked else str(self.tree)


def parse(text: str) -> Rule:
    """Return the rule of a query.

    Raises:
        RuleError: It is none, with all problems that could be found, each with its place.
    """
    findings = Findings()
    tree = _checked(text, findings)
    found = list(leaves(tree))
    _remark(text, tree, findings)
    return Rule(
        text=text,
        tree=tree,
        kinds=frozenset({Kind.CUSTOMERS}).union(*(_kinds(leaf) for leaf in found)),
        notes=tuple(findings.notes),
        warnings=tuple(findings.warnings),
        depends_on_day=any(_daily(leaf) for leaf in found),
        segments=frozenset(
            str(leaf.test.values[0]) for leaf in found if isinstance(leaf, Clause) and leaf.filter == SEGMENTS
        ),
        scales=frozenset(scale.name for leaf in found if (scale := scale_of(leaf)) is not None),
    )


def ask(text: str, name: str) -> Rule:
    """Return the rule of the segment `name` whose query the store itself is to answer, whatever the mirror knows.

    Its tree asks for the membership that the store last gave, so that both readings go on to agree.

    Raises:
        RuleError: More is wrong with the query than that only the store can answer it.
    """
    notes: tuple[str, ...] = ()
    try:
        notes = parse(text).notes
    except RuleError as error:
        if not error.remote:
            raise
    itself = Clause(SEGMENTS, Test(Op.CONTAINS, (name,)))
    warnings = tuple(f"the store may not take it: {note}" for note in notes)
    return Rule(text=text, tree=itself, kinds=frozenset({Kind.CUSTOMERS}), notes=notes, warnings=warnings, asked=True)


def _checked(text: str, findings: Findings) -> Node:
    try:
        found = syntax(text)
    except RuleError as error:
        raise RuleError([*error.problems, *_elsewhere(text, error.problems)], text) from None
    number = clauses(found)
    if number > MAX_CLAUSES:
        message = f"the query has {number:,} clauses; at most {MAX_CLAUSES} are read"
        raise RuleError([RuleProblem(1, 1, message, "split it into several segments")], text)
    tree = check(found, findings)
    if tree is None:
        raise RuleError(findings.problems, text)
    return tree


def _elsewhere(text: str, known: Sequence[RuleProblem]) -> Iterator[RuleProblem]:
    """Yield what else is wrong in a query that ended reading at a known place."""
    findings = Findings()
    try:
        for fragment in itertools.islice(fragments(text), MAX_CLAUSES):
            if isinstance(fragment, RuleProblem):
                findings.problems.append(fragment)
            else:
                check(fragment, findings)
    except RuleError:  # too long or too deep to be looked at at all
        return
    places = {(problem.line, problem.column) for problem in known}
    yield from (problem for problem in findings.problems if (problem.line, problem.column) not in places)


def _remark(text: str, tree: Node, findings: Findings) -> None:
    number = sum(1 for _ in leaves(tree))
    if number > _SHOPIFY_CLAUSES:
        findings.note(f"{number} clauses; Shopify takes {_SHOPIFY_CLAUSES}")
    if len(text) > _SHOPIFY_LENGTH:
        findings.note(f"{len(text):,} characters; Shopify takes {_SHOPIFY_LENGTH:,}")
    if any(isinstance(node, Not) for node in nodes(tree)):
        findings.note("NOT before parentheses or a comparison is syncd's own")
    for word in lower_keywords(text):
        findings.warn(f"keywords are written in capitals: {word.upper()}")


def _kinds(leaf: Leaf) -> frozenset[Kind]:
    found = known(leaf)
    kinds = found.kinds
    if isinstance(leaf, Matches) and isinstance(found.reading, Rows):
        kinds = kinds.union(*(found.reading.parameters[each.name].kinds for each in leaf.parameters))
    return kinds


def _daily(leaf: Leaf) -> bool:
    tests = [leaf.test] if isinstance(leaf, Clause) else [each.test for each in leaf.parameters]
    return known(leaf).daily or any(isinstance(value, Offset | Period) for test in tests for value in test.values)
