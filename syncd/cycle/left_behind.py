"""Labels that syncd wrote at a store or an audience whose table the settings no longer have.

Without its key nothing can be taken off there. Nobody is to find out by chance: `status`, `check` and `plan` say it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from syncd.mirror import ledger, stores

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.cycle.outline import Outline
    from syncd.mirror.database import Mirror


class LeftBehind(msgspec.Struct, frozen=True, kw_only=True):
    """A label that stays where it is.

    Attributes:
        target: The store or audience, by the name it had.
        people: How many carry the label from syncd.
        why: What happened, one sentence.
        fix: How the label can still be taken off.
    """

    target: str
    label: str
    people: int
    why: str
    fix: str


def left_behind(settings: Settings | Outline, mirror: Mirror) -> list[LeftBehind]:
    """Return what syncd can no longer take off, by target and label."""
    shops = stores.known(mirror)
    return [
        _told(it.target, it.label, people, "stores" if it.target in shops else "audiences")
        for it in stores.labels(mirror).values()
        if it.target not in settings.stores and it.target not in settings.audiences
        for people in [ledger.owned(mirror, it.target, it.label)]
        if people
    ]


def _told(target: str, label: str, people: int, section: str) -> LeftBehind:
    whom = "1 person" if people == 1 else f"{people:,} people"
    table = f"[{section}.{target}]"
    away = "tag = … away from its segments" if section == "stores" else "it away from `audiences` of its segments"
    return LeftBehind(
        target=target,
        label=label,
        people=people,
        why=f"{table} is no longer in the settings, so the tag {label!r} stays on {whom} there",
        fix=f"put {table} back, take {away}, run syncd sync, and only then remove {table}",
    )
