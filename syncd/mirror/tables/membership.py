"""Who is in which segment: one integer a customer and shelf, a bit of it for each segment.

A *shelf* is a number for one store and up to 62 of its segments; a segment keeps its shelf and its bit for as long as
its row lives. Two views make rows of it again (`syncd.mirror.views.membership`): `members`, and `movements`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, Index, Integer
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class SegmentRow(SQLModel, table=True):
    """A segment that was ever evaluated or should have been, and how its last evaluation in a store ended.

    `why` says what keeps it from being evaluated; membership is then what it last was (law 5). `size` counts its
    members. `began` is when it was first evaluated, in the run `began_run` (0: in one that is not known). `basis` is a
    digest of everything that its last evaluation went by, `seen` the generation of changes up to which it is evaluated;
    without one it is to be evaluated in full.
    """

    __tablename__ = "segments"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("segments_by_place", "shelf", "bit", unique=True),)
    segment: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    shelf: int
    bit: int
    query: str = ""
    as_of: int | None = None
    failed_at: int | None = None
    why: str = ""
    size: int = 0
    began: int | None = None
    began_run: int = 0
    basis: str = ""
    seen: int | None = None


class MaskRow(SQLModel, table=True):
    """The segments of one shelf that a customer is in; who is in none of them has no row."""

    __tablename__ = "masks"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    shelf: int = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    mask: int


class BeginningRow(SQLModel, table=True):
    """The first evaluation of a segment: how many were in it then, of whose entering nothing is written in `moves`.

    One that the settings had, lost and have again has several.
    """

    __tablename__ = "beginnings"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    segment: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    run: int = Field(primary_key=True)
    at: int
    size: int


class MoveRow(SQLModel, table=True):
    """A customer entered or left a segment, at its first evaluation aside."""

    __tablename__ = "moves"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("moves_of_customer", "store", "customer_id"),
        Index("moves_of_segment", "segment", "store", "run"),
    )
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    run: int
    at: int
    segment: str
    store: str
    customer_id: int
    entered: bool
