"""Who is forgotten, as hashes, and who has left a service and waits to be erased."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class ForgottenRow(SQLModel, table=True):
    """One name of somebody forgotten (an address, a customer's id in a store), as a keyed hash.

    `person` is shared by all names of one person, so that one of them is enough to let the person in again.
    """

    __tablename__ = "forgotten"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    hash: str = Field(primary_key=True)
    person: str


class SkippedRow(SQLModel, table=True):
    """A record of somebody forgotten that the service still has: not kept, but counted.

    `hash` is the keyed hash of the record's id, `changed` its time of change.
    """

    __tablename__ = "skipped"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    owner: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    person: str
    changed: int


class DepartedRow(SQLModel, table=True):
    """Somebody whom a service deleted or redacted: erased once no label of ours is left on them.

    `subject` is a customer's id as text, or a contact's address. `mark` is a text that lay in their record and in
    nobody else's, for finding what the file may still hold of it.
    """

    __tablename__ = "departed"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    owner: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    address: str | None = None
    mark: str = ""
    redacted: bool = False
