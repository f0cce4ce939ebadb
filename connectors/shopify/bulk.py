"""Exports: queries that the store carries out by itself and leaves as a file to download.

They cost next to nothing and have no limit of rows, but take their time; a process may end while one runs. Its id is
therefore kept in the connector's memo under the name of what is exported, and the next process that wants the same
export goes on waiting for it, or downloads it, instead of having it made anew. One that failed, lost rows or left a
dead link is made anew at once, but once only; one that stalled, in the next run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import msgspec

from connectors.http import GoneError, Http
from connectors.shopify import documents
from connectors.shopify.answers import SCOPE_HINT
from connectors.shopify.operations import Operation, Operations, StalledError
from connectors.shopify.staging import Counts, LostRowsError, Staging
from connectors.shopify.wire import Node
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.model import Instant
from syncd.ports import Host, Progress

R = TypeVar("R", bound=Node)
C = TypeVar("C", bound=Node)

_FRESH_FOR = 6 * 3600
"""Seconds for which an export is worth taking up again; its link would live for seven days."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be exported.

    Attributes:
        document: The inner document.
        task: What it is, for people and for the count of calls (`orders export`).
        key: The memo's key; None for an export that must not be taken up later.
        total: How many records it will come to, where known.
    """

    document: str
    task: str
    key: str | None = None
    total: int | None = None


class FailedExportError(RetriableError):
    """The store could not carry an export out; another may succeed."""


_WORTH_ANOTHER = (FailedExportError, LostRowsError, GoneError)
"""How an export ends whose next one may do better, and at once: the store was reached."""


class _Kept(msgspec.Struct, frozen=True):
    """What the memo holds of an export."""

    id: str
    digest: str
    since: Instant


class Exports:
    """A store's exports."""

    def __init__(self, service: str, http: Http, operations: Operations, host: Host) -> None:
        """Start nothing yet."""
        self._service = service
        self._http = http
        self._operations = operations
        self._host = host

    @contextmanager
    def staged(self, wanted: Wanted, record: type[R], child: type[C]) -> Iterator[tuple[Operation, Staging[R, C]]]:
        """Have something exported, download it whole, and hand it over joined; counted before the first row is seen.

        Raises:
            CredentialsError: A scope is missing.
            RetriableError: It failed, could not be started now, or rows are missing from it.
            FatalError: The store refuses the document, or gives something else than was asked for.
        """
        with ExitStack() as stack:
            operation, staging = self._filled(wanted, record, child, stack)
            with self._forgetting(wanted.key):
                yield operation, staging
        self._forget(wanted.key)

    def _filled(
        self, wanted: Wanted, record: type[R], child: type[C], stack: ExitStack
    ) -> tuple[Operation, Staging[R, C]]:
        """Return an export that was downloaded whole; what is no good is tried once more."""
        try:
            return self._fill(wanted, record, child, stack)
        except _WORTH_ANOTHER as error:
            again = f"{error.message}; trying again"
            self._host.progress(Progress(again, 0))
        return self._fill(wanted, record, child, stack)

    def _fill(
        self, wanted: Wanted, record: type[R], child: type[C], stack: ExitStack
    ) -> tuple[Operation, Staging[R, C]]:
        with self._forgetting(wanted.key):
            operation = self._complete(wanted)
            staging = stack.enter_context(Staging(self._service, record, child))
            self._compare(operation, staging.fill(self._chunks(operation, wanted.task)))
            return operation, staging

    @contextmanager
    def _forgetting(self, key: str | None) -> Iterator[None]:
        """Forget an export that is no good; one that was only interrupted is kept."""
        try:
            yield
        except (FatalError, StalledError, *_WORTH_ANOTHER):
            self._forget(key)
            raise

    def _complete(self, wanted: Wanted) -> Operation:
        identifier = self._taken_up(wanted) or self._started(wanted)
        ended = self._operations.wait(identifier, wanted.task, wanted.total)
        if ended.status == "COMPLETED":
            return ended
        if ended.error_code == "ACCESS_DENIED":
            raise CredentialsError(f"{self._service} denies the {wanted.task}: a scope is missing", hint=SCOPE_HINT)
        reason = f", {ended.error_code}" if ended.error_code else ""
        raise FailedExportError(f"{self._service}: the {wanted.task} did not succeed ({ended.status}{reason})")

    def _taken_up(self, wanted: Wanted) -> str | None:
        """Return the id of an export that an earlier process started, if it is of the same and still good."""
        kept = self._kept(wanted.key)
        if kept is None or kept.digest != _digest(wanted.document):
            return None
        if self._host.clock.now() - kept.since > _FRESH_FOR:
            return None
        found = self._operations.look(kept.id, wanted.task)
        return found.id if found is not None and found.status in {"CREATED", "RUNNING", "COMPLETED"} else None

    def _started(self, wanted: Wanted) -> str:
        identifier = self._operations.start(documents.RUN_EXPORT, {"query": wanted.document}, wanted.task)
        if wanted.key is not None:
            kept = _Kept(identifier, _digest(wanted.document), self._host.clock.now())
            self._host.memo[wanted.key] = msgspec.json.encode(kept).decode()
        return identifier

    def _kept(self, key: str | None) -> _Kept | None:
        text = self._host.memo.get(key) if key is not None else None
        try:
            return msgspec.json.decode(text, type=_Kept) if text else None
        except msgspec.DecodeError:
            return None

    def _forget(self, key: str | None) -> None:
        if key is not None:
            self._host.memo.pop(key, None)

    def _chunks(self, operation: Operation, task: str) -> Iterator[bytes]:
        """Download the file; there is none where nothing matched."""
        if operation.url is not None:
            yield from self._http.download(operation.url, what=task)

    def _compare(self, operation: Operation, counts: Counts) -> None:
        short = max(operation.root_object_count - counts.records, operation.object_count - counts.lines)
        if short > 0:
            raise LostRowsError(f"{self._service}: the export lost rows: {short} fewer came than the store counted")


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()
