"""The file of an export, put in order on disk: each record with its children, records by id.

The way of a `scattered` file (see `joining`), which can neither be joined while it streams by nor be held in memory.
It is written down as it comes, cut into ranges of record ids small enough to join in memory, and then read range by
range. The ranges follow ids sampled from all over the file and not the order of its lines, which the service does not
promise.

The files have no name, are readable by nobody else and are gone when the process is, whatever ends it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Generic, TypeVar

import msgspec

from connectors.http import CHUNK
from connectors.shopify.lines import Counts, LostRowsError, decoding, whole_lines
from connectors.shopify.recipe import Recipe
from connectors.shopify.wire import Node, number

T = TypeVar("T")

RANGE_BYTES = 4 * 1024 * 1024
"""How much of the file is joined at once. Decoded it takes several times as much."""

_MOST_RANGES = 200
"""Each range keeps two files open, of the 1,024 that a process usually may."""


class Staging(Generic[T]):
    """One export's lines; a context manager that gives the disk back at its end."""

    def __init__(self, service: str, recipe: Recipe[T], *, range_bytes: int = RANGE_BYTES) -> None:
        """Stage nothing yet.

        Args:
            service: How messages call the store.
            recipe: How lines become values.
            range_bytes: How much to join at once.
        """
        self.counts = Counts()
        self._service = service
        self._heads = msgspec.json.Decoder(Node)
        self._recipe = recipe
        self._records = msgspec.json.Decoder(recipe.record, strict=False)
        self._children = msgspec.json.Decoder(recipe.child or Node, strict=False)
        self._range_bytes = range_bytes
        self._files = ExitStack()
        self._ranges: list[tuple[IO[bytes], IO[bytes]]] = []

    def __enter__(self) -> Staging[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def fill(self, chunks: Iterable[bytes]) -> Counts:
        """Read the whole file, cut it into ranges, and return what was counted.

        Raises:
            LostRowsError: A line is no JSON: the file is damaged.
        """
        with TemporaryFile(prefix="syncd-") as raw, decoding(self._service):
            starts = self._write_down(chunks, raw)
            self._ranges = [(self._keep(), self._keep()) for _ in range(len(starts) + 1)]
            raw.seek(0)
            for block in whole_lines(iter(lambda: raw.read(CHUNK), b"")):
                self._deal(block, starts)
        return self.counts

    def values(self) -> Iterator[list[T]]:
        """Yield records with their children, a range at a time, in the order of their ids.

        Raises:
            LostRowsError: A child's parent is not in the file.
            FatalError: A line is not what was asked for.
        """
        for records, children in self._ranges:
            yield self._join(records, children)

    def _write_down(self, chunks: Iterable[bytes], raw: IO[bytes]) -> list[int]:
        """Return the ids that all ranges but the first begin with: even cuts through ids from all over the file."""
        sample = []
        size = 0
        for block in whole_lines(chunks):
            raw.write(block)
            size += len(block)
            sample.append(_owner(self._heads.decode(block[: block.index(b"\n")])))
        sample.sort()
        ranges = min(_MOST_RANGES, len(sample), size // self._range_bytes + 1)
        return sorted({sample[len(sample) * n // ranges] for n in range(1, ranges)})

    def _deal(self, block: bytes, starts: list[int]) -> None:
        heads = self._heads.decode_lines(block)
        for head, line in zip(heads, block.splitlines(keepends=True), strict=True):
            is_child = head.parent is not None
            self._ranges[bisect_right(starts, _owner(head))][is_child].write(line)
            self.counts.records += not is_child
        self.counts.lines += len(heads)

    def _join(self, records: IO[bytes], children: IO[bytes]) -> list[T]:
        below: dict[str, dict[str, Any]] = defaultdict(dict)
        with decoding(self._service):
            # a record that changed while it was exported may be there twice: the later line holds
            rows = {row.id: row for row in self._records.decode_lines(_all(records))}
            for child in self._children.decode_lines(_all(children)):
                below[child.parent or ""][child.id] = child
        value = self._recipe.value
        joined = [
            value(row, list(below.pop(row.id, {}).values()))
            for row in sorted(rows.values(), key=lambda row: row.number)
        ]
        if below:
            raise LostRowsError(f"{self._service}: the export lost rows ({len(below)} of them have children)")
        return joined

    def _keep(self) -> IO[bytes]:
        return self._files.enter_context(TemporaryFile(prefix="syncd-"))


def _owner(head: Node) -> int:
    """Return the id of the record that a line belongs to."""
    return number(head.parent or head.id)


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
