"""Who is near the edge of a rank: what lets a cycle keep it without ranking everybody again."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, text
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class RankRow(SQLModel, table=True):
    """The rank of a segment in a store; without a row it has to be made anew.

    `terms` is what it was ranked by. Of the contenders, `best` are in the segment: those up to the place `edge`.
    `higher` and `lower` say whether there are people above and below those whose places are known.
    """

    __tablename__ = "ranks"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("ranks_of_segment", "segment", "store", unique=True),
        ForeignKeyConstraint(["segment", "store"], ["segments.segment", "segments.store"], ondelete="CASCADE"),
    )
    rank: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    segment: str
    store: str
    terms: str
    contenders: int
    best: int
    edge: bytes
    higher: bool
    lower: bool


class ContenderRow(SQLModel, table=True):
    """A person in a rank, by customer id: by address, that of the lowest record.

    `place` orders them (`syncd.segments.placing`); it is known of those near the edge alone. Of those below, only a
    rank of a share has any, for it counts them.
    """

    __tablename__ = "contenders"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("contenders_by_place", "rank", "place", sqlite_where=text("length(place) > 1")),
        ForeignKeyConstraint(["rank"], ["ranks.rank"], ondelete="CASCADE"),
        _CLUSTERED,
    )
    rank: int = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    store: str
    place: bytes
