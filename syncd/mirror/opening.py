"""Opening the mirror with its tables brought up to date, after a copy of the file as it was."""

from __future__ import annotations

from pathlib import Path

from syncd.clock import SystemClock
from syncd.errors import FatalError
from syncd.mirror import backups
from syncd.mirror.database import Mirror, connect
from syncd.mirror.forgotten import guard
from syncd.mirror.soundness import refuse_cut_off

HEAD = "0012"
"""The newest step under `migrations/versions`; a test holds it true, so that a start need not load Alembic."""


def open_mirror(path: Path) -> Mirror:
    """Open the file, making or migrating its tables where they are not this version's.

    A file that holds anything is copied to the folder of its backups first.

    Raises:
        FatalError: It cannot be opened, a newer syncd made it, or the key that tells who is forgotten is lost.
    """
    refuse_cut_off(path)
    mirror = connect(path)
    try:
        revision = _revision(mirror)
        if revision != HEAD:
            _bring_up(mirror, revision)
        guard(mirror)
    except BaseException:
        mirror.close()
        raise
    return mirror


def _revision(mirror: Mirror) -> str | None:
    if not mirror.raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    found = mirror.raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None


def migrate(mirror: Mirror) -> None:
    """Bring the tables up to this version's, all steps or none. A new file gets them all."""
    from alembic import command  # noqa: PLC0415  # 0.1 s that only a migration pays
    from alembic.config import Config  # noqa: PLC0415

    from syncd.mirror.filling import make_whole  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = mirror.connection
    if mirror.raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'set_aside'").fetchone():
        make_whole(mirror)  # a step may change an index that a first load, cut short, has set aside
    if not mirror.connection.in_transaction():
        mirror.connection.begin()  # else Alembic begins one of its own, and commits ours after the first step
    with mirror.transaction():
        command.upgrade(config, "head")


def _bring_up(mirror: Mirror, revision: str | None) -> None:
    """Migrate a file of an older version, once a copy of it was made."""
    if revision is not None and revision > HEAD:
        raise FatalError(
            f"the database {mirror.path} was made by a newer syncd (its tables are at {revision}, ours at {HEAD})",
            hint="install the newer syncd again, or go back to a backup of before it: syncd restore --list",
        )
    if revision is not None:
        backups.make(mirror, SystemClock().now(), why=f"before-{HEAD}")
    migrate(mirror)
