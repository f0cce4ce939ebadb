"""The file on the disk: where it is looked for, and its text as tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from syncd import __version__
from syncd.errors import ConfigError, Problem

VARIABLE = "SYNCD_CONFIG"
SYSTEM = Path("/etc/syncd/syncd.toml")
PLACES = ("syncd.toml", str(SYSTEM))
"""Where the file is looked for if none is named."""
WIDTH = 100
INIT = "type `syncd init` to write one"

CLOSE_TEXT = ("a text has no end", "close it with the quotes that it began with")
SYNTAX = (
    (r"Illegal character '\\[nr]'|Unterminated string|Found invalid character|Expected \"'+\"", *CLOSE_TEXT),
    (
        r"Unescaped|Invalid hex value|Escaped character",
        "in double quotes, \\ begins a special character",
        "use single quotes, or write \\\\",
    ),
    (r"Illegal character", "a character that cannot be seen stands here", "delete it"),
    (r"Expected '='", "after a key comes =, then its value", "write key = value"),
    (r"Invalid statement|Invalid initial", "this is neither a [table] nor key = value", "begin a comment with #"),
    (r"Invalid value", "this is not a value", 'put text in straight quotes: key = "text"'),
    (r"Invalid date", "there is no such date", 'put text in quotes: key = "text"'),
    (
        r"Expected newline or end of document",
        "something follows the end of the value",
        "put each key on a line of its own; begin a comment with #",
    ),
    (r"Cannot overwrite|Duplicate inline|Cannot redefine", "this was given before", "keep one of them"),
    (r"Cannot declare", "this table was given before", "put its keys together under one [table] line"),
    (r"Cannot mutate", "this table ended with its }", "put the key between the braces"),
    (r"Unclosed array", "a list has no end", "close it with ]"),
    (r"Unclosed inline table", "a table in braces has no end", "close it with }, on the same line"),
    (r"Expected '\]", "a [table] line has no end", "close it with ]"),
)


def find(option: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the settings file: `--config`, `$SYNCD_CONFIG`, `syncd.toml` in `cwd`, `/etc/syncd/syncd.toml`, in order.

    A place that was named is the only one looked at. Pass `Path()` as `cwd` for paths in messages as short as typed.

    Raises:
        ConfigError: There is no such file; every place that was tried is in the message.
    """
    if option is not None:
        places = {"--config": cwd / option}
    elif environ.get(VARIABLE):
        places = {f"${VARIABLE}": cwd / environ[VARIABLE]}
    else:
        places = {"the present folder": cwd / "syncd.toml", "the system": SYSTEM}
    for place in places.values():
        if _is_there(place):
            return place
    tried = ", ".join(f"{place} ({why})" for why, place in places.items())
    raise ConfigError(
        [Problem("syncd.toml", 0, "", f"no settings file; looked for {tried}", f"{INIT}, or name one with --config")]
    )


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:
        return True  # in a folder that we may not look into: reading it will say so


def read(path: Path) -> str:
    """Return the text of the file, without a byte-order mark and with Unix line ends.

    Raises:
        ConfigError: It is missing, cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _refusal(path, 0, "there is no such file", INIT) from None
    except IsADirectoryError:
        raise _refusal(path, 0, "this is a folder", f"name the file in it: {path / 'syncd.toml'}") from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise _refusal(path, 0, f"cannot be read: {reason}", f"see `ls -l {path}`") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refusal(
            path, line, "holds a character that is not UTF-8", "save the file as UTF-8 in your editor"
        ) from None
    return text.replace("\r\n", "\n")


def digest_of(text: str) -> str:
    """Return what tells a text from any other, for this version of syncd."""
    return sha256(f"{__version__}\0{text}".encode()).hexdigest()[:32]


def database_of(path: Path, text: str) -> Path | None:
    """Return where a text says that the mirror is, as far as a glance tells; None where it is not plain."""
    try:
        named = tomllib.loads(text).get("syncd", {}).get("database", "syncd.db")
        return path.absolute().parent / Path(named).expanduser()
    except (ValueError, TypeError, AttributeError, RuntimeError, RecursionError):  # wrong in one way or another
        return None


def parse(path: Path, text: str) -> dict[str, Any]:
    """Return the tables of the text.

    Raises:
        ConfigError: It is not TOML; line and column are told, and the line is shown where it can hold no secret.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refusal(path, 0, "lists or tables are nested too deeply", "nothing in the settings needs it") from None
    except ValueError as error:
        raise _syntax(path, text, str(error)) from None


def caret(line: str, column: int) -> str:
    """Return a line, cut to what is around `column` (from 1), and under it a caret."""
    start = max(0, min(column - 1 - WIDTH // 2, len(line) - WIDTH))
    head, tail = ("…" if start else ""), ("…" if len(line) > start + WIDTH else "")
    cut = f"{head}{line[start : start + WIDTH]}{tail}".replace("\t", " ")
    return f"    {cut}\n    {' ' * (column - 1 - start + len(head))}^"


def _syntax(path: Path, text: str, complaint: str) -> ConfigError:
    known = ((message, fix) for pattern, message, fix in SYNTAX if re.match(pattern, complaint))
    message, fix = next(known, (complaint.partition(" (at")[0], "see https://toml.io for how to write it"))
    line, column = _place(text, complaint)
    picture = caret(_shown(text.split("\n"), line), column)
    return _refusal(path, line, f"line {line}, column {column}: {message}\n{picture}", fix)


def _place(text: str, complaint: str) -> tuple[int, int]:
    """Return where `tomllib` says it is; of what was never closed, where it was opened."""
    from syncd.config.positions import first_error  # noqa: PLC0415  # a file without problems needs no second reading

    place = re.search(r"\(at line (\d+), column (\d+)\)$", complaint)
    if place is not None:
        return int(place[1]), int(place[2])
    end = text.rstrip("\n")
    return first_error(text) or (end.count("\n") + 1, len(end) - end.rfind("\n"))


def _shown(lines: list[str], line: int) -> str:
    """Return a line as it may be shown: texts are dotted out unless it stands in a table that holds no secrets."""
    headers = (re.match(r"""\s*\[+\s*["']?(\w+)""", above) for above in reversed(lines[:line]))
    table = next((header[1] for header in headers if header), "")
    if table in {"syncd", "limits", "segments"}:
        return lines[line - 1]
    known = re.match(r"\s*(\[+[\w.-]+\]+|[\w.-]{1,24}\s*=)?", lines[line - 1])
    kept = known.end() if known else 0
    return lines[line - 1][:kept] + re.sub(r"\w", "•", lines[line - 1][kept:])


def _refusal(path: Path, line: int, message: str, fix: str) -> ConfigError:
    return ConfigError([Problem(str(path), line, "", message, fix)])
