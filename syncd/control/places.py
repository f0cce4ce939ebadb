"""Where the socket is: the daemon and its callers find the same place, each from what they can see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

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
    named = _setting(settings)
    if named is not None:
        return settings.absolute().parent / Path(named).expanduser()
    if settings.absolute().parent != system:
        return None
    return run / ("syncd" if settings.stem == "syncd" else f"syncd-{settings.stem}") / NAME


def _setting(settings: Path) -> str | None:
    try:
        table = tomllib.loads(settings.read_text(encoding="utf-8")).get("syncd")
    except (OSError, ValueError):
        return None
    found = table.get(KEY) if isinstance(table, dict) else None
    return found if isinstance(found, str) and found.strip() else None
