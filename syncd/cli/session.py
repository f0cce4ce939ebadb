"""What every command is given, and the options that every command has.

A command is a function of a `Session` that returns its exit code. `command` adds `--config`, `--json` and `--verbose`
to its signature; they may stand before the command's name as well (`syncd --config FILE status`).
"""

from __future__ import annotations

import inspect
import logging
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer

from syncd.cli import handing
from syncd.cli.options import Config, Json, Verbose
from syncd.cli.screen import Screen, error_screen

if TYPE_CHECKING:
    from syncd.clock import SystemClock
    from syncd.config import Settings


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
        return logging.DEBUG if self.verbose else usual

    def settings(self, *, offline: bool = False) -> Settings:
        """Read the settings, and log as they say.

        Raises:
            ConfigError: There are none, or something in them is wrong.
        """
        from syncd import log  # noqa: PLC0415
        from syncd.wiring import read_settings  # noqa: PLC0415

        log.configure("auto", self.log_level(logging.CRITICAL))
        settings = read_settings(self.config, offline=offline)
        log.configure(settings.syncd.log_format, self.log_level(logging.CRITICAL))
        return settings

    def ask(self, question: str) -> bool:
        """Ask for yes or no on the terminal; no is the answer of who says nothing."""
        return self.answer(f"{question} [y/N] ").lower() in {"y", "yes"}

    def answer(self, prompt: str) -> str:
        """Show a prompt on the terminal, and return what is typed.

        Raises:
            KeyboardInterrupt: The terminal was closed.
        """
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


def command(act: Callable[..., int]) -> Callable[..., int]:
    """Turn a function of a `Session` (and options of its own) into one that typer can call."""
    signature = inspect.signature(act, eval_str=True)
    own = list(signature.parameters.values())[1:]

    def called(**given: Any) -> int:
        context: typer.Context = given.pop("context")
        before: Session = context.obj or Session()
        config = given.pop("config") or before.config
        json, verbose = given.pop("json") or before.json, given.pop("verbose") or before.verbose
        name = context.command_path.partition(" ")[2]
        code = handing.elsewhere(config, name, given)
        if code is not None:
            raise SystemExit(code)  # all was said over there
        session = Session(handing.held_to(name, given) or config, json=json, verbose=verbose)
        return act(session, **given)

    common = inspect.signature(_common).parameters
    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what typer reads instead of **given
        [
            inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *common.values(),
        ]
    )
    called.__name__ = act.__name__
    called.__doc__ = "\n\n".join(" ".join(part.split()) for part in (act.__doc__ or "").split("\n\n"))
    called.__annotations__ = {}
    return called


def _common(*, config: Config = None, json: Json = False, verbose: Verbose = False) -> None:
    """Only its signature matters."""


_common.__signature__ = inspect.signature(_common, eval_str=True)  # type: ignore[attr-defined]  # evaluated once
