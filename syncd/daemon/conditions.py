"""What may be wrong, as alerts tell it: each with a code that docs/operations.md explains."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from syncd.config import Settings
from syncd.cycle.health import Health, patience
from syncd.daemon.agenda import Work
from syncd.errors import ConfigError, MirrorError, SyncdError
from syncd.mirror.presence import Failing
from syncd.model import Instant

FEW = 20
"""So few refusals, or people who lost a tag, are no alert, whatever share they are."""


class Code(StrEnum):
    """What an alert is about."""

    CYCLE = "E-CYCLE"
    CREDENTIALS = "E-CREDENTIALS"
    STALE = "E-STALE"
    HELD = "E-HELD"
    REFUSED = "E-REFUSED"
    DRIFT = "E-DRIFT"
    SETTINGS = "E-SETTINGS"
    MIRROR = "E-MIRROR"
    DISK = "E-DISK"
    BACKUP = "E-BACKUP"
    TIDY = "E-TIDY"
    TEST = "E-TEST"


_OF_WORK = {Work.BACKUP: Code.BACKUP, Work.TIDY: Code.TIDY}


def code_of(work: Work, error: SyncdError, *, opened: bool) -> Code:
    """Return the code of what ended a turn before its time; `opened` says whether the mirror could be opened."""
    if isinstance(error, MirrorError) or not opened:
        return Code.MIRROR
    return _OF_WORK.get(work, Code.CYCLE)


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong now.

    Attributes:
        about: Which of its kind: a segment, a tag at a target, some stores.
        what: One sentence without anybody's data.
        fix: What to do.
    """

    code: Code
    about: str
    what: str
    fix: str

    @property
    def key(self) -> str:
        """What tells it from all others, as long as it stands."""
        return f"{self.code} {self.about}".strip()


def of_work(settings: Settings, failing: Mapping[str, Failing]) -> Iterator[Condition]:
    """Yield what is wrong with turns: cycles once they failed often enough, the rest at once."""
    for name, it in failing.items():
        code = Code(it.code)
        if code is not Code.CYCLE or it.turns >= settings.alerts.failed_turns:
            times = f" ({it.turns} times in a row)" if it.turns > 1 else ""
            yield Condition(code=code, about=name, what=f"{it.why}{times}", fix=it.fix or "syncd status")


def of_settings(trouble: ConfigError | None) -> Iterator[Condition]:
    """Yield that the settings are not taken, if they are not."""
    if trouble is None or not trouble.problems:
        return
    first, more = trouble.problems[0], len(trouble.problems) - 1
    others = f", and {more} more" if more else ""
    yield Condition(
        code=Code.SETTINGS,
        about=Path(first.file).name,
        what=f"the settings are wrong and the old ones stay in force: line {first.line}, {first.key}{others}",
        fix="syncd check --offline",
    )


def of_disk(database: Path) -> Iterator[Condition]:
    """Yield that room is short: the next backup needs as much as the mirror."""
    try:
        size = database.stat().st_size
        found = os.statvfs(database.parent)
    except OSError:
        return
    free = found.f_bavail * found.f_frsize
    if free < size + size // 2 + (64 << 20):
        yield Condition(
            code=Code.DISK,
            about="",
            what=f"{free >> 20:,} MiB are free on the disk of the mirror, which has {size >> 20:,} MiB itself: too "
            "little for the next backup",
            fix="free some space, or keep fewer backups (keep_backups)",
        )


def of_health(settings: Settings, health: Health) -> Iterator[Condition]:
    """Yield what the mirror shows: segments out of date, what waits for a person, refusals, drift."""
    yield from _stale(settings, health)
    yield from _held(health)
    yield from _refused(settings, health)
    yield from _drifted(settings, health)


def _stale(settings: Settings, health: Health) -> Iterator[Condition]:
    for name, part in health.segments.items():
        asked = settings.segments[name]
        patient = max(patience(settings.stores[store]) for store in asked.stores)
        if part.enabled and not part.ok and part.age_s is not None and part.age_s > patient:
            yield Condition(
                code=Code.STALE,
                about=name,
                what=f"the segment {name} is {_span(part.age_s)} old: {part.why}",
                fix="syncd status",
            )


def _held(health: Health) -> Iterator[Condition]:
    for row in health.holds:
        where = f"{row['label']} at {row['target']}" if row["label"] else f"consent at {row['target']}"
        look = "syncd plan" if row["label"] else "syncd audit"
        yield Condition(
            code=Code.HELD,
            about=where,
            what=f"{where} waits for you: {row['why']}",
            fix=f"look at it with {look}, and release it with: syncd approve {row['run']} && syncd sync",
        )


def _refused(settings: Settings, health: Health) -> Iterator[Condition]:
    share = settings.alerts.max_refused
    if health.refusals >= FEW and health.refusals > share.fraction * (health.refusals + health.owned):
        yield Condition(
            code=Code.REFUSED,
            about="",
            what=f"services refused {health.refusals:,} changes for good, beside {health.owned:,} that are in place: "
            f"more than {share}",
            fix="syncd runs shows what they said",
        )


def _drifted(settings: Settings, health: Health) -> Iterator[Condition]:
    share = settings.alerts.max_drift
    for row in health.drift:
        if row["missing"] >= FEW and row["missing"] > share.fraction * (row["missing"] + row["ours"]):
            where = f"{row['label']} at {row['target']}"
            yield Condition(
                code=Code.DRIFT,
                about=where,
                what=f"somebody else took {where} from {row['missing']:,} people: more than {share}",
                fix="find out which app or person does; syncd status tells when it was seen",
            )


def _span(seconds: Instant) -> str:
    hours = seconds // 3600
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{seconds // 60} minutes"
