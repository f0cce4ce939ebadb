"""`[suppress]`: the exclusion list, in the settings and in files beside them.

A file is read whole or not at all: a line that cannot be understood may be the very person who asked to be left in
peace, so nothing is pushed before it is mended. No message repeats a line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, field_validator

from syncd.config.tables import Table
from syncd.config.units import WrongError
from syncd.errors import ConfigError, Problem
from syncd.model import identity

_DOMAIN = r"[^\s@.,;\"'<>]+(?:\.[^\s@.,;\"'<>]+)+"
_ENTRY = re.compile(rf"(?P<local>[^\s,;<>]+)@{_DOMAIN}|@?(?P<domain>{_DOMAIN})")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_CELL = re.compile(r"[,;\t]")
_HEADINGS = frozenset({"email", "e-mail", "mail", "email address", "e-mail address", "email_address", "address"})
_MOST_PROBLEMS = 20
_FIX = "write one address or one @domain a line; begin a comment with #"


def entry(text: str) -> str:
    """Return an address as its identity, or a domain with an @ before it.

    Raises:
        WrongError: It is neither.
    """
    known = _ENTRY.fullmatch(identity(text) or "")
    if known is None:
        raise WrongError("is neither an address nor a domain", "write name@example.com, or @example.com")
    return f"@{known['domain']}" if known["domain"] else known[0]


def _address(value: object) -> str:
    found = entry(value) if isinstance(value, str) else ""
    if not found or found.startswith("@"):
        raise WrongError("is not an address", "write it in quotes: name@example.com; domains have a key of their own")
    return found


def _domain(value: object) -> str:
    found = entry(value) if isinstance(value, str) else ""
    if not found.startswith("@"):
        raise WrongError("is not a domain", 'write it in quotes: "example.com"')
    return found


_Address = Annotated[str, PlainValidator(_address), WithJsonSchema({"type": "string", "pattern": "@"})]
_Domain = Annotated[str, PlainValidator(_domain), WithJsonSchema({"type": "string", "pattern": r"\."})]


class SuppressTable(Table):
    """Who gets no tag and is made no contact of, whatever the segments say."""

    addresses: Annotated[tuple[_Address, ...], Field(strict=False)] = ()
    """Addresses; letter case is no matter."""

    domains: Annotated[tuple[_Domain, ...], Field(strict=False)] = ()
    """Domains: everybody whose address ends with one. Domains below it are others, to be named by themselves."""

    files: Annotated[tuple[Path, ...], Field(strict=False)] = ()
    """Files with one address or one @domain a line, beside this file unless a folder is named. Lines that begin with #
    are comments; of a CSV file, the first column counts."""

    @field_validator("files", mode="before")
    @classmethod
    def _beside_the_file(cls, value: object, info: ValidationInfo) -> tuple[Path, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(it, str | Path) and str(it) for it in value):
            raise WrongError("must be a list of paths in quotes", 'write files = ["suppressed.txt"]')
        folder = (info.context or {}).get("folder", "")
        return tuple(Path(folder) / Path(it).expanduser() for it in value)


class ExclusionSources(msgspec.Struct, frozen=True):
    """The list as it lies in the settings and in the files, not yet understood.

    Attributes:
        digest: What tells it from any other; a list that has not changed need not be understood again.
    """

    table: SuppressTable
    contents: tuple[bytes, ...]
    digest: str

    def entries(self) -> list[str]:
        """Return every entry once, sorted: addresses as identities, domains with an @ before them.

        Raises:
            ConfigError: A line is neither an address nor a domain; each such line is named.
        """
        found = {*self.table.addresses, *self.table.domains}
        problems: list[Problem] = []
        for path, content in zip(self.table.files, self.contents, strict=True):
            found.update(_entries(path, content, problems))
        if problems:
            raise ConfigError(problems[:_MOST_PROBLEMS])
        return sorted(found)


def exclusion_sources(table: SuppressTable) -> ExclusionSources:
    """Read the files of the exclusion list, without understanding them yet.

    Raises:
        ConfigError: A file is missing or cannot be read.
    """
    digest = hashlib.blake2b("\0".join((*table.addresses, "", *table.domains)).encode(), digest_size=16)
    contents: list[bytes] = []
    problems: list[Problem] = []
    for path in table.files:
        try:
            contents.append(path.read_bytes())
        except OSError as error:
            why = "there is no such file" if isinstance(error, FileNotFoundError) else _reason(error)
            problems.append(
                Problem(str(path), 0, "suppress.files", why, f"nothing is pushed before it is: `ls -l {path}`")
            )
            continue
        digest.update(b"\0" + hashlib.blake2b(contents[-1], digest_size=16).digest())
    if problems:
        raise ConfigError(problems)
    return ExclusionSources(table, tuple(contents), digest.hexdigest())


def _reason(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or 'unreadable').lower()}"


def _entries(path: Path, content: bytes, problems: list[Problem]) -> Iterator[str]:
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        at = content[: error.start].count(b"\n") + 1
        problems.append(Problem(str(path), at, "suppress.files", "holds a character that is not UTF-8", _FIX))
        return
    for number, line in enumerate(lines, 1):
        text = _unquoted(_COMMENT.sub("", _CELL.split(line, maxsplit=1)[0]).strip())
        if not text or (number == 1 and text.lower() in _HEADINGS):
            continue
        try:
            yield entry(text)
        except WrongError as wrong:
            problems.append(Problem(str(path), number, "suppress.files", f"this line {wrong.message}", _FIX))


def _unquoted(cell: str) -> str:
    return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
