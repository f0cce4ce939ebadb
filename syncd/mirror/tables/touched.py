"""Whose rows changed and when, by number of the generation; how many rows a feed has; what a first load set aside."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class GenerationRow(SQLModel, table=True):
    """One row: the generation that changes belong to now, and the last of which the notes are gone."""

    __tablename__ = "generation"
    seq: int = Field(primary_key=True)
    pruned: int = 0


class TouchedCustomerRow(SQLModel, table=True):
    """A customer whose own rows, or whose orders and checkouts, changed in a generation."""

    __tablename__ = "touched_customers"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)


class TouchedAddressRow(SQLModel, table=True):
    """An address (its identity) of which no customer can tell: one given up, a guest's, one that is doubted."""

    __tablename__ = "touched_addresses"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    address: str = Field(primary_key=True)


class TouchedSubjectRow(SQLModel, table=True):
    """A subject of a target (a contact's address, a customer's id as text) of whom something changed there."""

    __tablename__ = "touched_subjects"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    subject: str = Field(primary_key=True)


class TouchedKindRow(SQLModel, table=True):
    """A kind of record of an owner that changed, and it is not told whom that concerns. No owner means every one."""

    __tablename__ = "touched_kinds"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    owner: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)


class RecordCountRow(SQLModel, table=True):
    """How many rows a feed has."""

    __tablename__ = "record_counts"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    owner: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    rows: int


class SetAsideRow(SQLModel, table=True):
    """An index or a trigger that is not there while a table is filled for the first time, as SQL that makes it."""

    __tablename__ = "set_aside"
    name: str = Field(primary_key=True)
    parent: str
    sql: str
