"""Segments that a store's people saved there, as tables of the settings file."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Iterator

import msgspec

from syncd.ports import SavedSegment
from syncd.segments import RuleError, parse

_WIDTH = 116
_LONGEST = 64
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A saved segment, ready to be written down.

    Attributes:
        name: Fit for the file, and unlike any other there.
        query: As the store has it.
        source: The kind of store that has to be asked for it, where the mirror cannot answer it; else empty.
        stores: The stores it is about, where it has to be said.
        known_as: The segment of the file that has the same query already; else empty.
        remarks: What is worth knowing about its query, one sentence each.
        usable: Whether the file could hold it; where not, it is written as a comment.
    """

    name: str
    title: str
    query: str
    source: str = ""
    stores: tuple[str, ...] = ()
    known_as: str = ""
    remarks: tuple[str, ...] = ()
    usable: bool = True

    def toml(self) -> str:
        """Return its table, with the remarks above it; a remark alone where the file has it already."""
        title = _one_line(self.title)
        if self.known_as:
            return _comment(f"{title!r} is in this file already: [segments.{self.known_as}]")
        remarks = "".join(_comment(remark) for remark in self.remarks)
        table = "".join(f"{line}\n" for line in self._lines())
        return remarks + (table if self.usable else textwrap.indent(table, "# ", lambda _: True))

    def _lines(self) -> Iterator[str]:
        yield f"[segments.{self.name}]"
        yield f"title = {quoted(self.title)}"
        yield f"query = {quoted(self.query)}"
        if self.source:
            yield f"source = {quoted(self.source)}"
        if self.stores:
            yield f"stores = [{', '.join(quoted(store) for store in self.stores)}]"


def imported(
    saved: Iterable[SavedSegment], *, kind: str, stores: tuple[str, ...], known: dict[str, str], taken: Collection[str]
) -> list[Imported]:
    """Return saved segments, ready to be written down.

    Args:
        saved: As the store told them.
        kind: The store's kind.
        stores: What `stores` of each is to be; empty where the file has but one.
        known: The names of segments that are in the file, by their queries.
        taken: All names that are taken there.
    """
    names = set(taken)
    found = []
    for each in saved:
        same = known.get(each.query.strip(), "")
        it = _read(
            Imported(name=same or _free(each.name, names), title=each.name, query=each.query, stores=stores), kind
        )
        names.add(it.name)
        found.append(msgspec.structs.replace(it, known_as=same))
    return found


def quoted(text: str) -> str:
    """Return a text as TOML writes it; one of several lines between three quotes."""
    inner = "".join(_escaped(character) for character in text)
    return f'"""\n{inner}"""' if "\n" in text else f'"{inner}"'


def _read(it: Imported, kind: str) -> Imported:
    try:
        return msgspec.structs.replace(it, remarks=parse(it.query).warnings)
    except RuleError as error:
        remarks = tuple(dict.fromkeys(problem.message for problem in error.problems))
        if error.remote:
            asked = "so the store itself is asked who is in it, in each cycle"
            return msgspec.structs.replace(it, remarks=(*remarks, asked), source=kind)
        return msgspec.structs.replace(it, remarks=("syncd cannot read this one:", *remarks), usable=False)


def _free(title: str, taken: Collection[str]) -> str:
    """Return a name made from a title that nothing else has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower().replace("'", "")
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: _LONGEST - 5].strip("-") or "segment"
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    unprintable = character != "\n" and (ord(character) < 0x20 or ord(character) == 0x7F)
    return f"\\u{ord(character):04x}" if unprintable else character


def _comment(text: str) -> str:
    lines = textwrap.wrap(_one_line(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def _one_line(text: str) -> str:
    """Return a text that a comment can hold: nothing in it ends the line, or is no character at all."""
    return " ".join("".join(" " if unicodedata.category(it)[0] in "CZ" else it for it in text).split())
