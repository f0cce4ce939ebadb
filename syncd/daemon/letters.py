"""What is to be told by a way of telling: what began, what still stands, what is over. Pure.

What was told is compared with what stands, as labels are compared with what is owned: so nothing is told twice, what
could not be sent is told the next time, and nothing is said to be over that nobody was told of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from syncd.clock import iso
from syncd.daemon.conditions import Code, Condition
from syncd.model import Instant


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message.

    Attributes:
        sender: The machine, and the settings file that it is about.
        begun: What is wrong since the last one.
        standing: What is still wrong.
        over: The keys of what is wrong no longer.
    """

    sender: str
    at: Instant
    begun: tuple[Condition, ...] = ()
    standing: tuple[Condition, ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.begun or self.standing or self.over)

    @property
    def title(self) -> str:
        """What it is about, in one line."""
        keys = [it.key for it in (*self.begun, *self.standing)] or [f"over: {key}" for key in self.over]
        more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
        return f"syncd on {self.sender}: {keys[0]}{more}"

    @property
    def text(self) -> str:
        """All of it, for people."""
        lines = [
            f"{it.code}{state}: {it.what}\n    {it.fix}"
            for state, conditions in (("", self.begun), (" (still)", self.standing))
            for it in conditions
        ]
        return "\n".join([*lines, *(f"Over: {key}" for key in self.over)])

    @property
    def document(self) -> dict[str, object]:
        """All of it, for machines."""
        return {
            "source": "syncd",
            "sender": self.sender,
            "at": iso(self.at),
            "title": self.title,
            "text": self.text,
            "alerts": [
                *(_row("begun", it) for it in self.begun),
                *(_row("standing", it) for it in self.standing),
                *({"state": "over", "code": key.split(" ")[0], "about": key.partition(" ")[2]} for key in self.over),
            ],
        }


def _row(state: Literal["begun", "standing"], it: Condition) -> dict[str, object]:
    return {"state": state, "code": it.code.value, "about": it.about, "what": it.what, "fix": it.fix}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong at a moment.

    Attributes:
        looked: The codes of which that is known; of others, what was told stays as it is.
        repeat: Seconds after which something that still stands is told again.
    """

    sender: str
    at: Instant
    conditions: tuple[Condition, ...]
    looked: Collection[Code]
    repeat: int


def letter(view: View, told: Mapping[str, Instant]) -> Letter:
    """Return what a way of telling has to tell, by what it told and when."""
    standing = {it.key: it for it in view.conditions}
    due = {key for key, at in told.items() if not 0 <= view.at - at < view.repeat}
    return Letter(
        sender=view.sender,
        at=view.at,
        begun=tuple(it for key, it in standing.items() if key not in told),
        standing=tuple(it for key, it in standing.items() if key in due),
        over=tuple(key for key in told if key not in standing and key.split(" ")[0] in view.looked),
    )


def told_now(view: View, told: Mapping[str, Instant], sent: Letter) -> dict[str, Instant]:
    """Return what is told once a letter has reached its readers."""
    news = {it.key: view.at for it in (*sent.begun, *sent.standing)}
    return {key: at for key, at in {**told, **news}.items() if key not in sent.over}
