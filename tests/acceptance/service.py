"""The daemon as a process of its own, and people who type commands beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.acceptance.place import Ended, Place

PATIENCE = 1200
"""Looks, of a twentieth of a second each, after which what is waited for does not come."""
AWAY = (
    sys.executable,
    "-c",
    "import sys\n"
    "from syncd.control import asking\n"
    "asking.is_anothers = lambda _: True\n"  # else only another user's commands are handed over
    "from syncd.cli import main\n"
    "sys.exit(main())",
)


class Service:
    """The daemon of a place."""

    def __init__(self, place: Place, log: Path, **who: Any) -> None:
        """Start it; `who` is what `Popen` takes to start it as another user."""
        self.place = place
        self._log = log
        self._who = who
        self.start()

    def start(self) -> None:
        """Start it, with a log of its own."""
        with self._log.open("wb") as err:
            self.process = subprocess.Popen(
                self.place.typed("run", "--config", str(self.place.file)),
                cwd="/",
                env=self.place.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
                **self._who,
            )

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every line that it has logged in full."""
        lines = self._log.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def until(self, event: str, count: int = 1) -> dict[str, Any]:
        """Wait for the daemon to log something; return the line."""
        for _ in range(PATIENCE):
            found = [it for it in self.log if it["event"] == event]
            if len(found) >= count:
                return found[count - 1]
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError((self.process.wait(0.05), self._log.read_text(encoding="utf-8")))
        raise AssertionError(self.log)

    def away(self, *typed: str) -> list[str]:
        """Return the command line of somebody whose commands are handed over, though they are the daemon's user."""
        return [*AWAY, *typed]

    def run(self, *typed: str, given: str = "", **environ: str) -> Ended:
        """Have the daemon run a command, to its end."""
        ended = subprocess.run(
            self.away(*typed),
            cwd=self.place.folder,
            env={**self.place.environment, **environ},
            input=given.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def stop(self) -> int:
        """Stop it as systemd does; return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
