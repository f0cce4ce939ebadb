"""What systemd is told: that the service is ready, what it is doing, that it is alive.

The protocol is one datagram to the socket in `$NOTIFY_SOCKET` (sd_notify(3)); without one, nothing is said.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Mapping

from syncd.clock import Clock

_PATIENCE = 5.0
"""Seconds for the service manager to take a message."""


class Notifier:
    """Speaks to the service manager, if there is one.

    Attributes:
        alive_every: Seconds within which a sign of life is wanted (half of `$WATCHDOG_USEC`); None where none is.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        clock: Clock,
        pid: int | None = None,
        also: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Find out whom to tell. `also` is told what is being done, whoever else is."""
        self._also = also
        self._address = environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._clock = clock
        meant = environ.get("WATCHDOG_PID", "")
        wanted = environ.get("WATCHDOG_USEC", "").isdigit() and meant in {"", str(pid or os.getpid())}
        self.alive_every = int(environ["WATCHDOG_USEC"]) / 2_000_000 if wanted else None
        self._alive_at: float | None = None
        self._status = ""
        self._status_at: float | None = None

    def ready(self) -> None:
        """Say that the service is up."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Say that new settings are being read; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(self._clock.monotonic() * 1_000_000)}")

    def stopping(self) -> None:
        """Say that the service is ending."""
        self._send("STOPPING=1")

    def status(self, text: str, *, at_most_each: float = 0.0) -> None:
        """Say what is being done, one line for people; not again within so many seconds."""
        now = self._clock.monotonic()
        if text == self._status or (self._status_at is not None and now - self._status_at < at_most_each):
            return
        self._status, self._status_at = text, now
        self._send(f"STATUS={text}")
        self._also(text)

    def alive(self) -> None:
        """Give a sign of life, if one is due."""
        if self.alive_every is None:
            return
        now = self._clock.monotonic()
        if self._alive_at is None or now - self._alive_at >= self.alive_every / 2:
            self._alive_at = now
            self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(_PATIENCE)  # a manager that does not read fills its socket
            out.sendto(message.encode(), self._address)
