"""Who else on this machine gets at what the settings keep: worth a warning, for syncd itself works all the same."""

from __future__ import annotations

import stat
from pathlib import Path

from syncd.config.findings import Findings
from syncd.config.secret import LITERAL


def warn_of_others(path: Path, database: Path, findings: Findings) -> None:
    """Warn of a settings file and of a folder of the database that everybody can read from or write to."""
    mode = _mode(path)
    if mode & stat.S_IROTH and any(it.message == LITERAL for it in findings.doubtful):
        findings.warn((), f"everybody on this machine can read the secrets in {path}", f"type `chmod o-rwx {path}`")
    if mode & stat.S_IWOTH:
        findings.warn((), f"everybody on this machine can change {path}", f"type `chmod o-w {path}`")
    folder = database.parent
    if _mode(folder) & stat.S_IWOTH:
        findings.warn(
            ("syncd", "database"),
            f"everybody on this machine can put files into {folder}, or take the database's away",
            f"type `chmod o-w {folder}`, or keep the database elsewhere",
        )


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0
