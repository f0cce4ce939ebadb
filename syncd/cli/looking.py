"""Looking at the mirror without making one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from syncd.config import Settings
from syncd.mirror.database import Mirror, is_there
from syncd.wiring import opened_mirror


@contextmanager
def existing_mirror(settings: Settings) -> Iterator[Mirror | None]:
    """Open the mirror; None where nothing was ever synced, for a look should leave nothing behind.

    Raises:
        FatalError: It is there and cannot be opened.
    """
    if not is_there(settings.syncd.database):
        yield None
        return
    with opened_mirror(settings) as mirror:
        yield mirror
