"""What is wrong with a rule: where, why, and what was probably meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import msgspec

from syncd.errors import SyncdError

_WINDOW = 100
"""Most columns of a line that `show` prints: a query of a megabyte must not fill the screen."""


class RuleProblem(msgspec.Struct, frozen=True, order=True):
    """One thing wrong in a query.

    Attributes:
        line: From 1.
        column: From 1, in characters.
        message: What is wrong, one sentence.
        suggestion: The likely mend, one sentence or empty.
        length: How many characters of the line it is about.
        remote: True where the clause is right, but only the store itself can answer it.
    """

    line: int
    column: int
    message: str
    suggestion: str = ""
    length: int = 1
    remote: bool = False

    def __str__(self) -> str:
        """Return the place, the sentence and the likely mend in one line."""
        text = f"line {self.line} column {self.column}: {self.message}"
        return f"{text}; {self.suggestion}" if self.suggestion else text


class RuleError(SyncdError):
    """A query is no rule. Carries every problem that could be found at once.

    Attributes:
        problems: In the order of the text.
        text: The query.
    """

    def __init__(self, problems: Sequence[RuleProblem], text: str) -> None:
        """Sort the problems and keep each once."""
        self.problems = tuple(sorted(set(problems)))
        self.text = text
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def remote(self) -> bool:
        """Whether nothing is wrong but that some clauses can only be answered by the store itself."""
        return all(problem.remote for problem in self.problems)

    def show(self) -> str:
        """Return each problem with its line of the query and a caret under the place, for a terminal."""
        lines = self.text.split("\n")
        return "\n".join(_shown(problem, lines[problem.line - 1]) for problem in self.problems)


def _shown(problem: RuleProblem, line: str) -> str:
    start = max(0, problem.column - 1 - _WINDOW // 2)
    before = _printable(line[start : problem.column - 1])
    rest = _printable(line[problem.column - 1 : start + _WINDOW])
    lead = "…" if start else ""
    tail = "…" if len(line) > start + _WINDOW else ""
    caret = " " * _width(lead + before) + "^" * max(1, _width(rest[: problem.length]))
    return f"{problem}\n    {lead}{before}{rest}{tail}\n    {caret}"


def _printable(text: str) -> str:
    """Put a space for what a terminal would act upon, so that the caret stays below its character."""
    return "".join(" " if unicodedata.category(character).startswith("C") else character for character in text)


def _width(text: str) -> int:
    """Return how many columns a terminal gives the text: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
