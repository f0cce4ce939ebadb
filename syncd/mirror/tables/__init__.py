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
from syncd.mirror.tables.membership import BeginningRow, MaskRow, MoveRow, SegmentRow
from syncd.mirror.tables.planning import (
    HoldingRow,
    LeftOutCountRow,
    LeftOutRow,
    PlannedRow,
    UnsettledRow,
)
from syncd.mirror.tables.pushes import PushRow
from syncd.mirror.tables.ranks import ContenderRow, RankRow
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
    MemoRow,
    RefusalRow,
    ReleasedRow,
    RunChangeRow,
    RunRow,
)
from syncd.mirror.tables.touched import (
    GenerationRow,
    RecordCountRow,
    SetAsideRow,
    TouchedAddressRow,
    TouchedCustomerRow,
    TouchedKindRow,
    TouchedSubjectRow,
)

__all__ = [
    "BeginningRow",
    "CareRow",
    "CheckoutRow",
    "CompanyContactRow",
    "ConsentChangeRow",
    "ContactLabelRow",
    "ContactRow",
    "ContenderRow",
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
    "GenerationRow",
    "HoldRow",
    "HoldingRow",
    "LabelRow",
    "LedgerRow",
    "LeftOutCountRow",
    "LeftOutRow",
    "LineRow",
    "LookRow",
    "MaskRow",
    "MemoRow",
    "MetafieldOwnerRow",
    "MoveRow",
    "OrderDiscountRow",
    "OrderRow",
    "OrderTagRow",
    "OrdersMovedRow",
    "PlannedRow",
    "ProductCollectionRow",
    "ProductRow",
    "ProductTagRow",
    "PushRow",
    "RankRow",
    "RecordCountRow",
    "RefusalRow",
    "ReleasedRow",
    "RunChangeRow",
    "RunRow",
    "SegmentRow",
    "SetAsideRow",
    "SkippedRow",
    "StoreRow",
    "TouchedAddressRow",
    "TouchedCustomerRow",
    "TouchedKindRow",
    "TouchedSubjectRow",
    "TurnedAwayRow",
    "UndoneRow",
    "UnsettledRow",
    "ZoneOffsetRow",
]
