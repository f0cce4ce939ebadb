"""The API versions, as of November 2026. A version no longer supported falls forward to the oldest, silently."""

from __future__ import annotations

import re
from typing import Any

SUPPORTED = ("2026-01", "2026-04", "2026-07", "2026-10")
CANDIDATES = ("2027-01", "unstable")


def served(asked: str) -> str | None:
    """Return the version that answers a request for `asked`; None where there never was such a version."""
    if asked in SUPPORTED or asked in CANDIDATES:
        return asked
    if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < SUPPORTED[0]:
        return SUPPORTED[0]
    return None


def published() -> list[dict[str, Any]]:
    """Return what `publicApiVersions` says."""
    stable = [{"handle": name, "displayName": name, "supported": True} for name in SUPPORTED]
    stable[-1]["displayName"] = f"{SUPPORTED[-1]} (Latest)"
    later = [{"handle": name, "displayName": name, "supported": False} for name in CANDIDATES]
    return stable + later
