"""What syncd made of it: labels, ledger, refusals, runs, holds, memos."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, Index, Integer, text
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class LabelRow(SQLModel, table=True):
    """A label that syncd has charge of at a target. `first_push_at` is when its first push was released."""

    __tablename__ = "labels"
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    label: str
    segment: str
    first_push_at: int


class ReleasedRow(SQLModel, table=True):
    """A change that was released to be pushed and is not settled yet: it goes on by itself after a crash or an outage.

    `creation` is the status that a new contact was to get, empty for none. `by_person` is set where a person released
    it, `quiet` where it must not start the merchant's automations.
    """

    __tablename__ = "released"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    creation: str
    by_person: bool = False
    quiet: bool = False


class LedgerRow(SQLModel, table=True):
    """A pair of label and subject that syncd owns or may own.

    `state` is `sending` from just before the label was sent until the answer is known, then `owned`. A row is deleted
    after its removal succeeded, or when the label is not there at the next look.
    """

    __tablename__ = "ledger"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("ledger_in_doubt", "target", "subject", sqlite_where=text("state = 'sending'")),
        _CLUSTERED,
    )
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    state: str
    segment: str
    run: int
    at: int


class RefusalRow(SQLModel, table=True):
    """A change that the service refused, or that failed for now.

    Not tried again while `basis`, what was true of the subject, stands; one that failed has a `next_at` at which it is
    tried again all the same, until it has failed too often.
    """

    __tablename__ = "refusals"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    basis: str
    answer: str
    segment: str
    run: int
    at: int
    attempts: int = 1
    next_at: int | None = None


class RunRow(SQLModel, table=True):
    """One cycle. `report` is its JSON, as `syncd sync --json` printed it."""

    __tablename__ = "runs"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("runs_at_work", "run", sqlite_where=text("result = 'running'")),
        {"sqlite_autoincrement": True},
    )
    run: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    command: str
    started_at: int
    ended_at: int | None = None
    result: str = "running"
    report: str = ""


class RunChangeRow(SQLModel, table=True):
    """One change of one run, and what came of it."""

    __tablename__ = "run_changes"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("run_changes_of_run", "run"),
        Index("run_changes_of_subject", "subject"),
    )
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    run: int
    at: int
    target: str
    label: str
    segment: str
    subject: str
    action: str
    reason: str
    state: str
    answer: str


class HoldRow(SQLModel, table=True):
    """A label's part of a plan that waits for a person, with the checksum of what was reviewed."""

    __tablename__ = "holds"
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    run: int
    at: int
    segment: str
    label: str
    why: str
    adds: int
    removes: int
    checksum: str
    approved_at: int | None = None


class MemoRow(SQLModel, table=True):
    """Small durable memory of a connector."""

    __tablename__ = "memos"
    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str
