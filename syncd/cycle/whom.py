"""Finding out of whom each segment of a store has to be evaluated, and putting the few into `temp.asked`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from syncd.segments.frame import By
from syncd.segments.stirring import Watched, stirred

_ASKED = table("asked", column("customer_id"))


class Whom(msgspec.Struct, frozen=True):
    """Of whom segments have to be evaluated.

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
) -> Whom:
    """Find out whom segments of a store are asked about, and put into `temp.asked` whoever changed or time stirred.

    Args:
        mirror: The mirror.
        measuring: Makes the frames; the store's buyers are measured where somebody changed who may be among them.
        its: The segments.
        standings: How their last evaluations ended, and those of the segments that they ask for.
        at: The hour of the evaluation.
    """
    store = measuring.frame.store
    found = _with_reasons(mirror, measuring, its, standings, at)
    followed = [it for it in its if it.name in found.since]
    if not followed:
        return found
    touched.make_asked(mirror)
    mirror.raw.execute("DELETE FROM temp.asked")
    for query in _stirred(measuring, followed, found.since):
        mirror.connection.execute(insert(_ASKED).prefix_with("OR IGNORE").from_select(["customer_id"], query))
    oldest = min(it.seen for it in found.since.values())
    asked = touched.ask(mirror, store, oldest, kin=any(it.by == "email" for it in followed))
    found = msgspec.structs.replace(found, asked=asked)
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
    for (at, visible_from, _), some in alike.items():
        after = measuring.plain(some[0])
        before = msgspec.structs.replace(after, now=at, orders_visible_from=visible_from)
        yield from stirred((Watched(it.rule, it.ranking) for it in some), before, after)


def _cuts_moved(measuring: Measuring, it: SegmentSettings, last: Since) -> bool:
    return cuts_of(it, measuring.measured(it)) != last.basis.cuts
