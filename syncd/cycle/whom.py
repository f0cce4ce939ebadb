"""Finding out of whom each segment of a store has to be evaluated, and putting the few into `temp.asked`.

Whom time stirred is asked only about the segments whose dates did so: on the first cycle of a day those are many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache

import msgspec
from sqlalchemy import Select, column, insert, table

from syncd.config import SegmentSettings
from syncd.cycle.basis import basis_of, cuts_of
from syncd.cycle.extent import Since, beyond, since
from syncd.cycle.framing import Measuring
from syncd.mirror import touched
from syncd.mirror.database import Mirror
from syncd.mirror.membership import Standing
from syncd.mirror.shapes import CUSTOMERS
from syncd.mirror.shelves import Shelf
from syncd.model import Instant, Kind
from syncd.segments.frame import By, Frame
from syncd.segments.stirring import Watched, passing, stirred

_ASKED = table("asked", column("customer_id"))


class Whom(msgspec.Struct, frozen=True):
    """Of whom some segments have to be evaluated.

    Attributes:
        since: Those of which only who is in `temp.asked` is looked at.
        in_full: The others, and why.
        asked: How many are in `temp.asked`.
    """

    since: dict[str, Since]
    in_full: dict[str, str]
    asked: int = 0

    def give_up(self, names: Iterable[str], why: str) -> None:
        """Look at everybody for some segments."""
        for name in list(names):
            self.in_full[name] = why
            del self.since[name]


def find_whom(
    mirror: Mirror,
    measuring: Measuring,
    its: Sequence[SegmentSettings],
    standings: Mapping[str, Standing],
    at: Instant,
) -> Iterator[Whom]:
    """Find out of whom segments of a store are evaluated, some segments after the others; each is among one of them.

    Until the next ones are asked for, `temp.asked` holds who changed, and whom time stirred about these.

    Args:
        mirror: The mirror.
        measuring: Makes the frames; the store's buyers are measured where somebody changed who may be among them.
        its: The segments.
        standings: How their last evaluations ended, and those of the segments that they ask for.
        at: The hour of the evaluation.
    """
    found = _with_reasons(mirror, measuring, its, standings, at)
    yield Whom({}, found.in_full)
    alike: defaultdict[Hashable, list[SegmentSettings]] = defaultdict(list)
    for it in its:
        if it.name in found.since:
            alike[passing(Watched(it.rule, it.ranking), *_moments(measuring, it, found.since[it.name]))].append(it)
    for some in alike.values():
        yield _asked(mirror, measuring, some, {it.name: found.since[it.name] for it in some})


def _asked(mirror: Mirror, measuring: Measuring, followed: Sequence[SegmentSettings], last: dict[str, Since]) -> Whom:
    """Put into `temp.asked` whom segments are asked about; or say why it has to be everybody."""
    store = measuring.frame.store
    touched.make_asked(mirror)
    mirror.raw.execute("DELETE FROM temp.asked")
    for query in _stirred(measuring, followed, last):
        mirror.connection.execute(insert(_ASKED).prefix_with("OR IGNORE").from_select(["customer_id"], query))
    oldest = min(it.seen for it in last.values())
    asked = touched.ask(mirror, store, oldest, kin=any(it.by == "email" for it in followed))
    found = Whom(last, {}, asked)
    why = beyond(asked, Shelf(mirror, store, Kind.CUSTOMERS.value, CUSTOMERS).count())
    if why:
        found.give_up(found.since, why)
    elif asked:
        moved = [it for it in followed if it.rule.scales and _cuts_moved(measuring, it, found.since[it.name])]
        found.give_up([it.name for it in moved], "what it compares the store's buyers with moved")
    return found


def _with_reasons(
    mirror: Mirror,
    measuring: Measuring,
    its: Sequence[SegmentSettings],
    standings: Mapping[str, Standing],
    at: Instant,
) -> Whom:
    at_large = cache(lambda seen: touched.kinds_touched(mirror, measuring.frame.store, seen))
    found = Whom({}, {})
    for it in its:
        standing = standings.get(it.name)
        kinds = at_large(standing.seen) if standing is not None and standing.seen is not None else ()
        reached = since(it, standing, basis_of(it, measuring.plain(it), standings), kinds, at)
        if isinstance(reached, str):
            found.in_full[it.name] = reached
        else:
            found.since[it.name] = reached
    return found


def _stirred(
    measuring: Measuring, its: Iterable[SegmentSettings], last: Mapping[str, Since]
) -> Iterator[Select[tuple[int]]]:
    """Yield queries of those whose answers time may have changed since each segment's last evaluation."""
    alike: defaultdict[tuple[Instant, Instant | None, By], list[SegmentSettings]] = defaultdict(list)
    for it in its:
        alike[last[it.name].at, last[it.name].basis.visible_from, it.by].append(it)
    for some in alike.values():
        moments = _moments(measuring, some[0], last[some[0].name])
        yield from stirred((Watched(it.rule, it.ranking) for it in some), *moments)


def _moments(measuring: Measuring, it: SegmentSettings, last: Since) -> tuple[Frame, Frame]:
    """Return the frames of a segment's last evaluation and of this one."""
    after = measuring.plain(it)
    return msgspec.structs.replace(after, now=last.at, orders_visible_from=last.basis.visible_from), after


def _cuts_moved(measuring: Measuring, it: SegmentSettings, last: Since) -> bool:
    return cuts_of(it, measuring.measured(it)) != last.basis.cuts
