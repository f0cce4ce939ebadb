"""Bulk operations as such: what they are, and waiting for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from connectors.shopify import documents
from connectors.shopify.answers import said
from connectors.shopify.client import Client
from connectors.shopify.wire import instant
from syncd.errors import FatalError, RetriableError
from syncd.model import Instant
from syncd.ports import Host, Progress

_UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0
_LEAST_SHARE = 0.1
_UNTOLD_SHARE = 0.5
"""Shares of the time an operation has taken so far: the shortest pause, and the one where it does not tell its end."""
_STALLED_AFTER = 900.0
"""Seconds without a new object after which an operation is cancelled: it would hold its place for ever."""
_PATIENCE = 600.0
"""Seconds to wait for one of the five places that an app has for operations at once."""


class Operation(msgspec.Struct, frozen=True, rename="camel"):
    """A bulk operation, as the store describes it."""

    id: str
    status: str
    created_at: datetime
    error_code: str | None = None
    object_count: int = 0
    root_object_count: int = 0
    url: str | None = None
    partial_data_url: str | None = None

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.status in _UNDER_WAY


class UserError(msgspec.Struct, frozen=True):
    """Why a mutation was not carried out, in the service's words."""

    message: str
    code: str | None = None


class _Polled(msgspec.Struct, frozen=True):
    operation: Operation | None


class _Id(msgspec.Struct, frozen=True):
    id: str


class _Started(msgspec.Struct, frozen=True, rename="camel"):
    user_errors: list[UserError]
    bulk_operation: _Id | None = None


class _Run(msgspec.Struct, frozen=True):
    run: _Started


class _Begun(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    created_at: datetime | None = None


class _Listed(msgspec.Struct, frozen=True):
    nodes: list[_Begun]


class _Cancelled(msgspec.Struct, frozen=True):
    cancel: Any = None


class StalledError(RetriableError):
    """An operation made no progress for long, and was cancelled; another may do better."""


class ForgottenError(FatalError):
    """The store no longer knows an operation; another may do."""


class Operations:
    """A store's bulk operations, of either kind."""

    def __init__(self, name: str, client: Client, host: Host) -> None:
        """Start nothing yet. `name` is the store's, for whoever watches the progress."""
        self._name = name
        self._client = client
        self._service = client.service
        self._host = host
        self._began: dict[str, float] = {}

    def start(self, document: str, variables: dict[str, str], task: str) -> str:
        """Start one and return its id; wait for a place if all are taken.

        Raises:
            RetriableError: No place became free, or the process is asked to stop.
            FatalError: The store refuses it.
        """
        began = self._host.clock.monotonic()
        pause = _FIRST_PAUSE
        while True:
            identifier = self.start_at_once(document, variables, task)
            if identifier is not None:
                return identifier
            if self._host.clock.monotonic() - began > _PATIENCE:
                raise RetriableError(f"{self._service} has no place for another bulk operation ({task})")
            self._pause(pause, task)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def start_at_once(self, document: str, variables: dict[str, str], task: str) -> str | None:
        """Start one and return its id; None where all places are taken.

        Raises:
            RetriableError: The store does not answer, or starts no more for now.
            FatalError: The store refuses it.
        """
        started = self._client.read(document, variables, _Run, what=task, writes=True).run
        if started.bulk_operation is None:
            self._refuse_unless_busy(started.user_errors, task)
            return None
        self._began[started.bulk_operation.id] = self._host.clock.monotonic()
        return started.bulk_operation.id

    def wait(self, identifier: str, task: str, total: int | None = None) -> Operation:
        """Poll until an operation ends, and return how it ended.

        The first look is taken a moment after it was started. Then the pauses follow the time it has taken so far, and
        the time it will take yet by its own count of objects where `total` is known: never late by much, never many.

        Raises:
            StalledError: It made no progress, and was cancelled.
            RetriableError: The store does not answer, or the process is asked to stop.
            ForgottenError: The store no longer knows it.
        """
        clock = self._host.clock
        began = self._began.pop(identifier, None)
        moved = clock.monotonic()
        if began is None:
            began = moved
        elif moved - began < _FIRST_PAUSE:
            self._pause(_FIRST_PAUSE - (moved - began), task)
        seen = -1
        while True:
            found = self._client.read(documents.POLL, {"id": identifier}, _Polled, what=task).operation
            if found is None:
                raise ForgottenError(f"{self._service} no longer knows the bulk operation for the {task}")
            if not found.under_way:
                return found
            self._host.progress(Progress(f"{task} of {self._name}", found.root_object_count, total))
            now = clock.monotonic()
            if found.object_count > seen:
                seen, moved = found.object_count, now
            elif now - moved > _STALLED_AFTER:
                self._cancel(identifier, task)
                raise StalledError(f"{self._service}: the {task} made no progress and was cancelled")
            self._pause(_next_pause(now - began, found.root_object_count, total), task)

    def settle_writes(self, task: str) -> None:
        """Wait until no bulk write of this app is under way, whoever started it.

        One that makes no progress is cancelled; what it wrote until then is for whoever reads back.

        Raises:
            RetriableError: The store does not answer, or the process is asked to stop.
        """
        found = self._client.read(documents.WRITES_UNDER_WAY, {}, dict[str, _Listed], what=task)
        for identifier in {each.id: None for listed in found.values() for each in listed.nodes}:
            try:
                self.wait(identifier, task)
            except StalledError:
                self.wait(identifier, task)  # until it is really at rest

    def cancel_exports(self, before: Instant, task: str) -> None:
        """Cancel what this app has had exported since before an instant: whoever waited for it is gone.

        One that never ends would hold its place for ever, and five of them all places.

        Raises:
            RetriableError: The store does not answer.
        """
        found = self._client.read(documents.EXPORTS_UNDER_WAY, {}, dict[str, _Listed], what=task)
        begun = {each.id: each.created_at for listed in found.values() for each in listed.nodes}
        for identifier, created_at in begun.items():
            if created_at is not None and instant(created_at) < before:
                self._cancel(identifier, task)

    def _cancel(self, identifier: str, task: str) -> None:
        self._client.read(documents.CANCEL_OPERATION, {"id": identifier}, _Cancelled, what=task)

    def _refuse_unless_busy(self, errors: list[UserError], task: str) -> None:
        if any(error.code == "OPERATION_IN_PROGRESS" for error in errors):
            return
        words = "; ".join(said(error.message) for error in errors) or "no reason given"
        if any(error.code == "LIMIT_REACHED" for error in errors):
            raise RetriableError(f"{self._service} starts no further bulk operation now ({task}: {words})")
        raise FatalError(f"{self._service} refuses the {task}: {words}", hint="syncd may be too old for this store")

    def _pause(self, seconds: float, task: str) -> None:
        """Wait, and do not go on when the wait was cut short: the process is asked to stop."""
        clock = self._host.clock
        before = clock.monotonic()
        clock.sleep(seconds)
        if clock.monotonic() - before < seconds / 2:
            raise RetriableError(f"{self._service}: stopped while waiting for the {task}; the next run goes on")


def _next_pause(elapsed: float, done: int, total: int | None) -> float:
    """Return the seconds after which it is worth looking again at what has taken so long and is so far."""
    pause = elapsed * _UNTOLD_SHARE
    if total and done:
        pause = min(elapsed, elapsed * (total - done) / done)
    return min(max(pause, elapsed * _LEAST_SHARE, _FIRST_PAUSE), _LONGEST_PAUSE)
