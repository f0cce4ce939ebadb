"""What keeps syncd from writing a label, whatever the segments say: the exclusion list, and what was undone."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class ExclusionRow(SQLModel, table=True):
    """An entry of the exclusion list: an address as its identity, or `@` and a domain."""

    __tablename__ = "exclusions"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    entry: str = Field(primary_key=True)


class ExclusionListRow(SQLModel, table=True):
    """The one list that `exclusions` holds: the digest of the settings and files that it was read from."""

    __tablename__ = "exclusion_lists"
    digest: str = Field(primary_key=True)
    read_at: int


class UndoneRow(SQLModel, table=True):
    """A change that a person undid, and that is not to be made again by itself.

    `action` is what is barred; `run` the run that undid it; `basis` the rule and the settings of the label then.
    """

    __tablename__ = "undone"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    action: str
    run: int
    basis: str
    at: int
