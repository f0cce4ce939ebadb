"""What turns instants into days of a shop where only SQL is at hand."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel


class ZoneOffsetRow(SQLModel, table=True):
    """From `starts_at` on, a store's zone is `ahead` seconds ahead of UTC; what views tell days of the shop by."""

    __tablename__ = "zone_offsets"
    __table_args__: ClassVar[tuple[Any, ...]] = ({"sqlite_with_rowid": False},)
    store: str = Field(primary_key=True)
    starts_at: int = Field(primary_key=True)
    ahead: int
