"""Adding to the settings file: the whole file is written anew beside it, read, and only then put in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from syncd.errors import ConfigError, FatalError


def append(path: Path, text: str, check: Callable[[Path], object]) -> None:
    """Add a text at the end of a settings file; at every moment the file is whole, the old one or the new.

    Args:
        path: The file; a link stays one.
        text: What is added, after an empty line.
        check: Called with the new file before it takes the old one's place.

    Raises:
        FatalError: The new file would not load, or cannot be written; the old one is left as it is.
    """
    real = path.resolve()
    try:
        before = real.read_bytes()
        handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".toml", dir=real.parent)
    except OSError as error:
        raise _unwritten(path, error) from error
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(before.rstrip() + b"\n\n" + text.encode())
            file.flush()
            os.fsync(file.fileno())
        _like(real, made)
        check(made)
        if real.read_bytes() != before:
            raise FatalError(f"{path} was changed meanwhile; it is left as it is", hint="type the same again")
        made.replace(real)
    except ConfigError as error:
        reasons = "; ".join(f"{problem.key}: {problem.message.partition(chr(10))[0]}" for problem in error.problems[:3])
        raise FatalError(
            f"with the segments added, {path} would not load ({reasons}); it is left as it is",
            hint="leave --append out, and paste what is printed where it fits",
        ) from error
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        made.unlink(missing_ok=True)


def _like(old: Path, new: Path) -> None:
    """Give the new file the old one's mode and, where we may, its owner."""
    shutil.copymode(old, new)
    status = old.stat()
    with contextlib.suppress(PermissionError):
        os.chown(new, status.st_uid, status.st_gid)


def _unwritten(path: Path, error: OSError) -> FatalError:
    return FatalError(f"{path} cannot be written: {(error.strerror or 'unknown').lower()}", hint="leave --append out")
