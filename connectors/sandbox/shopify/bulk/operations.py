"""The bulk operations of one app in one shop: begun, watched, cancelled."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault
from connectors.sandbox.shopify.bulk.export import DeniedError, Export, compile_exports, spread, written
from connectors.sandbox.shopify.bulk.imports import Job, read_mutation, run_lines
from connectors.sandbox.shopify.bulk.rules import BulkQueryError, read
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.listing import Listings
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import gid, instant_text, maybe_instant_text
from syncd.clock import Clock

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from connectors.sandbox.shopify.execution import Context

MOST_AT_ONCE = 5
_ENDED = {"COMPLETED", "FAILED", "CANCELED"}


class Operation:
    """One operation; a thread of its own does the work."""

    def __init__(self, number: int, kind: str, text: str, clock: Clock, *, path: Path, seconds: float) -> None:
        """Note what was asked for; `seconds` is how long it takes at least."""
        self.number = number
        self.kind = kind
        self.text = text
        self.path = path
        self.objects = 0
        self.roots = 0
        self.error: str | None = None
        self.cancelled = threading.Event()
        self.fault: Fault | None = None
        self._clock = clock
        self._seconds = seconds
        self._created_at = clock.now()
        self._started = clock.monotonic()
        self._worked = threading.Event()
        self._completed_at: int | None = None

    def work(self, job: Callable[[Operation], None]) -> None:
        """Do the job in a thread of its own."""

        def run() -> None:
            try:
                job(self)
            except DeniedError:
                self.error = "ACCESS_DENIED"
            except Exception:  # noqa: BLE001  # the fault is the sandbox's own: shown here, and an answer all the same
                traceback.print_exc()
                self.error = "INTERNAL_SERVER_ERROR"
            finally:
                self._worked.set()

        threading.Thread(target=run, name=f"bulk-{self.number}", daemon=True).start()

    def write(self, batches: Iterator[tuple[int, int, list[bytes]]]) -> None:
        """Write batches of roots, objects and lines to the operation's file, until it is cancelled, or goes wrong."""
        wrong = self.fault.kind if self.fault else ""
        if wrong == "bulk_failed":
            self.error = "INTERNAL_SERVER_ERROR"
            return
        with self.path.open("wb") as file:
            for roots, objects, lines in spread(batches) if wrong == "bulk_shuffled" else batches:
                if self.cancelled.is_set():
                    return
                if wrong == "bulk_partial":
                    self.error = "TIMEOUT"
                    file.writelines(lines[: len(lines) // 2])
                    return
                file.writelines(lines)
                self.objects += objects
                self.roots += roots

    def wait(self, seconds: float) -> bool:
        """Wait until the work is done; return whether it is."""
        return self._worked.wait(seconds)

    @property
    def status(self) -> str:
        """The state as the service names it."""
        if self.cancelled.is_set() and self._completed_at is None:
            return "CANCELED" if self._worked.is_set() else "CANCELING"
        elapsed = self._clock.monotonic() - self._started
        if self.fault is not None and self.fault.kind == "bulk_stuck" and self._completed_at is None:
            return "RUNNING"
        if self._completed_at is None and (not self._worked.is_set() or elapsed < self._seconds):
            return "CREATED" if elapsed < self._seconds / 2 else "RUNNING"
        if self._completed_at is None:
            self._completed_at = self._clock.now()
        return "FAILED" if self.error else "COMPLETED"

    def described(self, link: Callable[[Path], str]) -> dict[str, Any]:
        """Return the operation as GraphQL shows it."""
        status = self.status
        begun = status != "CREATED"
        size = self.path.stat().st_size if status in _ENDED and self.path.exists() else 0
        url = link(self.path) if size and status == "COMPLETED" else None
        partial = link(self.path) if size and status in {"FAILED", "CANCELED"} else None
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", self.number),
            "status": status,
            "type": self.kind,
            "errorCode": self.error if status == "FAILED" else None,
            "createdAt": instant_text(self._created_at),
            "completedAt": maybe_instant_text(self._completed_at),
            "objectCount": str(self.objects if begun else 0),
            "rootObjectCount": str(self.roots if begun else 0),
            "fileSize": str(size) if size else None,
            "url": url,
            "partialDataUrl": partial,
            "query": self.text,
        }


class BulkOperations:
    """All operations of one shop. Whoever calls holds the shop's lock."""

    def __init__(
        self,
        shop_number: int,
        clock: Clock,
        files: Files,
        base_url: str,
        schema: Callable[[], GraphQLSchema],
        faults: Faults,
    ) -> None:
        """Start without any."""
        self._faults = faults
        self._clock = clock
        self._files = files
        self._base_url = base_url
        self._schema = schema
        self._shop_number = shop_number
        self._operations: dict[int, Operation] = {}
        self.seconds = 0.5

    def now(self) -> int:
        """Return the world's hour."""
        return self._clock.now()

    def all(self) -> list[dict[str, Any]]:
        """Return all operations as GraphQL shows them, oldest first."""
        return [self._told(operation) for operation in self._operations.values()]

    def described(self, number: int) -> dict[str, Any] | None:
        """Return one operation as GraphQL shows it, None where there is none."""
        operation = self._operations.get(number)
        return self._told(operation) if operation else None

    def _told(self, operation: Operation) -> dict[str, Any]:
        return operation.described(lambda path: self._link(operation, path))

    def _link(self, operation: Operation, path: Path) -> str:
        expired = operation.fault is not None and operation.fault.kind == "bulk_expired_link"
        return self._base_url + self._files.offer(path, expired=expired)

    def run_query(self, context: Context, text: str, *, grouped: bool) -> tuple[Any, list[dict[str, Any]]]:
        """Begin an export; return the operation, or None and why not."""
        try:
            document = read(text, self._schema())
        except BulkQueryError as error:
            return None, [_complaint(["query"], message, "INVALID") for message in error.messages]
        busy = self._busy("QUERY")
        if busy:
            return None, [busy]
        try:
            exports = compile_exports(document, self._schema(), context.view)
        except BulkQueryError as error:
            return None, [_complaint(["query"], message, "INVALID") for message in error.messages]
        except DeniedError:
            exports = None
        operation = self._begin("QUERY", "bulkOperationRunQuery", text)
        operation.work(_denied if exports is None else _exporting(exports, context, grouped=grouped))
        return self._told(operation), []

    def run_mutation(
        self, context: Context, text: str, path: str, identifier: str | None
    ) -> tuple[Any, list[dict[str, Any]]]:
        """Begin a mutation over a file of variables; return the operation, or None and why not."""
        job, complaint = read_mutation(text, identifier, context.uploads.file(path), self._schema())
        complaint = complaint or self._busy("MUTATION")
        if job is None or complaint is not None:
            return None, [complaint or {}]
        operation = self._begin("MUTATION", "bulkOperationRunMutation", text)
        operation.work(_importing(job, context, self._schema()))
        return self._told(operation), []

    def cancel(self, number: int) -> tuple[Any, str]:
        """Cancel an operation; return it, and what is wrong with the wish, if anything."""
        operation = self._operations.get(number)
        if operation is None:
            return None, "Bulk operation does not exist"
        if operation.status in _ENDED:
            status = operation.status.lower()
            return self._told(operation), f"A bulk operation cannot be canceled when it is {status}"
        operation.cancelled.set()
        return self._told(operation) | {"status": "CANCELING"}, ""

    def settle(self, seconds: float = 60) -> None:
        """Wait until no operation has work left."""
        for operation in list(self._operations.values()):
            operation.wait(seconds)

    def close(self) -> None:
        """Cancel what runs and wait for its end."""
        for operation in list(self._operations.values()):
            operation.cancelled.set()
        self.settle()

    def _busy(self, kind: str) -> dict[str, Any] | None:
        running = [x for x in self._operations.values() if x.kind == kind and x.status not in _ENDED]
        if len(running) < MOST_AT_ONCE:
            return None
        names = ", ".join(gid("BulkOperation", x.number) for x in running)
        message = f"A bulk {kind.lower()} operation for this app and shop is already in progress: {names}."
        return _complaint(None, message, "OPERATION_IN_PROGRESS")

    def _begin(self, kind: str, mutation: str, text: str) -> Operation:
        number = 7_900_000_000_000 + len(self._operations) * 32_768 + self._shop_number
        path = self._files.path(f"{self._shop_number}-{number}.jsonl")
        operation = Operation(number, kind, text, self._clock, path=path, seconds=self.seconds)
        operation.fault = self._faults.take("bulk", "writes" if kind == "MUTATION" else "reads", mutation)
        self._operations[number] = operation
        return operation


def _complaint(field: list[str] | None, message: str, code: str | None) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}


def _denied(_: Operation) -> None:
    raise DeniedError


def _exporting(exports: list[Export], context: Context, *, grouped: bool) -> Callable[[Operation], None]:
    """Return the job that writes exports of the lists as they are now."""
    view, listings = context.view, context.listings
    lists = [_records(export, view, listings) for export in exports]

    def batches() -> Iterator[tuple[int, int, list[bytes]]]:
        for export, records in zip(exports, lists, strict=True):
            for roots, lines in written(export, records, view, grouped=grouped):
                yield roots, len(lines), lines

    return lambda operation: operation.write(batches())


def _records(export: Export, view: View, listings: Listings) -> list[Any]:
    return list(listings.rows(view, export.kind, export.query, export.sort_key).records)


def _importing(job: Job, context: Context, schema: GraphQLSchema) -> Callable[[Operation], None]:
    return lambda operation: operation.write(run_lines(job, context, schema))
