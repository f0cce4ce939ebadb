"""The caller's side: hand a command over, pass signals on, and return the exit code that comes back."""

from __future__ import annotations

import grp
import os
import pwd
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from syncd.control.wire import DESCRIPTORS, INTERRUPT, LIMIT, TERMINATE, Asked, Ended, Refused, answer, encode, new_line
from syncd.errors import FatalError

_PATIENCE = 15.0
"""Seconds that a command has to end after SIGTERM, before this process ends without its answer."""


def is_anothers(path: Path) -> bool | None:
    """Whether the daemon that listens there is another user than this process; None where nothing is there.

    Raises:
        FatalError: This user may not see.
    """
    try:
        return path.stat().st_uid != os.geteuid()
    except PermissionError as error:
        raise _not_a_member(path) from error
    except OSError:
        return None


def hand_over(path: Path, asked: Asked) -> int | None:
    """Have the daemon run a command; return its exit code, or None where no daemon of these settings answers.

    Raises:
        FatalError: It may not be asked, refuses, or went away before the command ended.
    """
    with ExitStack() as opened:
        given = [_given(number, opened) for number in range(DESCRIPTORS)]  # first: the line would take a free number
        line = opened.enter_context(new_line())
        try:
            line.connect(str(path))
        except PermissionError as error:
            raise _not_a_member(path) from error
        except OSError:
            return None
        with _signals_passed_on(line):
            return _understood(_exchanged(line, encode(asked), given))


def _exchanged(line: socket.socket, message: bytes, given: list[int]) -> bytes:
    try:
        socket.send_fds(line, [message], given)
        return line.recv(LIMIT)
    except (BrokenPipeError, ConnectionResetError):
        return b""
    except OSError as error:
        raise FatalError("what was typed is too long to be handed over", hint="name less at once") from error


def _given(number: int, opened: ExitStack) -> int:
    """Return a descriptor to hand over: the process's own, or one to nowhere where it was started without."""
    try:
        os.fstat(number)
    except OSError:
        nowhere = os.open(os.devnull, os.O_RDWR)
        opened.callback(os.close, nowhere)
        return nowhere
    return number


def _understood(message: bytes) -> int | None:
    match answer(message):
        case Ended(code):
            return code
        case Refused(elsewhere=True):
            return None
        case Refused(why, hint):
            raise FatalError(why, hint=hint)
    raise FatalError(
        "the daemon went away before the command ended", hint="see why, then type it again: journalctl -u syncd"
    )


@contextmanager
def _signals_passed_on(line: socket.socket) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the command over there; what it says to them is what this process ends with."""
    interrupted = False

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt  # asked twice: not waiting any more ends the command as well
        interrupted = True
        with suppress(OSError):
            line.send(INTERRUPT)

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        with suppress(OSError):
            line.send(TERMINATE)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, old in before.items():
            signal.signal(number, old)


def nobody_answers(path: Path, owner: int) -> FatalError:
    """Return the error for a command that needs a daemon which does not answer, or to be its user."""
    return FatalError(
        f"the database belongs to {_user(owner)}, and no daemon of these settings answers ({path})",
        hint=f"start it, like: sudo systemctl start syncd; or be its owner: sudo -u {_user(owner)} syncd …",
    )


def _not_a_member(path: Path) -> FatalError:
    """Return the error for somebody who may not talk to the daemon."""
    group = _group(path.parent)
    return FatalError(
        f"only root and members of the group {group} may talk to the daemon ({path})",
        hint=f"have root make you one, and log in again: sudo usermod -aG {group} {_user(os.geteuid())}",
    )


def _group(folder: Path) -> str:
    try:
        number = folder.stat().st_gid
    except OSError:
        return "syncd"
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
