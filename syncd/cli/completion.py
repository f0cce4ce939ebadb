"""What the shell completes: names from the settings file, read as plain TOML, so that a key press costs little."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from syncd.config.document import PLACES


def segments(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return the segments' names with their titles."""
    return [
        (name, str(table.get("title") or table.get("query") or ""))
        for name, table in _tables(context, "segments")
        if name.startswith(incomplete)
    ]


def stores(context: typer.Context, incomplete: str) -> list[str]:
    """Return the stores' names."""
    return [name for name, _ in _tables(context, "stores") if name.startswith(incomplete)]


def audiences(context: typer.Context, incomplete: str) -> list[str]:
    """Return the audiences' names."""
    return [name for name, _ in _tables(context, "audiences") if name.startswith(incomplete)]


def settings_files(incomplete: str) -> list[str]:
    """Return the TOML files and the folders below what is typed so far."""
    folder, _, begun = incomplete.rpartition("/")
    place = Path(f"{folder}/") if folder or incomplete.startswith("/") else Path()
    prefix = f"{folder}/" if "/" in incomplete else ""
    try:
        found = sorted(place.iterdir())
    except OSError:
        return []
    return [
        f"{prefix}{each.name}{'/' if each.is_dir() else ''}"
        for each in found
        if each.name.startswith(begun) and (each.is_dir() or each.suffix == ".toml")
    ]


def _tables(context: typer.Context, section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, table in _document(context).get(section, {}).items():
        if isinstance(table, dict):
            yield name, table


def _document(context: typer.Context) -> dict[str, Any]:
    """Return the settings of the place where they are looked for, nothing where they cannot be read."""
    named = context.params.get("config") or os.environ.get("SYNCD_CONFIG")
    for place in (named,) if named else PLACES:
        try:
            return tomllib.loads(Path(place).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return {}
