"""Somebody at the socket, from the first word to the exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence

from syncd import log
from syncd.control.wire import Asked, Ended, Refused, encode

_GRACE = 5.0
"""Seconds that a command has to end by itself once it has to."""
_SILENCE = 5.0
"""Seconds within which a caller must say what they want."""
_NOBODY = 65_534
"""The user that a service with `PrivateUsers=` sees in everybody but itself and root."""


class Caller:
    """A line to somebody, and the process that acts for them.

    Attributes:
        line: To them.
        process: What acts for them; None before they said what they want.
        deadline: By the monotonic clock, when patience with them ends; None where it does not.
    """

    def __init__(self, line: socket.socket) -> None:
        """Listen to somebody who has just called."""
        line.settimeout(0.0)
        self.line = line
        self.process: subprocess.Popen[bytes] | None = None
        self.deadline: float | None = time.monotonic() + _SILENCE
        self._user = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
        self._began = 0.0
        self._command = ""

    def begin(self, asked: Asked, program: Sequence[str], environ: Mapping[str, str], given: Sequence[int]) -> int:
        """Start what they asked for, with their descriptors; return a descriptor that is readable when it has ended.

        Raises:
            OSError: The machine lets no more processes start, or no more files be opened.
        """
        process = subprocess.Popen(  # noqa: S603  # our own program; their words are not among its arguments
            program,
            stdin=given[0],
            stdout=given[1],
            stderr=given[2],
            env=environ,
            start_new_session=True,  # Ctrl-C on the terminal of a daemon that has one is not for them
        )
        try:
            ends = os.pidfd_open(process.pid)
        except OSError:
            process.kill()
            process.wait()
            raise
        self.process = process
        self._began, self._command, self.deadline = time.monotonic(), asked.command, None
        return ends

    def send(self, number: signal.Signals) -> None:
        """Pass a signal on."""
        if self.process is not None:
            self.process.send_signal(number)

    def end(self) -> None:
        """Ask the process to end: nobody waits for it, or the daemon stops."""
        if self.deadline is None:
            self.deadline = time.monotonic() + _GRACE
            self.send(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self.deadline = None
        self.send(signal.SIGKILL)

    def ended(self) -> None:
        """Tell how the process ended, which it has."""
        assert self.process is not None  # noqa: S101
        code = self.process.wait()
        code = code if code >= 0 else 128 - code
        seconds = round(time.monotonic() - self._began, 3)
        log.get().info("command_handed_over", command=self._command, code=code, seconds=seconds, **self._who())
        self._say(encode(Ended(code)))
        self.line.close()

    def refuse(self, refused: Refused) -> None:
        """Tell why nothing is done for them, and end the line."""
        if not refused.elsewhere:
            log.get().warning("command_refused", why=refused.why, **self._who())
        self._say(encode(refused))
        self.line.close()

    def _say(self, message: bytes) -> None:
        with contextlib.suppress(OSError):  # nobody is there any more, or listens
            self.line.send(message)

    def _who(self) -> dict[str, int]:
        return {} if self._user == _NOBODY else {"uid": self._user}
