"""What is said over the socket: one message asks, one answers; each is one packet (`SOCK_SEQPACKET`).

    caller → daemon     Asked, with the descriptors 0, 1 and 2; later INTERRUPT or TERMINATE, any number of times
    daemon → caller     Ended or Refused, then the line is closed

A line that the caller closes ends the command.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping

import msgspec

COMMANDS = frozenset(
    "alerts approve audit backup check explain export forget history import-segments members plan remember runs "
    "segments show status sync undo verify".split()
)
"""What can be handed over: what is about the mirror. `report` is a family, and belongs to it."""
REPORT = "report"
ENVIRONMENT = frozenset("TERM COLORTERM NO_COLOR FORCE_COLOR COLUMNS LINES LANG LC_ALL LC_CTYPE LC_MESSAGES".split())
"""What of a caller's environment reaches the command: how their terminal looks, and nothing else."""
INTERRUPT = b"interrupt"
TERMINATE = b"terminate"
LIMIT = 65_536
"""Bytes of the longest message."""
DESCRIPTORS = 3
_LONGEST_VALUE = 200
"""Characters of the longest value of the environment."""


class Asked(msgspec.Struct, frozen=True, tag="ask", forbid_unknown_fields=True):
    """A command to be run.

    Attributes:
        settings: The settings file that the caller means, as its real path.
        command: What the caller takes it for, like `status` or `report leaderboard`; for the log.
        typed: All its words as they were typed.
        environ: Of `ENVIRONMENT`, what the caller has.
    """

    settings: str
    command: str
    typed: tuple[str, ...]
    environ: dict[str, str]


class Ended(msgspec.Struct, frozen=True, tag="end", forbid_unknown_fields=True):
    """A command that ended, and its exit code."""

    code: int


class Refused(msgspec.Struct, frozen=True, tag="refuse", forbid_unknown_fields=True):
    """A command that was not run, in words.

    Attributes:
        elsewhere: Whether that is because the daemon follows another settings file.
    """

    why: str
    hint: str = ""
    elsewhere: bool = False


def encode(message: Asked | Ended | Refused) -> bytes:
    """Return a message as it is sent."""
    return msgspec.json.encode(message)


def asked(message: bytes) -> Asked | None:
    """Read what a caller wants; None where it is nothing that can be wanted."""
    try:
        found = msgspec.json.decode(message, type=Asked)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if can_be_handed_over(found.command) else None


def answer(message: bytes) -> Ended | Refused | None:
    """Read what the daemon says; None where it is nothing that a daemon says."""
    try:
        return msgspec.json.decode(message, type=Ended | Refused)
    except (msgspec.MsgspecError, ValueError):
        return None


def can_be_handed_over(command: str) -> bool:
    """Whether a command is one for the daemon."""
    family, _, name = command.partition(" ")
    return command in COMMANDS or (family == REPORT and name.isalpha() and name.isascii() and len(name) < 20)


def of_a_terminal(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment may be passed on, in short and printable words."""
    return {
        name: value
        for name in sorted(ENVIRONMENT & environ.keys())
        if len(value := environ[name]) <= _LONGEST_VALUE and value.isascii() and value.isprintable()
    }


def new_line() -> socket.socket:
    """Return a socket of the kind that both ends speak."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
