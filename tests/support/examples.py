"""How many worlds a property is held against: some each time, many where there is time (`make test-slow`)."""

from __future__ import annotations

import os

_SHARE = 8


def examples(many: int) -> int:
    """Return how many examples to run: `many` where `SYNCD_TESTS` is `thorough`, else a share of them."""
    return many if os.environ.get("SYNCD_TESTS") == "thorough" else max(many // _SHARE, 3)
