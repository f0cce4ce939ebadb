"""Where something stands in a file of settings: the keys that lead to it."""

from __future__ import annotations

import re
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys from the top of the file down; the number of an entry, from 0, where it is one of an array."""

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: KeyPath) -> str:
    """Return a key path as the file would write it: `segments.vip.audiences[0]`, `stores."my shop".kind`."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + (key if BARE_KEY.fullmatch(key) else f'"{key}"')
    return text
