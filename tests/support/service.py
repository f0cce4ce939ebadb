"""A household with a daemon in it, on a clock that lets days pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from syncd.clock import Clock
from syncd.config import Settings, load
from syncd.cycle import Services
from syncd.daemon import Daemon, Following, Notifier, Observer
from syncd.daemon.agenda import Work
from syncd.daemon.daemon import Ended
from syncd.mirror.opening import open_mirror
from syncd.ports import Progress
from tests.support.household import CONNECTORS, Household

DAY = 86_400
SETTINGS = """
[limits]
first_push = "apply"
min_size = 1000

[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]

[segments.lately]
query = "customer_added_date >= -1d"
tag = "lately"
"""


class Seen(Observer):
    """Keeps what it is told of."""

    def __init__(self) -> None:
        self.turns: list[Ended] = []
        self.refused = 0
        self.taken = 0

    def ended(self, ended: Ended, services: Services | None) -> None:
        self.turns.append(ended)

    def settings_refused(self, following: Following) -> None:
        self.refused += 1

    def settings_taken(self, following: Following) -> None:
        self.taken += 1

    def works(self, work: Work) -> list[Ended]:
        return [it for it in self.turns if it.turn.work is work]


class Service:
    """A household with a daemon in it."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self.house = Household(folder, settings)
        self.house.mirror.close()
        self.clock = self.house.clock
        self.world = self.house.worlds["main"]
        self.seen = Seen()
        self.file = folder / "syncd.toml"
        self.write(self.house.settings_text)
        self.following = Following(self.file, self.read)
        self.watched(())

    def watched(self, observers: Sequence[Observer], notifier: Notifier | None = None) -> None:
        """Start the daemon anew, with observers of its own."""
        told = notifier or Notifier({}, self.clock)
        self.daemon = Daemon(self.following, self.opened, self.clock, told, [self.seen, *observers])

    def write(self, text: str) -> None:
        self.house.settings_text = text
        self.file.write_text(text)

    def read(self, path: Path) -> Settings:
        return load(path, CONNECTORS, environ={})

    @contextmanager
    def opened(self, settings: Settings, clock: Clock, progress: Callable[[Progress], None]) -> Iterator[Services]:
        mirror = open_mirror(self.house.folder / "syncd.db")
        self.house.mirror = mirror
        try:
            services = self.house.services(settings)
            yield msgspec.structs.replace(services, clock=clock, progress=progress)
        finally:
            mirror.close()

    def scheduled(self, schedule: str) -> None:
        """Let the household's accounts be looked at as often as this (`every = "1h"`)."""
        text = self.house.settings_text
        for kind in ('kind = "memory"\n', 'kind = "memory-list"\n'):
            text = text.replace(kind, f"{kind}{schedule}\n")
        self.write(text)

    def runs_for(self, seconds: int) -> None:
        self.daemon.run(until=self.clock.now() + seconds)
