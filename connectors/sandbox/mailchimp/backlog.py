"""Batches: operations that are carried out later, one batch after another, and told in an archive.

A batch takes time by the account's clock, whatever it holds: `SECONDS` and one more for every ten operations. Nothing
of it happens before that; then all of it does. "finished" says nothing about success.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from connectors.sandbox.exchange import Response
from connectors.sandbox.mailchimp import bodies, problems
from connectors.sandbox.mailchimp.contacts import iso

SECONDS = 5
"""How long the smallest batch takes."""

LINK_AGE = 600
"""Seconds for which a link to results is good; reading the batch again gives a new one."""

PENDING_MAX = 500


class Operation(msgspec.Struct, kw_only=True):
    """One call to make later; `body` is JSON inside a string."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    params: dict[str, Any] = {}
    body: str = ""
    operation_id: str | None = None


class Operations(msgspec.Struct, kw_only=True):
    """The body of a new batch."""

    operations: list[Operation]


class Batch(msgspec.Struct, eq=False, kw_only=True):
    """A batch: `archive` is None until it is finished."""

    id: str
    operations: list[Operation]
    submitted_at: int
    starts_at: int
    ends_at: int
    errored: int = 0
    archive: bytes | None = None


Run = Callable[[Operation], tuple[int, str]]
"""Carries one operation out; returns the status and the body of its answer."""


class Backlog:
    """The account's batches, oldest first."""

    def __init__(self) -> None:
        """Start without any."""
        self._batches: dict[str, Batch] = {}
        self._number = 0

    def __iter__(self) -> Iterator[Batch]:
        """Go through them."""
        return iter(self._batches.values())

    def submit(self, body: bytes, now: int) -> Batch:
        """Queue a batch behind those that are not finished.

        Raises:
            Problem: The body does not fit, or too many batches are pending.
        """
        operations = bodies.read(bodies.parse(body), Operations).operations
        pending = [each for each in self._batches.values() if each.archive is None]
        if len(pending) >= PENDING_MAX:
            raise problems.Problem(429, "Too Many Requests", f"You have more than {PENDING_MAX} pending batches.")
        starts_at = max([now, *(each.ends_at for each in pending)])
        self._number += 1
        batch = Batch(
            id=hashlib.md5(f"batch:{self._number}".encode(), usedforsecurity=False).hexdigest()[:10],
            operations=operations,
            submitted_at=now,
            starts_at=starts_at,
            ends_at=starts_at + SECONDS + len(operations) // 10,
        )
        self._batches[batch.id] = batch
        return batch

    def settle(self, now: int, run: Run) -> None:
        """Carry out every batch whose time has come."""
        for batch in list(self._batches.values()):
            if batch.archive is None and now >= batch.ends_at:
                _carry_out(batch, run)

    def get(self, batch_id: str) -> Batch:
        """Return a batch.

        Raises:
            Problem: There is none.
        """
        if batch_id not in self._batches:
            raise problems.plain(404)
        return self._batches[batch_id]

    def drop(self, batch_id: str) -> None:
        """Stop a batch, and forget it.

        Raises:
            Problem: There is none.
        """
        del self._batches[self.get(batch_id).id]


def shown(batch: Batch, now: int, host: str) -> dict[str, Any]:
    """Return a batch as the API shows it, with a fresh link to its results once it is finished."""
    finished = batch.archive is not None
    link = f"http://{host}/mailchimp/3.0/batch-results/{batch.id}.tar.gz?until={now + LINK_AGE}"
    return {
        "id": batch.id,
        "status": "finished" if finished else "started" if now >= batch.starts_at else "pending",
        "total_operations": len(batch.operations),
        "finished_operations": len(batch.operations) if finished else 0,
        "errored_operations": batch.errored,
        "submitted_at": iso(batch.submitted_at),
        "completed_at": iso(batch.ends_at) if finished else "",
        "response_body_url": link if finished else "",
        "_links": [],
    }


def results(batch: Batch, until: str, now: int) -> Response:
    """Return the archive that a link leads to; needs no key, as the real one is on another host."""
    if batch.archive is None or not until.isdecimal() or now > int(until):
        return Response(status=403, headers={"Content-Type": "application/xml"}, body=b"<Error>Expired</Error>")
    return Response(headers={"Content-Type": "application/gzip"}, body=batch.archive)


def _carry_out(batch: Batch, run: Run) -> None:
    outcomes = []
    for operation in batch.operations:
        status, answer = run(operation)
        batch.errored += status >= 400
        outcomes.append({"status_code": status, "operation_id": operation.operation_id, "response": answer})
    batch.archive = _archived(batch, msgspec.json.encode(outcomes))


def _archived(batch: Batch, outcomes: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(f"{batch.id}/0.json")
        member.size, member.mtime = len(outcomes), batch.ends_at
        archive.addfile(member, io.BytesIO(outcomes))
    return gzip.compress(packed.getvalue(), mtime=batch.ends_at)
