"""What of a fault plan befalls a whole store, not one call: an index that lags, an empty bucket, a mass edit."""

from __future__ import annotations

from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault
from connectors.sandbox.shopify.bucket import Bucket
from connectors.sandbox.world.shop import KINDS, Shop

_LAG = 5
_LONG_AGO = 30 * 86_400


class Circumstances:
    """Brings them about, and ends them with their plan."""

    def __init__(self, shop: Shop, bucket: Bucket, faults: Faults) -> None:
        """Leave all as it is."""
        self._shop = shop
        self._bucket = bucket
        self._faults = faults
        self._usual: tuple[int, int] | None = None
        self._lagging = False

    def begin(self, now: int) -> None:
        """End those of the last plan, and bring about those of the present one. Whoever calls holds the shop's lock."""
        self._end()
        for fault in self._faults.of("world"):
            if fault.kind == "index_lag":
                self._shop.profile.index_lag = int(_LAG if fault.seconds is None else fault.seconds)
                self._lagging = True
            elif fault.kind == "crawl":
                self._crawl(fault)
            else:
                self._crowd(fault, now)
            self._faults.note(fault.kind)

    def move(self, kind: str, fault: Fault, now: int) -> None:
        """Have some records of a kind change, as if somebody had just saved them."""
        records = sorted(self._shop.records(kind).items())
        dice = self._faults.dice("rows_move", kind, now, len(records))
        for _, record in dice.sample(records, min(len(records), fault.rows or 1)):
            record.updated_at = now
        self._shop.changed(kind)

    def _end(self) -> None:
        if self._usual is not None:
            size, restore = self._usual
            self._bucket.resize(size=size, restore=restore)
            self._usual = None
        if self._lagging:
            self._shop.profile.index_lag = 0
            self._lagging = False

    def _crawl(self, fault: Fault) -> None:
        size, restore = fault.bucket
        self._usual = self._usual or (self._bucket.size, self._bucket.restore)
        self._bucket.resize(size=size, restore=restore)
        self._bucket.take(size)

    def _crowd(self, fault: Fault, now: int) -> None:
        kind = fault.only if fault.only in KINDS else "customers"
        for record in list(self._shop.records(kind).values())[: fault.rows]:
            record.updated_at = now - _LONG_AGO
        self._shop.changed(kind)
