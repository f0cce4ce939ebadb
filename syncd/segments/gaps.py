"""Which clauses of a rule look at orders that the store does not show us (law 5: missing input never removes)."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.model import Instant, Kind
from syncd.segments.catalogue import known, scale_of
from syncd.segments.comparisons import Comparison, Type, Within, comparison
from syncd.segments.days import day_of
from syncd.segments.filter import Scalar
from syncd.segments.frame import By, Frame
from syncd.segments.rule import Rule
from syncd.segments.spans import Span
from syncd.segments.tree import Clause, Leaf, Matches, leaves


def gaps(rule: Rule, frame: Frame) -> tuple[str, ...]:
    """Return a sentence for each clause that cannot be answered with the orders visible to us; none, if all can."""
    return tuple(dict.fromkeys((*_unmeasured(rule, frame), *_unseen(rule, frame))))


def needs(rule: Rule, by: By) -> frozenset[Kind]:
    """Return the records that must have been pulled for a rule, where a member is this."""
    if any(_asks_guests(leaf, by) for leaf in leaves(rule.tree)):
        return rule.kinds | {Kind.ORDERS}
    return rule.kinds


def _unmeasured(rule: Rule, frame: Frame) -> Iterator[str]:
    for leaf in leaves(rule.tree):
        scale = scale_of(leaf)
        if scale is not None and scale.name not in frame.cuts:
            yield f"{leaf} compares with the store's buyers, who have not been measured by {scale.name}"


def _unseen(rule: Rule, frame: Frame) -> Iterator[str]:
    visible = frame.orders_visible_from
    for leaf in leaves(rule.tree) if visible is not None else ():
        if visible is not None and not _seen(leaf, visible, frame):
            yield _sentence(leaf, visible, frame)


def _seen(leaf: Leaf, visible: Instant, frame: Frame) -> bool:
    """Tell whether a clause looks only at what is visible."""
    if isinstance(leaf, Clause) and _asks_guests(leaf, frame.by):
        return _lately(leaf, visible, frame)
    if not known(leaf).lifetime:
        return True
    date = leaf.get("date") if isinstance(leaf, Matches) else None
    if date is None:
        return False
    return _begins_in(comparison(date, Type.DATE, frame), visible)


def _asks_guests(leaf: Leaf, by: By) -> bool:
    """Tell whether a clause looks at orders of guests beside the store's own figures."""
    return by == "email" and known(leaf).guests


def _lately(leaf: Clause, visible: Instant, frame: Frame) -> bool:
    """Tell whether a clause asks for a day, and for none that is older than what is visible."""
    found = known(leaf)
    reading = found.reading
    if not isinstance(reading, Scalar) or not (found.daily or reading.type is Type.DATE):
        return False
    return _begins_in(reading.question(leaf.test, frame), visible)


def _begins_in(window: Comparison, visible: Instant) -> bool:
    """Tell whether no day of a window is older than what is visible; an empty window looks at nothing."""
    match window:
        case Span(low=int() as low, high=high, outside=False):
            return low >= visible or (high is not None and high <= low)
        case Within(spans=spans, negated=False):
            return all(_begins_in(span, visible) for span in spans)
    return False


def _sentence(leaf: Leaf, visible: Instant, frame: Frame) -> str:
    since = day_of(visible, frame.zone).isoformat()
    instead = ""
    if isinstance(leaf, Matches):
        instead = f"; give it a date within that time{_lifetime_instead(leaf)}"
    elif _asks_guests(leaf, frame.by):
        instead = ": by address it counts orders of guests, too"
    return f"{leaf} looks at older orders than the store shows us (since {since}){instead}"


def _lifetime_instead(leaf: Matches) -> str:
    if leaf.filter != "orders_placed" or leaf.parameters:
        return ""
    return f", or write number_of_orders {'=' if leaf.negated else '>'} 0"
