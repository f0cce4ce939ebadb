"""The tables of the mirror, as SQLModel sees them. One SQLite file holds every store and every audience.

Instants are UTC seconds, amounts minor units of the currency beside them. `store` and `target` are the names in the
settings. Tables that a key finds are WITHOUT ROWID, so that a store's rows lie together in the order they are read.
The hot paths write through prepared statements; these classes say what the tables are, and read single rows.
"""

from syncd.mirror.tables.barred import ExclusionListRow, ExclusionRow, UndoneRow
from syncd.mirror.tables.calendar import ZoneOffsetRow
from syncd.mirror.tables.care import CareRow, DriftRow, LookRow
from syncd.mirror.tables.consent import ConsentChangeRow, FlipRow, OrdersMovedRow, TurnedAwayRow
from syncd.mirror.tables.forgetting import DepartedRow, ForgottenRow, SkippedRow
from syncd.mirror.tables.pushes import PushRow
from syncd.mirror.tables.records import (
    CheckoutRow,
    CompanyContactRow,
    ContactLabelRow,
    ContactRow,
    CreditOwnerRow,
    CursorRow,
    CustomerAddressRow,
    CustomerCompanyRow,
    CustomerCreditRow,
    CustomerMetafieldRow,
    CustomerRow,
    CustomerTagRow,
    LineRow,
    MetafieldOwnerRow,
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
    ReleasedRow,
    RunChangeRow,
    RunRow,
    SegmentRow,
)

__all__ = [
    "CareRow",
    "CheckoutRow",
    "CompanyContactRow",
    "ConsentChangeRow",
    "ContactLabelRow",
    "ContactRow",
    "CreditOwnerRow",
    "CursorRow",
    "CustomerAddressRow",
    "CustomerCompanyRow",
    "CustomerCreditRow",
    "CustomerMetafieldRow",
    "CustomerRow",
    "CustomerTagRow",
    "DepartedRow",
    "DriftRow",
    "ExclusionListRow",
    "ExclusionRow",
    "FlipRow",
    "ForgottenRow",
    "HoldRow",
    "LabelRow",
    "LedgerRow",
    "LineRow",
    "LookRow",
    "MemberRow",
    "MemoRow",
    "MetafieldOwnerRow",
    "MoveRow",
    "OrderDiscountRow",
    "OrderRow",
    "OrderTagRow",
    "OrdersMovedRow",
    "ProductCollectionRow",
    "ProductRow",
    "ProductTagRow",
    "PushRow",
    "RefusalRow",
    "ReleasedRow",
    "RunChangeRow",
    "RunRow",
    "SegmentRow",
    "SkippedRow",
    "StoreRow",
    "TurnedAwayRow",
    "UndoneRow",
    "ZoneOffsetRow",
]
