"""Consent as it was seen to change, what of it is doubted, and who will not be taken in by an audience."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, Index, Integer
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class ConsentChangeRow(SQLModel, table=True):
    """What a record said of an address, before and after, each time that a pull saw it change.

    `side` is `store` or `audience`, `owner` its name, `record` the customer's id or the contact's subject. `before` is
    missing where the record had another address until then, `after` where it has another now or is gone. `at` is
    the service's own time of the change, missing where it tells none; `run` and `seen_at` are the run that saw it.
    What a record said when it was first seen is on the record itself.
    """

    __tablename__ = "consent_changes"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("consent_changes_of_address", "address"),)
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    address: str
    side: str
    owner: str
    record: str
    before: str | None = None
    after: str | None = None
    at: int | None = None
    seen_at: int
    run: int


class FlipRow(SQLModel, table=True):
    """A record that went over to consent not long ago, or whose going over is doubted (`doubted_in` is the run).

    As long as it is doubted, `before` is what counts of the record.
    """

    __tablename__ = "consent_flips"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    owner: str = Field(primary_key=True)
    record: str = Field(primary_key=True)
    side: str
    address: str
    before: str | None = None
    seen_at: int
    doubted_in: int | None = None


class TurnedAwayRow(SQLModel, table=True):
    """An address that an audience would not take in as a contact, in its own words.

    Not tried again for any label: where `final`, until the audience itself shows the contact; else while `basis`, what
    was true of the address then, stands.
    """

    __tablename__ = "turned_away"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    final: bool
    basis: str
    answer: str
    label: str
    segment: str
    run: int
    at: int
    attempts: int = 1


class OrdersMovedRow(SQLModel, table=True):
    """An order of one customer was seen to become another's: evidence of a merge, once the former is gone."""

    __tablename__ = "orders_moved"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    former: int = Field(primary_key=True)
    later: int = Field(primary_key=True)
    run: int
