"""What a cycle works with: the settings, the mirror, the opened stores and audiences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

from syncd.clock import Clock
from syncd.config import Settings
from syncd.mirror.database import Mirror
from syncd.ports import Allowance, Audience, Progress, Store, Target


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a cycle works with, put together by `syncd.wiring`.

    Attributes:
        calls: Requests made, by store or audience and by what they were for.
        allowances: How each service holds us back.
        progress: To be told how far long work is.
    """

    settings: Settings
    mirror: Mirror
    clock: Clock
    stores: Mapping[str, Store]
    audiences: Mapping[str, Audience]
    calls: Mapping[str, Counter[str]] = {}
    allowances: Mapping[str, Allowance] = {}
    progress: Callable[[Progress], None] = lambda _: None

    def target(self, name: str) -> Target | None:
        """Return what carries labels under a name: a store's tags, or an audience."""
        if name in self.audiences:
            return self.audiences[name]
        store = self.stores.get(name)
        return store.tags if store else None
