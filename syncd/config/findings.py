"""What is found wrong while the settings are read: gathered whole, placed in the file at the end."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from syncd.config.keys import KeyPath, dotted
from syncd.errors import Problem

if TYPE_CHECKING:
    from syncd.config.positions import Positions


class Finding(NamedTuple):
    """One thing wrong, before it is known on which line it stands.

    Attributes:
        path: The keys from the top of the file down.
        offset: Where in the key's text it is, for a query; None for the key itself.
    """

    path: KeyPath
    message: str
    fix: str = ""
    offset: int | None = None


class Findings:
    """All that was found so far in one file: what keeps syncd from starting, and what is only worth a warning."""

    def __init__(self, file: str, text: str) -> None:
        """Start with nothing found."""
        self.file = file
        self.text = text
        self.wrong: list[Finding] = []
        self.doubtful: list[Finding] = []

    def add(self, path: KeyPath, message: str, fix: str = "", *, offset: int | None = None) -> None:
        """Keep something that is wrong."""
        self.wrong.append(Finding(path, message, fix, offset))

    def warn(self, path: KeyPath, message: str, fix: str = "") -> None:
        """Keep something that works and should not stay."""
        self.doubtful.append(Finding(path, message, fix))

    def problems(self) -> list[Problem]:
        """Return what is wrong, in the order of the file, each thing once."""
        return self._placed(self.wrong)

    def warnings(self) -> tuple[Problem, ...]:
        """Return what should not stay, in the order of the file."""
        return tuple(self._placed(self.doubtful))

    def _placed(self, findings: list[Finding]) -> list[Problem]:
        if not findings:
            return []
        from syncd.config.positions import Positions  # noqa: PLC0415  # a file without problems never needs a second reading

        positions = Positions(self.text)
        return sorted(
            {
                Problem(self.file, _line(positions, found), dotted(found.path), found.message, found.fix)
                for found in findings
            }
        )


def _line(positions: Positions, found: Finding) -> int:
    if found.offset is None:
        return positions.line(found.path)
    return positions.line_within(found.path, found.offset)


def nearest(word: object, words: Iterable[str], *, few: int = 12) -> str:
    """Return `did you mean …?` with the word most like this one, else all of them where they are `few` or less."""
    known = {each.lower(): each for each in sorted(words)}
    close = get_close_matches(str(word).lower(), known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {known[close[0]]}?"
    if not known or len(known) > few:
        return ""
    return f"there are {', '.join(known.values())}" if len(known) > 1 else f"there is only {next(iter(known.values()))}"
