"""Files that a command was asked to write: whole or not at all, and for their owner's eyes only."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from syncd.errors import FatalError

STDOUT = "-"


@contextmanager
def written(name: str) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes its name once it is whole; `-` is standard output.

    Raises:
        FatalError: It cannot be written; the message says why.
    """
    if name == STDOUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _refused(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast("BinaryIO", file)
        Path(beside).replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(FileNotFoundError):
            Path(beside).unlink()


def _refused(path: Path, error: OSError) -> FatalError:
    reason = (error.strerror or "unknown").lower()
    return FatalError(f"{path} cannot be written: {reason}", hint="name another place")
