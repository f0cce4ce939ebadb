"""A mirror as an older version made it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from syncd.mirror import opening
from syncd.mirror.database import Mirror, connect


def mirror_of(path: Path, step: str) -> Mirror:
    """Make a mirror with the tables as they were after a step of the migrations, without views."""
    mirror = connect(path)
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    config.attributes["connection"] = mirror.connection
    mirror.connection.begin()
    with mirror.transaction():
        command.upgrade(config, step)
    return mirror
