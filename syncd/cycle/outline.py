"""What `status` needs of the settings, kept in the mirror by each run, so that a look need not read all of them.

To read the settings takes all the language of the segments, and a hundred times as long as to look. The outline is good
for the very text that it was made of; for any other the settings are read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.mirror.stores import Memo

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.mirror.database import Mirror

_PLACE = ("", "outline")
"""Owner and key among the memos: no store or audience has an empty name."""


class Watched(msgspec.Struct, frozen=True):
    """A store or an audience: how often it is looked at."""

    name: str
    every: int | None
    cron: str | None


class Sketched(msgspec.Struct, frozen=True):
    """A segment."""

    title: str
    enabled: bool
    stores: tuple[str, ...]


class Place(msgspec.Struct, frozen=True):
    """Where the mirror is."""

    where: str

    @property
    def database(self) -> Path:
        """The mirror's file."""
        return Path(self.where)


class Outline(msgspec.Struct, frozen=True):
    """The settings as far as `syncd.cycle.health` asks them, under the same names.

    Attributes:
        digest: Of the text that it was made of.
        kinds: The kinds of record that are read, by store.
    """

    digest: str
    syncd: Place
    stores: dict[str, Watched]
    audiences: dict[str, Watched]
    segments: dict[str, Sketched]
    kinds: dict[str, tuple[str, ...]]

    def kinds_of(self, store: str) -> Sequence[str]:
        """Return the kinds of record that are read of a store."""
        return self.kinds[store]


def outline_of(settings: Settings) -> Outline:
    """Return the outline of some settings."""
    return Outline(
        digest=settings.digest,
        syncd=Place(str(settings.syncd.database)),
        stores={name: Watched(name, it.every, it.cron) for name, it in settings.stores.items()},
        audiences={name: Watched(name, it.every, it.cron) for name, it in settings.audiences.items()},
        segments={name: Sketched(it.title, it.enabled, tuple(it.stores)) for name, it in settings.segments.items()},
        kinds={name: tuple(kind.value for kind in settings.kinds_of(name)) for name in settings.stores},
    )


def remember(mirror: Mirror, settings: Settings) -> None:
    """Keep the outline of the settings that a run goes by."""
    owner, key = _PLACE
    memo = Memo(mirror, owner)
    text = msgspec.json.encode(outline_of(settings)).decode()
    if memo.get(key) != text:
        memo[key] = text


def remembered(database: Path, digest: str) -> Outline | None:
    """Return the outline of settings with this digest, which say that the mirror is there; None where none was kept."""
    query = "SELECT value FROM memos WHERE owner = ? AND key = ?"
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            found = raw.execute(query, _PLACE).fetchone()
        outline = msgspec.json.decode(found[0], type=Outline) if found else None
    except (sqlite3.Error, msgspec.MsgspecError):
        return None  # whoever opens it next says what is wrong with it
    good = outline is not None and outline.digest == digest and outline.syncd.database == database
    return outline if good else None
