"""What is too much at once (law 6). Exact arithmetic: a share is a fraction, never a float."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a label may change without a person.

    Attributes:
        max_remove: Largest share of the label's present members that may lose it.
        max_add: Largest share of the label's present members that may be added.
        min_size: A change that touches fewer people is never held.
        first_push: What becomes of the first push of a label.
    """

    max_remove: Fraction = Fraction(30, 100)
    max_add: Fraction = Fraction(50, 100)
    min_size: int = 20
    first_push: Literal["hold", "apply"] = "hold"


def review(limits: Limits, *, present: int, adds: int, removes: int, wanted: int, first: bool) -> str:
    """Say why a change of a label has to wait for a person; empty where it need not.

    Args:
        limits: The limits of the label's segment.
        present: How many carry the label now.
        adds: How many would be added.
        removes: How many would lose it.
        wanted: How many the segment wants it for.
        first: Whether the label was never pushed before.
    """
    if adds + removes < limits.min_size:
        return ""
    if first:
        return "" if limits.first_push == "apply" or not adds else f"first push of this label, to {adds:,} people"
    if removes and not wanted:
        return f"would take the label from all {removes:,} who carry it: the segment is empty"
    if removes > limits.max_remove * present:
        return (
            f"would take the label from {removes:,} of {present:,} ({_percent(removes, present)}); "
            f"the limit is {_share(limits.max_remove)}"
        )
    if adds > limits.max_add * present:
        return f"would add {adds:,} to {present:,} ({_percent(adds, present)}); the limit is {_share(limits.max_add)}"
    return ""


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "from nobody"


def _share(share: Fraction) -> str:
    return f"{float(share) * 100:g} %"
