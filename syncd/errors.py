"""Errors, grouped by what happens next.

Every message is a sentence for the person who reads it at night: what happened, where, and what to type next. It
never holds an address, a name, a phone number or a secret.
"""

from __future__ import annotations

from dataclasses import dataclass


class SyncdError(Exception):
    """Anything that syncd itself knows how to tell a user."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the sentence that says what happened and, apart, the one that says what to do next."""
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in the settings.

    Attributes:
        file: The path of the file, as the user gave it.
        line: The line, from 1; 0 where the problem has no line (a missing file, say).
        key: The dotted key path (`segments.vip.query`), empty where there is none.
        message: What is wrong, one sentence.
        fix: The likely mend, one sentence or empty.
    """

    file: str
    line: int
    key: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        """Return `file:line: key: what is wrong. Likely fix.` in one line (a query's caret follows on its own)."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = ": ".join(part for part in (place, self.key, self.message) if part)
        return f"{text}\n    {self.fix}" if self.fix else text


class ConfigError(SyncdError):
    """Do not start: the settings are wrong. Carries every problem at once, never only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep all problems, in the order of the file."""
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RetriableError(SyncdError):
    """The service could not answer now; the same call may succeed later.

    Attributes:
        retry_after: Seconds the service asked to wait, None where it did not say.
        unknown_fate: True where a write may have been applied although no answer came.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, unknown_fate: bool = False, hint: str = ""
    ) -> None:
        """Keep the service's own pace and whether the call may have been applied."""
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        self.unknown_fate = unknown_fate


class SkippableError(SyncdError):
    """One subject cannot be handled; the rest goes on."""


class FatalError(SyncdError):
    """This connector's part of the cycle ends; the other stores and audiences go on."""


class MirrorError(FatalError):
    """The file of the mirror cannot be read or written: nothing goes on before a person has looked."""


class CredentialsError(FatalError):
    """The service does not accept the key, or the key lacks what is needed."""


class UnsafePlanError(SyncdError):
    """Apply nothing: a person has to look first."""
