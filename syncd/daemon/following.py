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

    def __init__(self, read: Callable[[], Settings]) -> None:
        """Read the settings for the first time.

        Raises:
            ConfigError: They are wrong: there is nothing to go on with.
        """
        self._read = read
        self.settings = read()
        self.trouble: ConfigError | None = None
        self._seen = self._stamp()

    def changed(self) -> bool:
        """Tell whether the file is another one than when it was last read."""
        return self._stamp() != self._seen

    def take_over(self) -> bool:
        """Read the settings again; tell whether others are in force now. Wrong ones leave the old in force."""
        self._seen = self._stamp()
        try:
            settings = self._read()
        except ConfigError as error:
            self.trouble = error
            return False
        before, self.settings, self.trouble = self.settings, settings, None
        self._seen = self._stamp()
        return settings != before

    def _stamp(self) -> Stamp | None:
        return _stamp(self.settings.path)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
