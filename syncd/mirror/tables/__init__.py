"""The tables of the mirror, as SQLModel sees them. One SQLite file holds every store and every audience.

Instants are UTC seconds, amounts minor units of the currency beside them. `store` and `target` are the names in the
settings. Tables that a key finds are WITHOUT ROWID, so that a store's rows lie together in the order they are read.
The hot paths write through prepared statements; these classes say what the tables are, and read single rows.
"""

from syncd.mirror.tables.records import (
    CheckoutRow,
    ContactLabelRow,
    ContactRow,
    CursorRow,
    CustomerAddressRow,
    CustomerRow,
    CustomerTagRow,
    LineRow,
    OrderDiscountRow,
    OrderRow,
    OrderTagRow,
    ProductCollectionRow,
    ProductRow,
    ProductTagRow,
    StoreRow,
)
from syncd.mirror.tables.state import (
    HoldRow,
    LabelRow,
    LedgerRow,
    MemberRow,
    MemoRow,
    MoveRow,
    RefusalRow,
    RunChangeRow,
    RunRow,
    SegmentRow,
)

__all__ = [
    "CheckoutRow",
    "ContactLabelRow",
    "ContactRow",
    "CursorRow",
    "CustomerAddressRow",
    "CustomerRow",
    "CustomerTagRow",
    "HoldRow",
    "LabelRow",
    "LedgerRow",
    "LineRow",
    "MemberRow",
    "MemoRow",
    "MoveRow",
    "OrderDiscountRow",
    "OrderRow",
    "OrderTagRow",
    "ProductCollectionRow",
    "ProductRow",
    "ProductTagRow",
    "RefusalRow",
    "RunChangeRow",
    "RunRow",
    "SegmentRow",
    "StoreRow",
]
