"""How much of a label changed lately, and whether a person was there."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class PushRow(SQLModel, table=True):
    """The push of one label in one run. Kept for a day: what limits over a day are counted from.

    `ours` is how many had the label as ours when it began. `adds` and `removes` are what it set out to change, noted
    before anything is sent; what is refused is struck off again. `by_person` is set where a person released it.
    """

    __tablename__ = "pushes"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    run: int = Field(primary_key=True)
    at: int
    ours: int
    adds: int
    removes: int
    by_person: bool = False
