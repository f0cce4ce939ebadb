"""The file on the disk: where it is looked for, and its text as tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.errors import ConfigError, Problem

VARIABLE = "SYNCD_CONFIG"
SYSTEM = Path("/etc/syncd/syncd.toml")
WIDTH = 100
INIT = "type `syncd init` to write one"

SYNTAX = (
    (
        "Illegal character '\\n'",
        "a text begins here and has no end on its line",
        "close it with the quote that it began with",
    ),
    ("Unterminated string", "a text has no end", "close it with the quotes that it began with"),
    ("Expected \"'''\"", "a text has no end", "close it with '''"),
    ("Unescaped '\\'", "a \\ in double quotes begins a special character", "use single quotes, or write \\\\"),
    ("Invalid hex value", "a \\ in double quotes begins a special character", "use single quotes, or write \\\\"),
    ("Expected '='", "a key is followed by =, then its value", "write key = value"),
    ("Invalid statement", "this is neither a [table] nor key = value", "begin a comment with #"),
    ("Invalid value", "this is not a value", 'put text in quotes: key = "text"'),
    (
        "Expected newline or end of document",
        "something follows after the end of the value",
        "put each key on its own line; begin a comment with #",
    ),
    ("Cannot overwrite a value", "this key was given before", "keep one of them"),
    ("Duplicate inline table key", "this key was given before", "keep one of them"),
    ("Cannot declare", "this table was given before", "put its keys together under one [table] line"),
    ("Cannot mutate immutable namespace", "this table was closed with its }", "put the key between the braces"),
    ("Unclosed array", "a list has no end", "close it with ]"),
    ("Unclosed inline table", "a table in braces has no end", "close it with }, and keep it on one line"),
    ("Expected ']'", "a [table] line has no end", "close it with ]"),
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
        if place.exists():
            return place
    tried = ", ".join(f"{place} ({why})" for why, place in places.items())
    raise ConfigError(
        [Problem("syncd.toml", 0, "", f"no settings file; looked for {tried}", f"{INIT}, or name one with --config")]
    )


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
    place = re.search(r"\(at line (\d+), column (\d+)\)$", complaint)
    lines = text.split("\n")
    line, column = (int(place[1]), int(place[2])) if place else (len(lines), len(lines[-1]) + 1)
    known = ((message, fix) for start, message, fix in SYNTAX if complaint.startswith(start))
    message, fix = next(known, (complaint.partition(" (at")[0], "see https://toml.io for how to write it"))
    where = f"line {line}, column {column}" if place else "at the end of the file"
    picture = f"\n{caret(_shown(lines, line), column)}" if place else ""
    return _refusal(path, line, f"{where}: {message}{picture}", fix)


def _shown(lines: list[str], line: int) -> str:
    """Return a line as it may be shown: texts are dotted out unless it stands in a table that holds no secrets."""
    headers = (re.match(r"\s*\[+\s*(\w+)", above) for above in reversed(lines[:line]))
    table = next((header[1] for header in headers if header), "")
    if table in {"syncd", "limits", "segments"}:
        return lines[line - 1]
    key, equals, value = lines[line - 1].partition("=")
    return key + equals + re.sub(r"\w", "•", value)


def _refusal(path: Path, line: int, message: str, fix: str) -> ConfigError:
    return ConfigError([Problem(str(path), line, "", message, fix)])
