"""Logs: an event's name and its fields. Readable on a terminal, JSON elsewhere; always on standard error.

Levels say what is wanted of the reader: `info` nothing (one line a cycle while all is well), `warning` that something
was kept, held or refused and syncd goes on, `error` that a person is needed. docs/operations.md has every event. Where
the journal reads standard error, each line begins with its priority (`<4>`; sd-daemon(3)).

Fields never hold an address, a name, a phone number or a secret; a subject is logged as a short fingerprint
(`subject_of`), which `syncd history` can be asked for.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from syncd.errors import SyncdError

Format = Literal["auto", "json", "text"]
_FIRST = ("timestamp", "level", "event", "run", "work", "store", "target", "segment")
_PRIORITIES = {"critical": 2, "error": 3, "exception": 3, "warning": 4, "info": 6, "debug": 7}


def configure(form: Format, level: int = logging.WARNING) -> None:
    """Set up logging for this process, before anything is logged.

    `level` is one of `logging`'s: commands log errors alone, for they tell on the screen what the daemon has to log.
    """
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _with_frames,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _in_order,
            renderer,
            *([_with_priority] if _read_by_the_journal() else []),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _read_by_the_journal() -> bool:
    """Whether standard error leads to the journal: `$JOURNAL_STREAM` names its device and inode."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _in_order(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put first what tells one line from another."""
    return {**{key: event[key] for key in _FIRST if key in event}, **event}


def _with_priority(_logger: object, method: str, line: Any) -> str:
    """Begin each line with its priority, as syslog counts them."""
    mark = f"<{_PRIORITIES.get(method, 6)}>"
    return mark + str(line).replace("\n", f"\n{mark}")


def get() -> structlog.typing.FilteringBoundLogger:
    """Return the logger. Bind what a whole stage shares (`run`, `store`, `target`) by `structlog.contextvars`."""
    return structlog.get_logger("syncd")  # type: ignore[no-any-return]


def subject_of(subject: str) -> str:
    """Return eight hex digits that tell subjects apart in a log without telling who they are."""
    return hashlib.blake2s(subject.encode(), digest_size=4).hexdigest()


def frames(error: BaseException) -> str:
    """Return where an error came from: what raised it, line by line, and never a value.

    The words of errors that are not ours may repeat what was being worked on (an address, a token), and so may local
    variables: neither is told.
    """
    told: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        words = f": {at.message}" if isinstance(at, SyncdError) else ""
        told.append(f"{type(at).__module__}.{type(at).__qualname__}{words}")
        told += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
            for frame in traceback.extract_tb(at.__traceback__)
        ]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(told)


def _with_frames(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take the place of the usual traceback, which shows local variables."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = frames(error)
    return event
