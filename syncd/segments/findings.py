"""What checking a query brings to light beside its tree: problems, notes, warnings."""

from __future__ import annotations

from lark import Token

from syncd.segments.problems import RuleProblem
from syncd.segments.syntax import problem


class Findings:
    """Collects, in the order found.

    Attributes:
        problems: What makes it no rule.
        notes: Why Shopify could not hold it.
        warnings: What is right and yet perhaps not meant.
    """

    def __init__(self) -> None:
        """Start with nothing found."""
        self.problems: list[RuleProblem] = []
        self.notes: dict[str, None] = {}
        self.warnings: dict[str, None] = {}

    def wrong(self, token: Token, message: str, suggestion: str = "", *, remote: bool = False) -> None:
        """Note a problem at a token's place."""
        self.problems.append(problem(token, message, suggestion, remote=remote))

    def note(self, why: str) -> None:
        """Note, once, why Shopify could not hold the rule."""
        self.notes[why] = None

    def warn(self, what: str) -> None:
        """Note, once, what is perhaps not meant."""
        self.warnings[what] = None
