"""The daemon's side: a small thread that accepts, starts processes and waits for them, and does nothing else.

It never touches the mirror: what a command reads and writes it does as its own process, under the same locks as one
that was typed by the daemon's user. One thread waits for everything at once, so there is nothing to lock here.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

from syncd import log
from syncd.control import HANDED
from syncd.control.caller import Caller
from syncd.control.lines import listener, received
from syncd.control.wire import (
    DESCRIPTORS,
    ENVIRONMENT,
    INTERRUPT,
    TERMINATE,
    Asked,
    Refused,
    asked,
    of_a_terminal,
)
from syncd.errors import FatalError

PROGRAM = (sys.executable, "-P", "-m", "syncd.cli")
AT_ONCE = 8
"""Commands that run at the same time; who comes then is told to try again."""
_LINES = 4 * AT_ONCE
"""Lines that are open at the same time; who comes then is not listened to."""
_PRIVATE = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
"""What systemd says to the daemon alone."""
_BUSY = Refused(f"the daemon is already running {AT_ONCE} commands for others", "try again in a moment")
_SIGNALS = {INTERRUPT: signal.SIGINT, TERMINATE: signal.SIGTERM}
_NONSENSE = Refused("the daemon does not understand what was asked", "use the syncd of the same version")


class Serving:
    """Answers callers at a socket, from `start` to `close`."""

    def __init__(
        self,
        path: Path,
        settings: Path,
        environ: Mapping[str, str],
        *,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Be ready to answer.

        Args:
            path: Where the socket is made.
            settings: The file that the daemon follows; every command uses it, whichever the caller has.
            environ: What the processes get, with the caller's terminal put in.
            program: What is run.
        """
        self._path = path
        self._settings = os.path.realpath(settings)
        self._environ = {k: v for k, v in environ.items() if k not in _PRIVATE | ENVIRONMENT}
        self._program = program
        self._callers: set[Caller] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="control")

    def start(self) -> None:
        """Make the socket and answer from now on.

        Raises:
            FatalError: Another daemon listens there.
            OSError: It cannot be made.
        """
        self._listener = listener(self._path)
        self._bell, self._rung = socket.socketpair()
        self._watch = selectors.DefaultSelector()
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more, and end what runs; returns when all have ended."""
        with suppress(OSError):  # it has ended by itself, and said why
            self._bell.send(b"!")
        self._thread.join()

    def _serve(self) -> None:
        try:
            with self._watch, self._rung, self._bell, self._listener:
                self._answer()
        except Exception as odd:  # noqa: BLE001  # the daemon goes on without its socket
            log.get().error("control_failed", exc_info=odd)

    def _answer(self) -> None:
        self._watch.register(self._listener, selectors.EVENT_READ, self._accept)
        self._watch.register(self._rung, selectors.EVENT_READ, self._stop)
        while self._callers or not self._stopping:
            for key, _ in self._watch.select(self._until_a_deadline()):
                if self._watch.get_map().get(key.fd) is key:  # else what came before it has settled it
                    key.data()
            self._lose_patience()

    def _accept(self) -> None:
        with suppress(OSError):  # who called is gone already
            line, _ = self._listener.accept()
            if len(self._callers) >= _LINES:
                line.close()
                return
            caller = Caller(line)
            self._callers.add(caller)
            self._watch.register(line, selectors.EVENT_READ, partial(self._hear, caller))

    def _stop(self) -> None:
        self._stopping = True
        with suppress(OSError):
            self._path.unlink()
        for watched in (self._rung, self._listener):
            self._watch.unregister(watched)
        for caller in list(self._callers):
            if caller.process is None:
                self._forget(caller)
            else:
                caller.end()

    def _hear(self, caller: Caller) -> None:
        message, given, whole = received(caller.line)
        try:
            if caller.process is None:
                self._listen(caller, message, given, whole=whole)
            elif message in {INTERRUPT, TERMINATE}:
                caller.send(_SIGNALS[message])
            else:  # gone, or out of their mind
                self._watch.unregister(caller.line)
                caller.end()
        finally:
            for descriptor in given:
                os.close(descriptor)

    def _listen(self, caller: Caller, message: bytes, given: Sequence[int], *, whole: bool) -> None:
        if not message:
            self._forget(caller)
            return
        wanted = asked(message) if whole and len(given) == DESCRIPTORS else None
        refused = self._refused(wanted)
        if wanted is None or refused is not None:
            self._refuse(caller, refused or _NONSENSE)
            return
        try:
            ends = caller.begin(wanted, self._program, self._environment(wanted), given)
        except OSError:
            self._refuse(caller, Refused("the machine lets the daemon start no more processes", "try again later"))
            return
        self._watch.register(ends, selectors.EVENT_READ, partial(self._ended, caller, ends))

    def _refused(self, wanted: Asked | None) -> Refused | None:
        if wanted is None:
            return _NONSENSE
        if wanted.settings != self._settings:
            return Refused("the daemon follows another settings file", elsewhere=True)
        return _BUSY if sum(it.process is not None for it in self._callers) >= AT_ONCE else None

    def _environment(self, wanted: Asked) -> dict[str, str]:
        return {
            **self._environ,
            **of_a_terminal(wanted.environ),
            "SYNCD_CONFIG": self._settings,
            HANDED: msgspec.json.encode((wanted.command, wanted.typed)).decode(),
        }

    def _ended(self, caller: Caller, ends: int) -> None:
        self._watch.unregister(ends)
        os.close(ends)
        self._unwatch(caller)
        caller.ended()

    def _refuse(self, caller: Caller, why: Refused) -> None:
        self._unwatch(caller)
        caller.refuse(why)

    def _forget(self, caller: Caller) -> None:
        self._unwatch(caller)
        caller.line.close()

    def _unwatch(self, caller: Caller) -> None:
        self._callers.discard(caller)
        with suppress(KeyError):  # they hung up before
            self._watch.unregister(caller.line)

    def _until_a_deadline(self) -> float | None:
        deadlines = [it.deadline for it in self._callers if it.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _lose_patience(self) -> None:
        now = time.monotonic()
        for caller in [it for it in self._callers if it.deadline is not None and it.deadline <= now]:
            if caller.process is None:
                self._forget(caller)
            else:
                caller.kill()


@contextmanager
def serving(path: Path | None, settings: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Answer callers at a socket for as long as something lasts; nobody where there is no place for one.

    A socket that cannot be made is told in the log: the daemon does its work without.
    """
    if path is None:
        yield
        return
    server = Serving(path, settings, environ)
    try:
        server.start()
    except (OSError, FatalError) as error:
        why = error.message if isinstance(error, FatalError) else (error.strerror or str(error)).lower()
        log.get().error("control_not_opened", path=str(path), why=why)
        yield
        return
    try:
        yield
    finally:
        server.close()
