"""The search syntax of lists and counts, as a tree.

Terms side by side are joined by AND; **OR binds tighter than AND**, the other way round than in the segment language.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<paren>[()])
    | (?P<field>-?[A-Za-z_][\w.]*)\s*:\s*(?P<op>>=|<=|>|<)?\s*
      (?P<fvalue>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^\s()"'])+)
    | (?P<value>-?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^\s()])+))
    )""",
    re.VERBOSE,
)


class Term(msgspec.Struct, frozen=True):
    """`field:op value`; `field` is None for a bare word, `op` empty for equality."""

    field: str | None
    op: str
    value: str
    quoted: bool


class Not(msgspec.Struct, frozen=True):
    """Everything that `item` does not match."""

    item: Node


class Both(msgspec.Struct, frozen=True):
    """All of `items`."""

    items: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True):
    """At least one of `items`."""

    items: tuple[Node, ...]


Node = Term | Not | Both | Either


def parse(text: str) -> Node | None:
    """Return the tree of a search; None for nothing. Unbalanced parentheses are overlooked, as by the service."""
    parser = _Parser(_tokens(text))
    return parser.conjunction()


def described(node: Node) -> dict[str, Any]:
    """Return the tree as `extensions.search[].parsed` shows it."""
    if isinstance(node, Term):
        field = {"field": node.field} if node.field else {}
        names = {"": "match_all", ">": "greater_than", ">=": "greater_or_equal", "<": "less_than"}
        return field | {names.get(node.op, "less_or_equal"): node.value}
    if isinstance(node, Not):
        return {"not": described(node.item)}
    return {"and" if isinstance(node, Both) else "or": [described(item) for item in node.items]}


def _tokens(text: str) -> list[str | Term | Not]:
    found: list[str | Term | Not] = []
    position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        found.append(_token(match))
    return found


def _token(match: re.Match[str]) -> str | Term | Not:
    if match["paren"]:
        return match["paren"]
    if match["field"] is not None:
        name = match["field"]
        value, quoted = _plain(match["fvalue"])
        term = Term(name.removeprefix("-"), match["op"] or "", value, quoted)
        return Not(term) if name.startswith("-") else term
    word = match["value"]
    if word in {"AND", "OR", "NOT", "-"}:
        return "NOT" if word == "-" else word
    negative = len(word) > 1 and word.startswith("-")
    value, quoted = _plain(word[1:] if negative else word)
    plain = Term(None, "", value, quoted)
    return Not(plain) if negative else plain


def _plain(text: str) -> tuple[str, bool]:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    inner = text[1:-1] if quoted else text
    return re.sub(r"\\(.)", r"\1", inner), quoted


class _Parser:
    def __init__(self, tokens: list[str | Term | Not]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> str | Term | Not | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def conjunction(self) -> Node | None:
        items = []
        while (part := self._peek()) is not None and part != ")":
            if part == "AND":
                self._at += 1
                continue
            item = self._alternatives()
            if item is not None:
                items.append(item)
        return _joined(Both, items)

    def _alternatives(self) -> Node | None:
        items = [self._single()]
        while self._peek() == "OR":
            self._at += 1
            items.append(self._single())
        return _joined(Either, [item for item in items if item is not None])

    def _single(self) -> Node | None:
        part = self._peek()
        self._at += 1
        if part == "NOT":
            item = self._single()
            return None if item is None else Not(item)
        if part == "(":
            inner = self.conjunction()
            self._at += 1
            return inner
        return None if part is None or isinstance(part, str) else part


def _joined(kind: type[Both] | type[Either], items: list[Node]) -> Node | None:
    if len(items) < 2:
        return items[0] if items else None
    return kind(tuple(items))
