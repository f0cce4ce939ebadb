"""The command line: one small file a command, and the one place where errors end.

Nothing heavy is imported before a command runs, so that help and shell completion answer at once.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from syncd.cli import failing, handing
from syncd.cli.screen import Screen, error_screen

_COMPLETING = "_SYNCD_COMPLETE"
"""Set where the shell asks what a word could be."""

_AGAIN = 3.0
"""Seconds after which a request to stop that had no effect is made again."""

_AT_ONCE = 0.05
"""The same, in seconds, where it is known to have had none."""


def main() -> int:
    """Run one command and return its exit code. Whatever happens, it is told in words, not in a traceback."""
    for asked in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(asked, _stop)
    sys.unraisablehook = _lost
    _keep_private()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files here
    try:
        code = _run(handing.typed())
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end: let it flush into nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = failing.UNREAD
    except KeyboardInterrupt:
        code = _interrupted()
    except SystemExit as end:
        code = _ended(end)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(ending, signal.SIG_IGN)  # nothing is left to interrupt, and the code should stand
    return code


def _keep_private() -> None:
    """Let no file that this process makes be read by others, nor its memory be written out if it crashes."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _run(typed: list[str]) -> int:
    """Answer at once, or let typer call the command; turn what is raised into words and a code."""
    from syncd.cli import front  # noqa: PLC0415  # here, so that Ctrl-C during the imports is caught as well

    gc.disable()  # what is answered at once is gone before it could be collected, and a tenth of its time is saved
    try:
        code = None if _COMPLETING in os.environ else front.answered(typed)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # the top: every error ends here, as words
        return _failed(error, typed, as_json="--json" in typed)
    finally:
        gc.enable()
    return _run_with_typer(typed) if code is None else code


def _run_with_typer(typed: list[str]) -> int:
    import typer  # noqa: PLC0415  # as above

    as_json = "--json" in typed
    try:
        code = _line(typed)(typed, prog_name="syncd", standalone_mode=False)
    except typer.Abort:
        return _interrupted()
    except BrokenPipeError:
        raise
    except typer.TyperException as error:
        return _misused(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001  # as above
        return _failed(error, typed, as_json=as_json)
    return _interrupted() if code == failing.INTERRUPTED else int(code or 0)


def _line(typed: list[str]) -> Callable[..., Any]:
    """Return the command line: of the one command that is named, where that is plain, else of all."""
    from syncd.cli.commands import named  # noqa: PLC0415
    from syncd.cli.line import app_of  # noqa: PLC0415

    name = None if _COMPLETING in os.environ else named(typed)
    if name is not None:
        return app_of((name,))
    from syncd.cli.app import app  # noqa: PLC0415  # loads all of them

    return app


def _failed(error: Exception, typed: list[str], *, as_json: bool) -> int:
    if {"--verbose", "--debug", "-v"} & set(typed):
        from syncd.log import frames  # noqa: PLC0415  # seldom needed

        print(frames(error), file=sys.stderr)  # noqa: T201  # as it is, whatever the screen
    if as_json:
        Screen().document(failing.document(error))
    else:
        failing.tell(error, error_screen())
    return failing.kind_and_code(error)[1]


def _misused(error: Exception, *, as_json: bool) -> int:
    """Tell what was typed wrong, as typer does, or as JSON."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    if as_json:
        Screen().document(failing.document(failing.UsageError(message, hint="type `syncd --help`")))
    elif hasattr(error, "show"):
        error.show()
    return failing.USAGE


def _ended(end: SystemExit) -> int:
    """Return the code of an end that was asked for; leave at once where a signal asked.

    Everything is settled by then, and a thread that still sits at a service would keep the process from ending.
    """
    if end.code == failing.TERMINATED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(failing.TERMINATED)
    return end.code if isinstance(end.code, int) else 0 if end.code is None else 1


def _interrupted() -> int:
    """Tell who pressed Ctrl-C how to go on; leave, where SIGTERM cut a statement of the database off."""
    if signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0):
        return _ended(SystemExit(failing.TERMINATED))
    error_screen().say("\nstopped; type the same again to go on where it stopped")
    return failing.INTERRUPTED


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End like Ctrl-C does, through all the `finally` clauses on the way.

    An exception that is raised while Python clears something away is lost: so it comes again, until the end is near.
    """
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    raise SystemExit(failing.TERMINATED)


def _lost(unraisable: sys.UnraisableHookArgs) -> None:
    """Ask for the end again where the exception that asked for it came while Python cleared something away."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        signal.signal(signal.SIGALRM, _interrupt)
    elif not isinstance(unraisable.exc_value, SystemExit):
        sys.__unraisablehook__(unraisable)
        return
    signal.setitimer(signal.ITIMER_REAL, _AT_ONCE)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does, which was pressed before."""
    signal.signal(signal.SIGALRM, _stop)
    raise KeyboardInterrupt
