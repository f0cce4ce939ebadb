"""From an error to words, to a JSON document, and to an exit code. Here, and nowhere else.

0 done · 1 done in part or failed · 2 settings or usage · 3 held for approval · 4 credentials or connection ·
130 stopped by Ctrl-C · 143 stopped by SIGTERM · 141 nobody reads the output any more
"""

from __future__ import annotations

from typing import Any

from syncd.cli.screen import Screen
from syncd.errors import ConfigError, CredentialsError, Problem, RetriableError, SyncdError, UnsafePlanError

DONE = 0
PARTLY = 1
USAGE = 2
HELD = 3
ACCESS = 4
INTERRUPTED = 130
UNREAD = 141
TERMINATED = 143

_KINDS: tuple[tuple[type[SyncdError], str, int], ...] = (
    (ConfigError, "settings", USAGE),
    (CredentialsError, "credentials", ACCESS),
    (RetriableError, "connection", ACCESS),
    (UnsafePlanError, "held", HELD),
    (SyncdError, "failed", PARTLY),
)


class UsageError(SyncdError):
    """What was typed names something that is not there."""


def kind_and_code(error: Exception) -> tuple[str, int]:
    """Return what sort of error it is, in one word, and the exit code."""
    if isinstance(error, UsageError):
        return "usage", USAGE
    return next(((kind, code) for of, kind, code in _KINDS if isinstance(error, of)), ("unexpected", PARTLY))


def document(error: Exception) -> dict[str, Any]:
    """Return an error as `--json` prints it."""
    kind, code = kind_and_code(error)
    told: dict[str, Any] = {"kind": kind, "exit": code, "message": _message(error), "hint": _hint(error)}
    if isinstance(error, ConfigError):
        told["problems"] = [
            {"file": it.file, "line": it.line, "key": it.key, "message": it.message, "fix": it.fix}
            for it in error.problems
        ]
    return {"error": told}


def tell(error: Exception, screen: Screen) -> None:
    """Say what went wrong, and what to do about it."""
    if isinstance(error, ConfigError):
        for problem in error.problems:
            tell_problem(problem, screen, "red")
        return
    screen.say(f"syncd: {_message(error)}", "red")
    if hint := _hint(error):
        screen.say(f"  {hint}")


def tell_problem(problem: Problem, screen: Screen, style: str) -> None:
    """Say what is wrong in the settings, where, and the likely mend."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    first, *picture = problem.message.split("\n")
    screen.say(": ".join(part for part in (place, problem.key, first) if part), style)
    for line in picture:
        screen.say(line)
    if problem.fix:
        screen.say(f"    {problem.fix}")


def _message(error: Exception) -> str:
    if isinstance(error, SyncdError):
        return error.message
    return f"something unforeseen went wrong ({type(error).__name__})"


def _hint(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return "type `syncd check --offline` once it is mended"
    if isinstance(error, SyncdError):
        return error.hint
    return "type the same again with --verbose to see where, and please report it"
