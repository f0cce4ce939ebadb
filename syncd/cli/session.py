"""What every command is given: a command is a function of a `Session` that returns its exit code."""

from __future__ import annotations

import signal
import sys
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING

from syncd.cli.screen import Screen, error_screen

if TYPE_CHECKING:
    from syncd.clock import SystemClock
    from syncd.config import Settings

_EVERYTHING, _DISASTERS = 10, 50
"""Levels of the log, as `logging` has them, which takes longer to load than some commands run."""


class Session:
    """One call of one command: its common options, the clock, the screen.

    Attributes:
        config: The file that was named, if one was.
        json: Whether one JSON document is wanted instead of words.
        verbose: Whether to log everything.
        screen: For results.
        aside: For everything else, on standard error.
    """

    def __init__(self, config: str | None = None, *, json: bool = False, verbose: bool = False) -> None:
        """Take the common options."""
        self.config = config
        self.json = json
        self.verbose = verbose
        self.screen = Screen()
        self.aside = error_screen()

    @cached_property
    def clock(self) -> SystemClock:
        """The clock: the machine's, or the one that `SYNCD_NOW` starts.

        Raises:
            ConfigError: `SYNCD_NOW` is no instant.
        """
        from syncd.clock import system_clock  # noqa: PLC0415  # commands import what they need, so that help is quick

        clock = system_clock()
        _wake_when_stopped(clock)
        return clock

    @property
    def attended(self) -> bool:
        """Whether there is somebody to ask."""
        return not self.json and sys.stdin.isatty() and sys.stderr.isatty()

    def log_level(self, usual: int) -> int:
        """Return from which level on to log: everything where that was asked for."""
        return _EVERYTHING if self.verbose else usual

    def settings(self, *, offline: bool = False) -> Settings:
        """Read the settings, and log as they say.

        Raises:
            ConfigError: There are none, or something in them is wrong.
        """
        from syncd import log  # noqa: PLC0415
        from syncd.wiring import read_settings  # noqa: PLC0415

        log.configure("auto", self.log_level(_DISASTERS))
        settings = read_settings(self.config, offline=offline)
        log.configure(settings.syncd.log_format, self.log_level(_DISASTERS))
        return settings

    def ask(self, question: str) -> bool:
        """Ask for yes or no on the terminal; no is the answer of who says nothing."""
        return self.answer(f"{question} [y/N] ").lower() in {"y", "yes"}

    def answer(self, prompt: str) -> str:
        """Show a prompt on the terminal, and return what is typed.

        Raises:
            KeyboardInterrupt: The terminal was closed.
        """
        import shutil  # noqa: PLC0415  # only who is asked pays for it
        import textwrap  # noqa: PLC0415

        width = shutil.get_terminal_size().columns - 2
        text = textwrap.fill(prompt, width, drop_whitespace=True) + " "
        print(text, end="", file=sys.stderr, flush=True)  # noqa: T201  # a question has no line end
        typed = sys.stdin.readline()
        if not typed:
            raise KeyboardInterrupt
        return typed.strip()


def _wake_when_stopped(clock: SystemClock) -> None:
    """Let a signal that ends the process end every wait as well.

    Threads that sit out a pause between two tries would keep the process from ending for as long.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        end = signal.getsignal(number)

        def stop(sent: int, frame: FrameType | None, end: object = end) -> None:
            clock.wake()
            if callable(end):
                end(sent, frame)

        if callable(end):
            signal.signal(number, stop)
