"""The lines of an export's file: cut from what streams by, decoded, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from syncd.errors import FatalError, RetriableError


class LostRowsError(RetriableError):
    """The file is not what the store said it is; another export may be."""


class Counts(msgspec.Struct):
    """How many lines were read, and how many of them are records rather than children."""

    lines: int = 0
    records: int = 0


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines, as many as have come; each block ends with a line's end."""
    rest = b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
    if rest:
        yield rest + b"\n"


@contextmanager
def decoding(service: str) -> Iterator[None]:
    """Tell what is wrong with a line that cannot be decoded, and nothing of what stands in it.

    Raises:
        FatalError: It is not what was asked for.
        LostRowsError: It is no JSON: the file is damaged.
    """
    try:
        yield
    except msgspec.ValidationError as error:
        raise FatalError(
            f"{service}: a line of the export is not what was asked for ({error})",
            hint="syncd may be too old for this store",
        ) from error
    except msgspec.DecodeError as error:
        raise LostRowsError(f"{service}: the file of the export is damaged") from error
