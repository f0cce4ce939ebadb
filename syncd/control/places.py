"""Where the socket is: the daemon and its callers find the same place, each from what they can see."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

NAME = "control.sock"
KEY = "control_socket"
_SYSTEM = Path("/etc/syncd")
_RUN = Path("/run")


def of_the_daemon(setting: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return where the daemon listens: where the settings say, else in systemd's `RuntimeDirectory=`, else nowhere."""
    if setting is not None:
        return setting
    given = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) / NAME if given else None


def of_a_caller(settings: Path, *, system: Path = _SYSTEM, run: Path = _RUN) -> Path | None:
    """Return where the daemon of a settings file would listen; None where nobody could say.

    The file is read as plain TOML, for one key: most callers need to know no more of it, and may not be allowed to
    read it. Without the key it is where the units of this package put it: `/etc/syncd/syncd.toml` is `syncd.service`,
    `/etc/syncd/NAME.toml` is `syncd@NAME.service`.
    """
    named = _path(settings, _table(settings) or {}, KEY)
    if named is not None or settings.absolute().parent != system:
        return named
    return run / ("syncd" if settings.stem == "syncd" else f"syncd-{settings.stem}") / NAME


def owner_in_the_way(settings: Path) -> int | None:
    """Return the user whom the database of a settings file belongs to, where that is not this process's; else None."""
    table = _table(settings)
    database = None if table is None else _path(settings, {"database": "syncd.db", **table}, "database")
    if database is None:
        return None  # reading the settings will say what is wrong
    try:
        owner = database.stat().st_uid
    except PermissionError:
        owner = _owner_of_the_folder(database)
    except OSError:
        return None
    return None if owner == os.geteuid() else owner


def _owner_of_the_folder(database: Path) -> int:
    """Return whose folder it is that we may not look into: the nearest that can be looked at."""
    for folder in database.parents:
        with suppress(OSError):
            return folder.stat().st_uid
    return 0


def _table(settings: Path) -> Mapping[str, Any] | None:
    try:
        table = tomllib.loads(settings.read_text(encoding="utf-8")).get("syncd", {})
    except (OSError, ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def _path(settings: Path, table: Mapping[str, Any], key: str) -> Path | None:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        return None
    try:
        return settings.absolute().parent / Path(found).expanduser()
    except RuntimeError:  # a home that is not there
        return None
