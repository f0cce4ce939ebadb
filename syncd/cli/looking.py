"""Looking at the mirror without making one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.config.document import database_of, digest_of, find, read
from syncd.cycle.outline import Outline, remembered
from syncd.mirror.database import Mirror, explaining, is_there
from syncd.mirror.opening import open_mirror

if TYPE_CHECKING:
    from syncd.config import Settings


@contextmanager
def existing_mirror(settings: Settings) -> Iterator[Mirror | None]:
    """Open the mirror; None where nothing was ever synced, for a look should leave nothing behind.

    Raises:
        FatalError: It is there and cannot be opened.
    """
    if not is_there(settings.syncd.database):
        yield None
        return
    with _opened(settings.syncd.database) as mirror:
        yield mirror


@contextmanager
def glance(config: str | None) -> Iterator[tuple[Outline, Mirror] | None]:
    """Open the mirror with the outline of the settings that a run has left there; None where that is not to be had.

    Raises:
        ConfigError: There is no settings file, or it cannot be read.
        FatalError: The mirror cannot be opened.
    """
    path = find(config, os.environ, Path())
    text = read(path)
    database = database_of(path, text)
    outline = None if database is None or not is_there(database) else remembered(database, digest_of(text))
    if outline is None:
        yield None
        return
    with _opened(outline.syncd.database) as mirror:
        yield outline, mirror


@contextmanager
def _opened(database: Path) -> Iterator[Mirror]:
    with explaining(database), closing(open_mirror(database)) as mirror:
        yield mirror
