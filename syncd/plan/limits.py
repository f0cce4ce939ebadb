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


class Words(msgspec.Struct, frozen=True):
    """How the sentences of a hold are put."""

    first: str = "first push of this label, to"
    take: str = "would take the label from"
    everybody: str = "would take the label from all {} whom syncd gave it"


LABEL = Words()
OPT_OUT = Words(
    first="first time that unsubscribes are carried to the store, of",
    take="would note as unsubscribed",
    everybody="would note as unsubscribed all {} who are in the audience and consent in the store",
)


def review(  # the limits, and the numbers that they are held against
    limits: Limits, *, lately: Lately, ours: int, adds: int, removes: int, first: bool, words: Words = LABEL
) -> TooMuch | None:
    """Say why a change of a label has to wait for a person; None where it need not.

    What syncd did unasked within the last day counts together with what it would do now, so that many small changes
    pass a limit no more than one large change does.

    Args:
        limits: The limits of the label's segment.
        lately: What happened to the label within the last day, less what is planned here again.
        ours: How many carry the label as ours now and would keep it, were it not for this change.
        adds: How many would be added.
        removes: How many would lose it.
        first: Whether the label was never pushed before. A first push is no licence to remove.
        words: What is being changed, for people.
    """
    added, removed = lately.added + adds, lately.removed + removes
    if not (adds or removes) or added + removed < limits.min_size:
        return None
    if removes and removes >= ours and not adds:
        return TooMuch(words.everybody.format(f"{removes:,}"))
    if removes and removed > limits.max_remove * lately.ours:
        return TooMuch(_too_many(words.take, "of", (removes, removed, lately.ours), limits.max_remove))
    if first:
        hold = limits.first_push == "hold"
        return TooMuch(f"{words.first} {adds or removes:,} people", only_first=True) if hold else None
    if adds and added > limits.max_add * lately.ours:
        return TooMuch(_too_many("would add", "to", (adds, added, lately.ours), limits.max_add))
    return None


def _too_many(what: str, link: str, numbers: tuple[int, int, int], limit: Fraction) -> str:
    """Say what would be done now, within a day and of how many, and the limit."""
    now, within_a_day, ours = numbers
    earlier = f"{now:,} more, {within_a_day:,} within a day" if within_a_day > now else f"{now:,}"
    return f"{what} {earlier} {link} {ours:,} ({_percent(within_a_day, ours)}); the limit is {_share(limit)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "from nobody"


def _share(share: Fraction) -> str:
    return f"{float(share) * 100:g} %"
