"""When a person's answer will change by time alone, if nothing else does."""

from __future__ import annotations

from datetime import date

import msgspec

from syncd.segments.days import Unit, shift, start_of, today
from syncd.segments.frame import Frame, Person
from syncd.segments.readings import matches
from syncd.segments.rule import Rule

HORIZON = 800
"""Days looked ahead: two years and what is left of a month."""


def changes_on(rule: Rule, person: Person, frame: Frame) -> date | None:
    """Return the next day of the shop on which the rule's answer is another one; None within `HORIZON` days.

    An answer moves by time alone only at the shop's midnights, so that asking once a day misses nothing.
    """
    if not rule.depends_on_day:
        return None
    now = matches(rule, person, frame)
    for ahead in range(1, HORIZON + 1):
        day = shift(today(frame), ahead, Unit.DAYS)
        then = msgspec.structs.replace(frame, now=start_of(day, frame.zone))
        if matches(rule, person, then) is not now:
            return day
    return None
