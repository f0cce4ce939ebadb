"""What is too much at once (law 6). Exact arithmetic: a share is a fraction, never a float."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

from syncd.model import Lately


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a label may change within a day without a person.

    Attributes:
        max_remove: Largest share of the label's members that may lose it.
        max_add: Largest share of the label's members that may be added.
        min_size: Changes that touch fewer people in all are never held.
        first_push: What becomes of the first push of a label.
    """

    max_remove: Fraction = Fraction(30, 100)
    max_add: Fraction = Fraction(50, 100)
    min_size: int = 20
    first_push: Literal["hold", "apply"] = "hold"


class TooMuch(msgspec.Struct, frozen=True):
    """Why a change of a label has to wait for a person.

    Attributes:
        only_first: Whether for no other reason than that it is the label's first push.
    """

    why: str
    only_first: bool = False


def review(limits: Limits, *, lately: Lately, ours: int, adds: int, removes: int, first: bool) -> TooMuch | None:
    """Say why a change of a label has to wait for a person; None where it need not.

    What syncd did unasked within the last day counts together with what it would do now, so that many small changes
    pass a limit no more than one large change does.

    Args:
        limits: The limits of the label's segment.
        lately: What happened to the label within the last day, less what is planned here again.
        ours: How many carry the label as ours now.
        adds: How many would be added.
        removes: How many would lose it.
        first: Whether the label was never pushed before. A first push is no licence to remove.
    """
    added, removed = lately.added + adds, lately.removed + removes
    if not (adds or removes) or added + removed < limits.min_size:
        return None
    if removes and removes >= ours and not adds:
        return TooMuch(f"would take the label from all {removes:,} whom syncd gave it")
    if removes and removed > limits.max_remove * lately.ours:
        return TooMuch(_too_many("would take the label from", removes, removed, lately.ours, limits.max_remove))
    if first:
        hold = limits.first_push == "hold" and adds > 0
        return TooMuch(f"first push of this label, to {adds:,} people", only_first=True) if hold else None
    if adds and added > limits.max_add * lately.ours:
        return TooMuch(_too_many("would add", adds, added, lately.ours, limits.max_add))
    return None


def _too_many(what: str, now: int, within_a_day: int, ours: int, limit: Fraction) -> str:
    """Say both numbers and the limit; where earlier changes count in, how many they were."""
    link = "of" if what.endswith("from") else "to"
    if now == within_a_day:
        return f"{what} {now:,} {link} {ours:,} ({_percent(now, ours)}); the limit is {_share(limit)}"
    return (
        f"{what} {now:,} more, {within_a_day:,} within a day {link} {ours:,} ({_percent(within_a_day, ours)}); "
        f"the limit is {_share(limit)}"
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "from nobody"


def _share(share: Fraction) -> str:
    return f"{float(share) * 100:g} %"
