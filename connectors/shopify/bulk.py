"""Exports: queries that the store carries out by itself and leaves as a file to download.

They cost next to nothing and have no limit of rows, but take their time; a process may end while one runs. Its id is
therefore kept in the connector's memo under the name of what is exported, and the next process that wants the same
export goes on waiting for it, or downloads it, instead of having it made anew: the whole file, or only what was not
dealt with yet, where it is told that the rest is stored. One that failed, lost rows or left a dead link is made anew at
once, but once only; one that stalled, in the next run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

import msgspec

from connectors.http import GoneError, Http
from connectors.shopify import documents
from connectors.shopify.answers import SCOPE_HINT
from connectors.shopify.joining import BEGINNING, Joining, Reach, ScatteredError
from connectors.shopify.lines import Counts, LostRowsError
from connectors.shopify.operations import ForgottenError, Operation, Operations, StalledError
from connectors.shopify.recipe import Recipe
from connectors.shopify.staging import Staging
from connectors.shopify.wire import instant
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.model import Instant
from syncd.ports import Host, Progress

T = TypeVar("T")

_FRESH_FOR = 6 * 3600
"""Seconds for which an export is worth taking up again; its link would live for seven days."""


class Wanted(msgspec.Struct, Generic[T], frozen=True):
    """What is to be exported.

    Attributes:
        document: The inner document.
        task: What it is, for people and for the count of calls (`orders export`).
        recipe: How its lines become values.
        key: The memo's key; None for an export that must not be taken up later.
        total: How many records it will come to, where known.
        go_on: Whether rows that an earlier reading gave may be left out, for they are stored.
    """

    document: str
    task: str
    recipe: Recipe[T]
    key: str | None = None
    total: int | None = None
    go_on: bool = False


class Batch(msgspec.Struct, Generic[T], frozen=True):
    """Some records of an export; asking for the next batch says that they are stored.

    Attributes:
        rows: The records' values.
        left: How many records are still to come.
        as_of: When the export was begun: with the last batch, which holds no records.
    """

    rows: Sequence[T]
    left: int = 0
    as_of: Instant | None = None


class FailedExportError(RetriableError):
    """The store could not carry an export out; another may succeed."""


_WORTH_ANOTHER = (FailedExportError, LostRowsError, GoneError, ForgottenError)
"""How an export ends whose next one may do better, and at once: the store was reached."""


class _Kept(msgspec.Struct, frozen=True):
    """What the memo holds of an export: which it is, since when, and how far its file is dealt with."""

    id: str
    digest: str
    since: Instant
    reach: Reach = BEGINNING
    scattered: bool = False


class Exports:
    """A store's exports."""

    def __init__(self, service: str, http: Http, operations: Operations, host: Host) -> None:
        """Start nothing yet."""
        self._service = service
        self._http = http
        self._operations = operations
        self._host = host

    def read(self, wanted: Wanted[T]) -> Iterator[Batch[T]]:
        """Have something exported, at once if the store has a place for it, and return what it comes to.

        The file is compared with the store's own counts before its last records are given; what fits into memory is
        compared before the first.

        Raises:
            CredentialsError: A scope is missing.
            RetriableError: It failed, could not be started now, or rows are missing from it.
            FatalError: The store refuses the document, or gives something else than was asked for.
        """
        with suppress(SyncdError):  # whatever hinders it is met again, and told, once it is read
            self._begin(wanted)
        return self._read(wanted)

    def _begin(self, wanted: Wanted[Any]) -> None:
        """Let the store work while something else is read; one that must be of now is started when it is read."""
        if wanted.key is not None and self._good(wanted) is None:
            asked = {"query": wanted.document}
            identifier = self._operations.start_at_once(documents.RUN_EXPORT, asked, wanted.task)
            if identifier is not None:
                self._started(wanted, identifier)

    def _read(self, wanted: Wanted[T]) -> Iterator[Batch[T]]:
        """Read an export; what is no good is tried once more."""
        try:
            yield from self._once(wanted)
        except _WORTH_ANOTHER as error:
            self._host.progress(Progress(f"{error.message}; trying again", 0))
            yield from self._once(wanted)

    def _once(self, wanted: Wanted[T]) -> Iterator[Batch[T]]:
        with self._forgetting(wanted.key):
            operation = self._complete(wanted)
            kept = self._kept(wanted.key)
            scattered = kept is not None and kept.scattered
            if not scattered:
                try:
                    yield from self._streamed(wanted, operation, kept.reach if kept and wanted.go_on else BEGINNING)
                except ScatteredError:
                    scattered = True
                    self._note(wanted.key, scattered=True)
            if scattered:
                yield from self._staged(wanted, operation)
            yield Batch((), as_of=instant(operation.created_at))
        self._forget(wanted.key)

    def _streamed(self, wanted: Wanted[T], operation: Operation, begin: Reach) -> Iterator[Batch[T]]:
        """Join the file as it comes, and note how far it is dealt with."""
        childless = operation.object_count <= operation.root_object_count
        joining = Joining(self._service, wanted.recipe, begin=begin, childless=childless)
        left = operation.root_object_count - begin.records
        for rows in joining.values(self._chunks(operation, wanted.task, begin.at)):
            left -= len(rows)
            yield Batch(rows, max(0, left))
            self._note(wanted.key, reach=joining.reach)
        self._compare(operation, joining.counts)
        for rows in joining.rest():
            left -= len(rows)
            yield Batch(rows, max(0, left))

    def _staged(self, wanted: Wanted[T], operation: Operation) -> Iterator[Batch[T]]:
        """Join the file on disk, from its beginning."""
        left = operation.root_object_count
        with Staging(self._service, wanted.recipe) as staging:
            self._compare(operation, staging.fill(self._chunks(operation, wanted.task)))
            for rows in staging.values():
                left -= len(rows)
                yield Batch(rows, max(0, left))

    @contextmanager
    def _forgetting(self, key: str | None) -> Iterator[None]:
        """Forget an export that is no good; one that was only interrupted is kept."""
        try:
            yield
        except (FatalError, StalledError, *_WORTH_ANOTHER):
            self._forget(key)
            raise

    def _complete(self, wanted: Wanted[Any]) -> Operation:
        """Return an export that the store has carried out: one from before, if it is of the same and still good."""
        kept = self._good(wanted)
        identifier = kept.id if kept else self._start(wanted)
        ended = self._operations.wait(identifier, wanted.task, wanted.total)
        if ended.status == "COMPLETED":
            return ended
        if ended.error_code == "ACCESS_DENIED":
            raise CredentialsError(f"{self._service} denies the {wanted.task}: a scope is missing", hint=SCOPE_HINT)
        reason = f", {ended.error_code}" if ended.error_code else ""
        raise FailedExportError(f"{self._service}: the {wanted.task} did not succeed ({ended.status}{reason})")

    def _start(self, wanted: Wanted[Any]) -> str:
        """Have it exported, and wait for a place where all are taken, be it by what nobody waits for any more."""
        asked = (documents.RUN_EXPORT, {"query": wanted.document}, wanted.task)
        identifier = self._operations.start_at_once(*asked)
        if identifier is None:
            self._operations.cancel_exports(self._host.clock.now() - _FRESH_FOR, wanted.task)
            identifier = self._operations.start(*asked)
        self._started(wanted, identifier)
        return identifier

    def _started(self, wanted: Wanted[Any], identifier: str) -> None:
        self._keep(wanted.key, _Kept(identifier, _digest(wanted.document), self._host.clock.now()))

    def _good(self, wanted: Wanted[Any]) -> _Kept | None:
        """Return what is known of an export that was started before, if it is of the same and not old."""
        kept = self._kept(wanted.key)
        if kept is None or kept.digest != _digest(wanted.document):
            return None
        return kept if self._host.clock.now() - kept.since <= _FRESH_FOR else None

    def _note(self, key: str | None, **changes: Any) -> None:
        kept = self._kept(key)
        if kept is not None:
            self._keep(key, msgspec.structs.replace(kept, **changes))

    def _keep(self, key: str | None, kept: _Kept) -> None:
        if key is not None:
            self._host.memo[key] = msgspec.json.encode(kept).decode()

    def _kept(self, key: str | None) -> _Kept | None:
        text = self._host.memo.get(key) if key is not None else None
        try:
            return msgspec.json.decode(text, type=_Kept) if text else None
        except msgspec.DecodeError:
            return None

    def _forget(self, key: str | None) -> None:
        if key is not None:
            self._host.memo.pop(key, None)

    def _chunks(self, operation: Operation, task: str, start: int = 0) -> Iterator[bytes]:
        """Download the file, or its end from a byte on; there is none where nothing matched."""
        if operation.url is not None:
            yield from self._http.download(operation.url, what=task, start=start)

    def _compare(self, operation: Operation, counts: Counts) -> None:
        short = max(operation.root_object_count - counts.records, operation.object_count - counts.lines)
        if short > 0:
            raise LostRowsError(f"{self._service}: the export lost rows: {short} fewer came than the store counted")


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()
