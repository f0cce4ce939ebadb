"""How people moved, by arrows: `up 3` is ▲ 3, `same` is =, and `new` stays a word."""

from __future__ import annotations

UP, DOWN = "▲", "▼"
_ARROWS = {"up": UP, "down": DOWN, "same": "="}


def arrowed(text: str) -> str:
    """Return the words of a movement with an arrow instead of their first; other words as they are."""
    word, _, places = text.partition(" ")
    return f"{_ARROWS.get(word, word)} {places}".strip()
