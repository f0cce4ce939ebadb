"""A daemon's socket with a program of a test's own behind it, and callers who say what they like."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.control import wire
from syncd.control.serving import Serving

PATIENCE = 20
"""Seconds after which a test is sure that what it waits for does not come."""


class Call:
    """Somebody at the socket."""

    def __init__(self, path: Path) -> None:
        self.line = wire.new_line()
        self.line.settimeout(PATIENCE)
        self.line.connect(str(path))
        self.out, self._writing = os.pipe()
        self._reading, self.keys = os.pipe()

    def ask(self, *typed: str, settings: Path, command: str = "status", **environ: str) -> Call:
        asked = wire.Asked(settings=str(settings), command=command, typed=typed, environ=environ)
        return self.send(wire.encode(asked))

    def send(self, message: bytes, descriptors: int = 3) -> Call:
        given = [self._reading, self._writing, self._writing, self._writing][:descriptors]
        if given:
            socket.send_fds(self.line, [message], given)
        else:
            self.line.send(message)
        self._close("_reading", "_writing")
        return self

    def answer(self) -> wire.Ended | wire.Refused | None:
        return wire.answer(self.line.recv(wire.LIMIT))

    def read(self, until: bytes = b"") -> str:
        """Return what was printed, up to its end or to some words."""
        found = b""
        while not until or until not in found:
            assert select.select([self.out], [], [], PATIENCE)[0]
            part = os.read(self.out, 65_536)
            if not part:
                break
            found += part
        return found.decode()

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    def hang_up(self) -> None:
        self.line.close()

    def close(self) -> None:
        self.line.close()
        self._close("_reading", "_writing", "out", "keys")

    def _close(self, *names: str) -> None:
        for name in names:
            descriptor = getattr(self, name)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self, name, -1)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return (tmp_path / "syncd.toml").resolve()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
def serve(path: Path, settings: Path) -> Iterator[Callable[..., Serving]]:
    """Return what starts a daemon's socket before a few lines of Python."""
    with contextlib.ExitStack() as stack:

        def started(program: str = "", **environ: str) -> Serving:
            words = (sys.executable, "-I", "-S", "-c", program)
            server = Serving(path, settings, environ, program=words)
            server.start()
            stack.callback(server.close)
            return server

        yield started


@pytest.fixture
def call(path: Path) -> Iterator[Callable[[], Call]]:
    """Return what calls the daemon."""
    with contextlib.ExitStack() as stack:

        def called() -> Call:
            caller = Call(path)
            stack.callback(caller.close)
            return caller

        yield called
