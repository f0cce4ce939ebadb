"""What each label was last planned by, and of whom it has to be looked at again or need not be."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, Index, Integer
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class PlannedRow(SQLModel, table=True):
    """A label that was planned: in which run, by which wish and settings (`basis`), up to which generation of changes.

    Without `seen` it is planned in full next time.
    """

    __tablename__ = "planned"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("planned_of_label", "target", "label_key", unique=True),)
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    target: str
    label_key: str
    basis: str
    seen: int | None = None
    run: int
    at: int


class UnsettledRow(SQLModel, table=True):
    """A subject with whom something was to be done when its label was last planned: looked at again each time."""

    __tablename__ = "unsettled"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    label: int = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    target: str


class LeftOutRow(SQLModel, table=True):
    """Who is left out by a label's plan until something of theirs changes; `reason` is a `left_out_counts.id`."""

    __tablename__ = "left_out"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    label: int = Field(primary_key=True)
    reason: int


class LeftOutCountRow(SQLModel, table=True):
    """How many a label's plan leaves out for one reason. Kept by triggers on `left_out`."""

    __tablename__ = "left_out_counts"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("left_out_reasons", "label", "reason", unique=True),)
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    label: int
    reason: str
    people: int


class HoldingRow(SQLModel, table=True):
    """How many pairs of a label the ledger has. Kept by triggers on it."""

    __tablename__ = "holdings"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    people: int
