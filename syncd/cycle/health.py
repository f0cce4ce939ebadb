"""Health: how old everything is, what failed, what waits. Read from the mirror alone; no request is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from syncd.clock import iso
from syncd.cycle.attending import DaemonPart, daemon_part
from syncd.cycle.left_behind import LeftBehind, left_behind
from syncd.cycle.report import Failure, Report, doubt_rows, held_rows
from syncd.mirror import (
    backups,
    care,
    doubts,
    drift,
    ledger,
    looks,
    membership,
    released,
    runs,
    stores,
    turned_away,
    undone,
)
from syncd.mirror.care import SLACK
from syncd.mirror.database import Mirror
from syncd.mirror.drift import Drift
from syncd.mirror.lock import at_work
from syncd.mirror.looks import Look
from syncd.mirror.membership import Standing
from syncd.mirror.runs import Run
from syncd.mirror.stores import FeedState, KnownStore
from syncd.model import Instant

if TYPE_CHECKING:
    from syncd.config import AudienceSettings, SegmentSettings, Settings, StoreSettings
    from syncd.cycle.outline import Outline, Sketched, Watched

_TURNS = 3
"""How many turns of its schedule something may miss before it is stale."""
_LEAST = 900
"""Seconds within which nothing is stale: a long first pull is no fault."""
_DAY = 86_400
_NEVER = "never read yet"
Looks = Mapping[tuple[str, str], Look]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """How one thing is: a kind of record, a store, an audience or a segment.

    Attributes:
        as_of: The hour of which it is, ISO-8601 in UTC; None before the first time.
        age_s: Seconds since then.
        ok: Whether it is whole and no older than its schedule says.
        why: What is wrong, empty where nothing is.
        failing_since: Since when it fails, where it does.
    """

    as_of: str | None
    age_s: int | None
    ok: bool
    why: str = ""
    failing_since: str | None = None


class KindPart(Part, frozen=True, kw_only=True):
    """A kind of record.

    Attributes:
        rows: How many are here, as of the last whole look.
        counted: How many there are by the service's own count; None where it does not tell, or shows only some.
        counted_at: When it was looked.
        compared_at: When each was last compared with the service's own listing.
    """

    rows: int | None = None
    counted: int | None = None
    counted_at: str | None = None
    compared_at: str | None = None


class StorePart(Part, frozen=True, kw_only=True):
    """A store: what it says of itself, and each kind of its records."""

    account: str | None = None
    timezone: str | None = None
    currency: str | None = None
    orders_visible_from: str | None = None
    kinds: dict[str, KindPart] = {}


class AudiencePart(Part, frozen=True, kw_only=True):
    """An audience: the labels that syncd has charge of there, and its contacts as a kind of record."""

    labels: tuple[str, ...] = ()
    kinds: dict[str, KindPart] = {}


class SegmentPart(Part, frozen=True, kw_only=True):
    """A segment with its size; `enabled` is false for one that rests."""

    title: str
    size: int
    enabled: bool


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at once.

    Attributes:
        ok: Whether nothing is stale or failed; what waits for a person does not count.
        holds: What waits for a person.
        last_run: Number, result and times of the newest run, and what of it failed; None before the first.
        refusals: How many changes a service refused and nothing has changed about since.
        owned: How many pairs of a person and a label are ours, or may be.
        running: The process id of a run that is at work now; None where none is.
        drift: Labels whose carriers were not those whom we know of, when all were last compared.
        backup: When the newest backup was made; None where there is none.
        restored: When the mirror was last put back from a backup.
        undone: How many changes a person undid and syncd does not make again, by the run that undid them.
        left_behind: Labels that syncd wrote at stores and audiences that the settings no longer have.
        daemon: The daemon; None where none was ever started.
    """

    ok: bool
    stores: dict[str, StorePart]
    audiences: dict[str, AudiencePart]
    segments: dict[str, SegmentPart]
    holds: list[dict[str, Any]]
    last_run: dict[str, Any] | None
    refusals: int
    running: str | None
    owned: int = 0
    drift: list[dict[str, Any]] = []
    backup: str | None = None
    restored: str | None = None
    undone: dict[int, int] = {}
    left_behind: list[LeftBehind] = []
    daemon: DaemonPart | None = None


def health(settings: Settings | Outline, mirror: Mirror | None, now: Instant) -> Health:
    """Say how everything is; without a mirror, that nothing was read yet."""
    last = next(iter(runs.last(mirror, 1)), None) if mirror else None
    running = at_work(settings.syncd.database) or None
    result = "" if last is None else "killed" if last.result == "running" and not running else last.result
    failed = _failures(last)
    failures = failed + (_unfinished(mirror) if mirror and not running else [])
    feeds = stores.feed_states(mirror) if mirror else []
    seen = looks.looks(mirror) if mirror else {}
    known = stores.known(mirror) if mirror else {}
    found_stores = {
        name: _store(
            it,
            [feed for feed in feeds if feed.owner == name and feed.feed in settings.kinds_of(name)],
            seen,
            known.get(name),
            failures,
            now,
        )
        for name, it in settings.stores.items()
    }
    labels = stores.labels(mirror) if mirror else {}
    found_audiences = {
        name: _audience(
            it,
            [feed for feed in feeds if feed.owner == name],
            seen,
            tuple(sorted(owned.label for owned in labels.values() if owned.target == name)),
            failures,
            now,
        )
        for name, it in settings.audiences.items()
    }
    found_segments = _segments(settings, mirror, now)
    daemon = daemon_part(settings.syncd.database)
    parts: list[Part | DaemonPart] = [
        *found_stores.values(),
        *found_audiences.values(),
        *found_segments.values(),
        *([daemon] if daemon else []),
    ]
    return Health(
        ok=all(part.ok for part in parts) and result in {"", "done", "held", "running"},
        stores=found_stores,
        audiences=found_audiences,
        segments=found_segments,
        holds=_waiting(mirror) if mirror else [],
        last_run=_last_run(last, result, failed),
        refusals=ledger.refused(mirror) + turned_away.count(mirror) if mirror else 0,
        running=running,
        owned=ledger.count(mirror) if mirror else 0,
        drift=[_drifted(mirror, it) for it in drift.kept(mirror)] if mirror else [],
        backup=_backup(settings),
        restored=iso(care.when(mirror, "restored")) if mirror else None,
        undone=undone.by_run(mirror) if mirror else {},
        left_behind=left_behind(settings, mirror) if mirror else [],
        daemon=daemon,
    )


def _drifted(mirror: Mirror, it: Drift) -> dict[str, Any]:
    return {**msgspec.structs.asdict(it), "at": iso(it.at), "ours": ledger.owned(mirror, it.target, it.label)}


def _backup(settings: Settings | Outline) -> str | None:
    return next((iso(it.made_at) for it in backups.listed(settings.syncd.database)), None)


def _waiting(mirror: Mirror) -> list[dict[str, Any]]:
    held = held_rows([hold for hold in runs.holds(mirror) if hold.approved_at is None])
    return [*held, *doubt_rows(doubts.standing(mirror))]


def patience(schedule: StoreSettings | AudienceSettings | Watched) -> int:
    """Return how many seconds old something may be before it is stale.

    A cron line is not counted out: one that is bound to some days of the month or the week may leave a month or a
    week between two turns, any other less than a day.
    """
    if schedule.every is not None:
        return max(_LEAST, _TURNS * schedule.every)
    _, _, day, month, weekday = (schedule.cron or "* * * * *").split()
    turn = 366 * _DAY if month != "*" else 31 * _DAY if day != "*" else 7 * _DAY if weekday != "*" else _DAY
    return turn + _LEAST


def _store(
    it: StoreSettings | Watched,
    feeds: list[FeedState],
    seen: Looks,
    known: KnownStore | None,
    failures: list[Failure],
    now: Instant,
) -> StorePart:
    kinds = {feed.feed: _feed(feed, seen, patience(it), now) for feed in feeds}
    as_of = min((feed.pulled_at for feed in feeds if feed.pulled_at is not None), default=None)
    whys = [f"{kind}: {part.why}" for kind, part in kinds.items() if part.why]
    whys = _of(f"store {it.name}", failures) or whys or ([] if feeds else [_NEVER])
    return StorePart(
        **_aged(as_of, now),
        ok=not whys,
        why="; ".join(whys),
        failing_since=_since(feeds),
        account=known.account if known else None,
        timezone=known.timezone if known else None,
        currency=known.currency if known else None,
        orders_visible_from=iso(known.orders_visible_from) if known else None,
        kinds=kinds,
    )


def _audience(
    it: AudienceSettings | Watched,
    feeds: list[FeedState],
    seen: Looks,
    labels: tuple[str, ...],
    failures: list[Failure],
    now: Instant,
) -> AudiencePart:
    kinds = {feed.feed: _feed(feed, seen, patience(it), now) for feed in feeds}
    as_of = min((feed.pulled_at for feed in feeds if feed.pulled_at is not None), default=None)
    whys = [part.why for part in kinds.values() if part.why] or _of(it.name, failures) or ([] if feeds else [_NEVER])
    return AudiencePart(
        **_aged(as_of, now), ok=not whys, why="; ".join(whys), failing_since=_since(feeds), labels=labels, kinds=kinds
    )


def _segments(settings: Settings | Outline, mirror: Mirror | None, now: Instant) -> dict[str, SegmentPart]:
    standings = membership.standings(mirror) if mirror else []
    sizes = membership.sizes(mirror) if mirror else {}
    return {
        name: _segment(
            settings,
            it,
            [standing for standing in standings if standing.segment == name],
            sum(size for (segment, _), size in sizes.items() if segment == name),
            now,
        )
        for name, it in settings.segments.items()
    }


def _segment(
    settings: Settings | Outline, it: SegmentSettings | Sketched, standings: list[Standing], size: int, now: Instant
) -> SegmentPart:
    at = [standing.as_of for standing in standings]
    as_of = min((instant for instant in at if instant is not None), default=None) if None not in at else None
    aged = _aged(as_of, now)
    whys = [standing.why for standing in standings if standing.why]
    if it.enabled and not whys:
        patient = max(patience(settings.stores[store]) for store in it.stores)
        whys = [_stale(as_of, patient, now, "never evaluated yet")]
    why = "; ".join(filter(None, whys)) if it.enabled else ""
    since = _since(standings) if it.enabled else None
    return SegmentPart(**aged, ok=not why, why=why, failing_since=since, title=it.title, size=size, enabled=it.enabled)


def _feed(feed: FeedState, seen: Looks, patient: int, now: Instant) -> KindPart:
    why = (
        feed.why or ("" if feed.complete else "not read to its end yet") or _stale(feed.pulled_at, patient, now, _NEVER)
    )
    found = seen.get((feed.owner, feed.feed))
    return KindPart(
        **_aged(feed.pulled_at, now),
        ok=not why,
        why=why,
        failing_since=iso(feed.failed_at),
        rows=found.here if found else None,
        counted=found.counted if found else None,
        counted_at=iso(found.looked_at) if found else None,
        compared_at=iso(found.reconciled_at) if found else None,
    )


def _since(parts: Iterable[FeedState | Standing]) -> str | None:
    """Return since when the first of some things fails."""
    return iso(min((part.failed_at for part in parts if part.failed_at is not None), default=None))


def _stale(as_of: Instant | None, patient: int, now: Instant, never: str) -> str:
    """Say that something is too old; also where its hour is still to come, for then its age is anybody's guess."""
    if as_of is None:
        return never
    if as_of > now + SLACK:
        return f"of an hour that is still to come ({iso(as_of)}): the clock of this machine went back"
    return f"stale: not brought up to date for {(now - as_of) // 60:,} minutes" if now - as_of > patient else ""


def _aged(as_of: Instant | None, now: Instant) -> dict[str, Any]:
    return {"as_of": iso(as_of), "age_s": None if as_of is None else max(0, now - as_of)}


def _failures(last: Run | None) -> list[Failure]:
    return msgspec.json.decode(last.report, type=Report).failures if last and last.report else []


def _unfinished(mirror: Mirror) -> list[Failure]:
    """What a push was released for and no answer confirmed yet, as what it is: a push that has not ended well."""
    return [
        Failure(
            stage="push",
            where=where,
            message=f"not confirmed yet: {count:,} of the changes that were released",
            kind="other",
        )
        for target, count in released.unfinished(mirror).items()
        for where in (target, f"store {target}")
    ]


def _of(where: str, failures: Iterable[Failure]) -> list[str]:
    return [failure.message for failure in failures if failure.where == where]


def _last_run(last: Run | None, result: str, failures: list[Failure]) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "run": last.run,
        "command": last.command,
        "result": result,
        "started_at": iso(last.started_at),
        "ended_at": iso(last.ended_at),
        "failures": msgspec.to_builtins(failures),
    }
