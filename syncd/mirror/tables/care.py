"""What is kept so that nothing gets lost unseen: looks at the services' own counts, drift, checks of the file."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class LookRow(SQLModel, table=True):
    """What the last look at a feed found.

    `here` are the rows of ours after it, `counted` those of the service by its own count, where it told.
    `reconciled_at` is when every row was last compared with the service's own listing. Of the window that begins at
    `window_from`, `surplus` rows are here that the service's look at it does not count (the archived of an audience).
    """

    __tablename__ = "looks"
    owner: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    here: int = 0
    counted: int | None = None
    looked_at: int | None = None
    reconciled_at: int | None = None
    window_from: int | None = None
    surplus: int = 0


class DriftRow(SQLModel, table=True):
    """What a label's carriers really were when everything was last compared.

    `missing` are people who had it from us and carry it no more, `others` those who carry it and not from us.
    """

    __tablename__ = "drift"
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    label: str
    run: int
    at: int
    missing: int
    others: int


class CareRow(SQLModel, table=True):
    """Something that was last done to the file, and when: `checked` from end to end, `restored` from a backup."""

    __tablename__ = "care"
    what: str = Field(primary_key=True)
    at: int
    note: str = ""
