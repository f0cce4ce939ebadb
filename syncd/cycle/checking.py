"""Check: what the accounts give, and what the segments lack. A request or two to each service; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from syncd.config import SegmentSettings
from syncd.cycle.asking import try_asking
from syncd.cycle.choosing import lacking
from syncd.cycle.framing import frame_of, framed
from syncd.cycle.reading import described
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.model import Kind
from syncd.ports import Check
from syncd.segments import Frame


class Checked(msgspec.Struct, frozen=True):
    """One service: what its check said, or why there was none."""

    name: str
    kind: str
    check: Check | None = None
    error: SyncdError | None = None


class Lack(msgspec.Struct, frozen=True):
    """Something that keeps a segment from being right.

    Attributes:
        where: The store or audience.
        fatal: Whether the segment cannot be evaluated, or its label not be written; else it is only worth knowing.
    """

    segment: str
    where: str
    why: str
    fatal: bool = True


def check_services(services: Services) -> Iterator[Checked]:
    """Ask every store and audience, one after the other, what its account gives."""
    for name, store in services.stores.items():
        asked = _asked(name, services.settings.stores[name].kind, store.source.check)
        yield _needed(asked, frozenset(services.settings.kinds_of(name)))
    for name, audience in services.audiences.items():
        yield _asked(name, services.settings.audiences[name].kind, audience.check)


def lacks(services: Services, checked: list[Checked]) -> Iterator[Lack]:
    """Say what each segment needs that an account does not give, and which labels a target cannot hold."""
    found = {it.name: it.check for it in checked if it.check is not None}
    yield from _labels(services)
    for name in services.settings.stores:
        if name in found:
            yield from _of_store(services, name, found[name])


def _of_store(services: Services, store: str, check: Check) -> Iterator[Lack]:
    now = services.clock.now()
    try:
        frame = frame_of(services.settings, described(store, check, now), now)
    except SyncdError as error:
        yield Lack("", store, error.message)
        return
    for name, it in services.settings.segments.items():
        if store not in it.stores:
            continue
        for missing in check.missing:
            if missing.kinds & it.kinds or (missing.blocks_write and it.tag is not None):
                yield Lack(name, store, f"{missing.what} is missing: {missing.costs}")
        for gap in lacking(it, framed(services.mirror, it, frame)):
            yield Lack(name, store, gap)
        if it.asks_store:
            yield from _unanswered(services, it, frame)


def _unanswered(services: Services, it: SegmentSettings, frame: Frame) -> Iterator[Lack]:
    """Say why the store itself does not tell who is in a segment: one request, where it does."""
    try:
        try_asking(services, it, frame)
    except SyncdError as error:
        yield Lack(it.name, frame.store, error.message)


def _labels(services: Services) -> Iterator[Lack]:
    for name, it in services.settings.segments.items():
        for target_name, label in it.labels():
            target = services.target(target_name)
            if target is None:
                continue
            try:
                kept = target.normalise(label)
            except ValueError as error:
                yield Lack(name, target_name, f"the tag {label!r} cannot be written: {error}")
                continue
            if kept != label:
                yield Lack(name, target_name, f"the tag {label!r} will be kept there as {kept!r}", fatal=False)


def _needed(asked: Checked, kinds: frozenset[Kind]) -> Checked:
    """Leave out what is missing and costs nothing, for no segment looks at it."""
    if asked.check is None:
        return asked
    missing = [it for it in asked.check.missing if not it.kinds or it.kinds & kinds or it.blocks_write]
    return replace(asked, check=replace(asked.check, missing=tuple(missing)))


def _asked(name: str, kind: str, ask: Callable[[], Check]) -> Checked:
    try:
        return Checked(name, kind, check=ask())
    except SyncdError as error:
        return Checked(name, kind, error=error)
