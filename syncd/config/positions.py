"""Where in the file a key stands. `tomllib` does not say, so the text is read once more, to report something."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from syncd.config.keys import KeyPath

LITERAL_PIECE = re.compile(r"\r\n|[\s\S]")
BASIC_PIECE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[ \t]*\r?\n\s*|\\.|\r\n|[\s\S]")


class Place(NamedTuple):
    """Where a key stands, and its value as written.

    Attributes:
        line: From 1.
        value: The value's source text, empty for a table.
        value_line: The line where the value begins.
    """

    line: int
    value: str = ""
    value_line: int = 0


class Positions:
    """The places of all keys of one text."""

    def __init__(self, text: str) -> None:
        """Read the text, as far as it is TOML."""
        self._places: dict[KeyPath, Place] = {}
        for path, place in _document(_tree(text)):
            self._places.setdefault(path, place)

    def line(self, path: KeyPath) -> int:
        """Return the line of the key, of the first key in it, or of the nearest table above; 0 where none is there."""
        while path:
            if path in self._places:
                return self._places[path].line
            within = [place.line for known, place in self._places.items() if known[: len(path)] == path]
            if within:
                return min(within)
            path = path[:-1]
        return 0

    def line_within(self, path: KeyPath, offset: int) -> int:
        """Return the line of the character at `offset` in the text that the key holds."""
        place = self._places.get(path)
        if place is None or place.value[:1] not in {"'", '"'}:
            return self.line(path)
        return place.value_line + _newlines_before(place.value, offset)


def first_error(text: str) -> tuple[int, int] | None:
    """Return line and column, from 1, where the text stops being TOML; None where that is not seen.

    `tomllib` complains of what is never closed only at the end of the file; this tells where it was opened.
    """
    wrong = next(_errors(_tree(text)), None)
    if wrong is None:
        return None
    before = text.encode().split(b"\n")[wrong.start_point.row][: wrong.start_point.column]
    return _row(wrong), len(before.decode()) + 1


def _tree(text: str) -> Node:
    return Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node


def _errors(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error:
            yield from _errors(child)


def _newlines_before(source: str, offset: int) -> int:
    """Count the newlines of a text's source before its character `offset`; escapes and continued lines are undone."""
    quotes = 3 if source[:3] in {'"""', "'''"} else 1
    body = source[quotes:]
    opening = re.match(r"\r?\n", body) if quotes == 3 else None
    newlines = 1 if opening else 0
    pieces = (BASIC_PIECE if source[0] == '"' else LITERAL_PIECE).findall(body[opening.end() if opening else 0 :])
    at = 0
    for piece in pieces:
        continues = piece[0] == "\\" and "\n" in piece
        if at >= offset and not continues:
            break
        newlines += piece.count("\n")
        at += 0 if continues else 1
    return newlines


def _document(root: Node) -> Iterator[tuple[KeyPath, Place]]:
    entries: Counter[KeyPath] = Counter()
    for node in root.named_children:
        if node.type == "pair":
            yield from _pair(node, ())
        elif node.type in {"table", "table_array_element"} and node.named_children:
            path: KeyPath = _keys(node.named_children[0])
            if node.type == "table_array_element":
                entries[path] += 1
                path = (*path, entries[path] - 1)
            yield path, Place(_row(node))
            for child in node.named_children[1:]:
                yield from _pair(child, path)


def _pair(node: Node, prefix: KeyPath) -> Iterator[tuple[KeyPath, Place]]:
    if node.type != "pair" or len(node.named_children) < 2:
        return
    key, value = node.named_children[0], node.named_children[-1]
    path = (*prefix, *_keys(key))
    yield path, Place(_row(key), _text(value), _row(value))
    yield from _inside(value, path)


def _inside(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, Place]]:
    if node.type == "inline_table":
        for child in node.named_children:
            yield from _pair(child, path)
    elif node.type == "array":
        entries = [child for child in node.named_children if child.type != "comment"]
        for index, entry in enumerate(entries):
            yield (*path, index), Place(_row(entry), _text(entry), _row(entry))
            yield from _inside(entry, (*path, index))


def _keys(node: Node) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(key for child in node.named_children for key in _keys(child))
    if node.type == "quoted_key":
        return (str(tomllib.loads(f"key = {_text(node)}")["key"]),)
    return (_text(node),)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _row(node: Node) -> int:
    return node.start_point.row + 1
