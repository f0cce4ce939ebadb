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


class TooMuch(msgspec.Struct, frozen=True):
    """Why a change of a label has to wait for a person.

    Attributes:
        only_first: Whether for no other reason than that it is the label's first push.
    """

    why: str
    only_first: bool = False


def review(limits: Limits, *, ours: int, adds: int, removes: int, first: bool) -> TooMuch | None:
    """Say why a change of a label has to wait for a person; None where it need not.

    Args:
        limits: The limits of the label's segment.
        ours: How many carry the label as ours now: what shares are of.
        adds: How many would be added.
        removes: How many would lose it.
        first: Whether the label was never pushed before. A first push is no licence to remove.
    """
    if adds + removes < limits.min_size:
        return None
    if removes and removes >= ours and not adds:
        return TooMuch(f"would take the label from all {removes:,} whom syncd gave it")
    if removes > limits.max_remove * ours:
        return TooMuch(
            f"would take the label from {removes:,} of {ours:,} ({_percent(removes, ours)}); "
            f"the limit is {_share(limits.max_remove)}"
        )
    if first:
        hold = limits.first_push == "hold" and adds > 0
        return TooMuch(f"first push of this label, to {adds:,} people", only_first=True) if hold else None
    if adds > limits.max_add * ours:
        return TooMuch(
            f"would add {adds:,} to {ours:,} ({_percent(adds, ours)}); the limit is {_share(limits.max_add)}"
        )
    return None


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "from nobody"


def _share(share: Fraction) -> str:
    return f"{float(share) * 100:g} %"
