"""The settings as they are in force: read again on request or when a file changed, and only taken over when right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from syncd.config import Settings
from syncd.errors import ConfigError

Stamp = tuple[int, int, int]


class Following:
    """Follows a settings file. What the exclusion list is read from is looked at by each cycle itself.

    Attributes:
        settings: Those in force.
        trouble: What is wrong with the file as it is now; None where it is what is in force.
    """

    def __init__(self, path: Path, read: Callable[[Path], Settings]) -> None:
        """Read the settings for the first time.

        Raises:
            ConfigError: They are wrong: there is nothing to go on with.
        """
        self._path = path
        self._read = read
        self._seen = self._noticed = _stamp(path)
        self.settings = read(path)
        self.trouble: ConfigError | None = None

    def changed(self) -> bool:
        """Tell whether the file is another one than when it was last read, and the same as at the last look.

        Half of a file that is being written may well be valid settings, with half of the segments.
        """
        now, before = _stamp(self._path), self._noticed
        self._noticed = now
        return now == before != self._seen

    def take_over(self) -> bool:
        """Read the settings again; tell whether others are in force now. Wrong ones leave the old in force."""
        self._seen = self._noticed = _stamp(self._path)  # what is written while we read is another file
        try:
            settings = self._read(self._path)
        except ConfigError as error:
            self.trouble = error
            return False
        before, self.settings, self.trouble = self.settings, settings, None
        return settings != before


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
