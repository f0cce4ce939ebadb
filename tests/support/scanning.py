"""Looking for people and secrets in files and outputs, byte by byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path


def forms(mark: str | int) -> Iterator[bytes]:
    """Yield the bytes in which a text, or a number of a row, may lie in a file; texts in lower case."""
    if isinstance(mark, int):
        yield str(mark).encode()
        size = next(size for size in (1, 2, 3, 4, 6, 8) if mark < 1 << 8 * size - 1)
        assert size >= 4, "a number as short as this is found everywhere"
        yield mark.to_bytes(size, "big")
        return
    yield from (mark.lower().encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def found(data: bytes, marks: Collection[str | int]) -> list[str | int]:
    """Return the marks that are in some bytes, whatever their letter case."""
    lowered = data.lower()
    return [mark for mark in marks if any(form in (data if isinstance(mark, int) else lowered) for form in forms(mark))]


def found_below(folder: Path, marks: Collection[str | int], but: Collection[str] = ()) -> dict[str, list[str | int]]:
    """Return, by file, the marks that any file below a folder holds."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in but)
    told = {str(path.relative_to(folder)): found(path.read_bytes(), marks) for path in files}
    return {name: marks_found for name, marks_found in told.items() if marks_found}
