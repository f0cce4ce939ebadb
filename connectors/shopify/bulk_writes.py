"""Tags of many customers, written by a file of mutations that the store works through by itself.

The file is exempt from the limits on calls. The store may work through its lines in any order, therefore removals and
additions are files of their own, worked through one after the other, though places for both are asked for in one call.
A process may end while the store still writes: a mark in the memo tells the next one to wait for that before it reads
or writes any tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from connectors.http import Answer
from connectors.shopify import documents
from connectors.shopify.answers import said
from connectors.shopify.client import Client
from connectors.shopify.lines import whole_lines
from connectors.shopify.operations import Operation, Operations, UserError
from connectors.shopify.price import by_files
from connectors.shopify.writes import NO_ANSWER, NOT_NAMED, Result, Write, judged, settled, unknown
from connectors.speed import Speed
from syncd.errors import FatalError, RetriableError, SyncdError
from syncd.model import Outcome
from syncd.ports import Host, Price

_MARK = "bulk write"
_TASK = "write"
_MOST_BYTES = 90 * 1024 * 1024
"""Of one file, of which the store takes 100 MB: well over a million customers."""

_ASSUMED_SPEED = 40.0
"""Lines a second, before a file was ever sent."""

UPLOAD = {
    "resource": "BULK_MUTATION_VARIABLES",
    "filename": "tags.jsonl",
    "mimeType": "text/jsonl",
    "httpMethod": "POST",
}


class _Parameter(msgspec.Struct, frozen=True):
    name: str
    value: str


class _StagedTarget(msgspec.Struct, frozen=True):
    url: str | None
    parameters: list[_Parameter]


class _Staged(msgspec.Struct, frozen=True, rename="camel"):
    staged_targets: list[_StagedTarget] | None = None
    user_errors: list[UserError] = []


class _Upload(msgspec.Struct, frozen=True):
    staged: _Staged


class _Line(msgspec.Struct, frozen=True):
    """What the store says of one line of the file, counted from 0."""

    number: int = msgspec.field(name="__lineNumber")
    data: dict[str, Result | None] | None = None
    errors: Any = None


_LINES = msgspec.json.Decoder(_Line, strict=False)


class BulkWriter:
    """Writes tags by bulk mutations."""

    def __init__(self, client: Client, operations: Operations, host: Host) -> None:
        """Write nothing yet."""
        self._client = client
        self._service = client.service
        self._http = client.http
        self._operations = operations
        self._memo = host.memo
        self._speed = Speed(host, "bulk write speed", _ASSUMED_SPEED)

    def price(self, todo: Sequence[Write]) -> Price:
        """Say what so many mutations take, by the speed of the last file."""
        return by_files([len(list(group)) for _, group in _by_mutation(todo)], self._speed.a_second)

    def settle(self) -> None:
        """Wait for a bulk write of an earlier process that may still be under way.

        Raises:
            RetriableError: It makes no progress, or the store does not answer.
        """
        if _MARK in self._memo:
            self._operations.settle_writes(_TASK)
            self._memo.pop(_MARK, None)

    def carry_out(self, todo: Sequence[Write]) -> Iterator[Outcome]:
        """Have the mutations carried out and yield the outcome of each change.

        Raises:
            RetriableError: The store stopped answering. With `unknown_fate`, a file may still be worked through.
            FatalError: The store takes no such file.
        """
        loads = [(mutation, lines, some) for mutation, group in _by_mutation(todo) for lines, some in files(group)]
        if not loads:
            return
        try:
            paths = self._uploaded([lines for _, lines, _ in loads])
        except RetriableError as error:
            raise settled(error) from error
        work = [(mutation, path, some) for (mutation, _, some), path in zip(loads, paths, strict=True)]
        loads.clear()  # what was sent need not be held while the store works
        for mutation, path, some in work:
            yield from self._file(mutation, path, some)

    def _file(self, mutation: str, path: str, some: Sequence[Write]) -> Iterator[Outcome]:
        self._memo[_MARK] = mutation
        try:
            with self._speed.measured(len(some)):
                ended = self._ended({"mutation": documents.bulk_write(mutation), "path": path}, len(some))
        except RetriableError as error:
            if error.unknown_fate:
                yield from unknown(some, NO_ANSWER)
            raise settled(error) from error
        self._memo.pop(_MARK, None)
        yield from self._results(mutation, ended, some)

    def _uploaded(self, contents: Sequence[bytes]) -> list[str]:
        """Upload files and return the paths under which the store knows them."""
        asked = {"input": [UPLOAD] * len(contents)}
        staged = self._client.read(documents.STAGE_UPLOAD, asked, _Upload, what=_TASK).staged
        places = [(it.url, it.parameters) for it in staged.staged_targets or () if it.url is not None]
        if len(places) != len(contents):
            words = "; ".join(said(error.message) for error in staged.user_errors) or "no reason given"
            raise FatalError(f"{self._service} takes no file for a bulk write: {words}")
        return [self._upload(*place, lines) for place, lines in zip(places, contents, strict=True)]

    def _upload(self, url: str, parameters: Sequence[_Parameter], lines: bytes) -> str:
        # the policy that is signed covers these fields in this order, and the file has to come last
        form = {parameter.name: parameter.value for parameter in parameters}
        files = {"file": ("tags.jsonl", lines, "text/jsonl")}
        self._http.send("POST", url, what="write upload", judge=self._judge_upload, form=form, files=files)
        return form["key"]

    def _judge_upload(self, answer: Answer) -> None:
        if answer.status in {200, 201, 204}:
            return
        if answer.status == 429 or answer.status >= 500:
            raise RetriableError(f"{self._service}: the upload of a bulk write failed (status {answer.status})")
        raise FatalError(f"{self._service}: the upload of a bulk write was refused (status {answer.status})")

    def _ended(self, variables: dict[str, str], total: int) -> Operation:
        identifier = self._operations.start(documents.RUN_BULK_WRITE, variables, _TASK)
        try:
            return self._operations.wait(identifier, _TASK, total)
        except SyncdError as error:
            raise RetriableError(error.message, unknown_fate=True, hint=error.hint) from error

    def _results(self, mutation: str, ended: Operation, some: Sequence[Write]) -> Iterator[Outcome]:
        """Yield what the store's account of the operation says; a complete one may still have refused every line."""
        waiting = dict(enumerate(some))
        url = ended.url or ended.partial_data_url
        why = f"the bulk write ended as {ended.status} and does not name it"
        try:
            for block in whole_lines(self._http.download(url, what=_TASK) if url else ()):
                for line in _LINES.decode_lines(block):
                    write = waiting.pop(line.number, None)
                    if write is not None:
                        yield from judged(write, (line.data or {}).get(mutation), _reason(line.errors))
        except (RetriableError, FatalError, msgspec.DecodeError) as error:
            why = f"the account of the bulk write could not be read ({type(error).__name__})"
        yield from unknown(list(waiting.values()), why)


def _by_mutation(todo: Sequence[Write]) -> Iterator[tuple[str, Iterator[Write]]]:
    return groupby(todo, key=attrgetter("mutation"))


def files(some: Iterable[Write]) -> Iterator[tuple[bytes, list[Write]]]:
    """Yield files of mutations, each with what it does, line by line."""
    lines = bytearray()
    held: list[Write] = []
    for write in some:
        line = msgspec.json.encode({"id": write.customer, "tags": write.tags}) + b"\n"
        if held and len(lines) + len(line) > _MOST_BYTES:
            yield bytes(lines), held
            lines, held = bytearray(), []
        lines += line
        held.append(write)
    if held:
        yield bytes(lines), held


def _reason(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) and errors else errors
    message = first.get("message") if isinstance(first, dict) else first
    return said(str(message)) if message else NOT_NAMED
