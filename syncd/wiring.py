"""The composition root: settings become objects here, and only here are connectors loaded.

A connector is found by its entry point (group `syncd.connectors`, the name is its `kind`) and imported when its kind
is first asked for, so that somebody else's package can bring one, and one that nobody uses costs nothing.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd import log
from syncd.clock import Clock
from syncd.config import Settings, find, load
from syncd.cycle import Services
from syncd.errors import FatalError, SyncdError
from syncd.mirror.database import EACH, Mirror, explaining
from syncd.mirror.opening import open_mirror
from syncd.mirror.presence import Presence, presence
from syncd.mirror.stores import Memo
from syncd.ports import Allowance, Audience, Connector, Host, Progress, Reach, Store

if TYPE_CHECKING:
    from syncd.daemon import Daemon


class Connectors(Mapping[str, Connector]):
    """All installed connectors by kind, each imported on first use."""

    def __init__(self) -> None:
        """Look which there are; import none."""
        self._found: dict[str, EntryPoint] = {point.name: point for point in entry_points(group="syncd.connectors")}
        self._loaded: dict[str, Connector] = {}

    def __getitem__(self, kind: str) -> Connector:
        """Import and return a connector."""
        if kind not in self._loaded:
            self._loaded[kind] = self._found[kind].load()
        return self._loaded[kind]

    def __iter__(self) -> Iterator[str]:
        """Walk the kinds."""
        return iter(sorted(self._found))

    def __len__(self) -> int:
        """Count the kinds."""
        return len(self._found)


def read_settings(option: str | None, *, offline: bool = False) -> Settings:
    """Find and load the settings.

    Raises:
        ConfigError: There are none, or something in them is wrong.
    """
    return load(find(option, os.environ, Path()), Connectors(), environ=os.environ, offline=offline)


def daemon_of_wrong_settings(option: str | None) -> int | None:
    """Return the process of the daemon whose settings file is wrong now; None where none is to be found."""
    try:
        path = find(option, os.environ, Path())
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("syncd", {})
        found = presence(path.absolute().parent / Path(table.get("database", "syncd.db")).expanduser())
    except (SyncdError, OSError, ValueError, TypeError, AttributeError, RuntimeError):  # wrong in one more way
        return None
    return found[0].pid if found is not None and found[1] else None


def sandbox() -> Any:
    """Return the simulated services.

    Raises:
        FatalError: No package brings any.
    """
    for point in entry_points(group="syncd.sandbox"):
        return point.load()
    raise FatalError("no simulated services are installed", hint="reinstall syncd: its wheel brings them along")


@contextmanager
def opened_mirror(settings: Settings) -> Iterator[Mirror]:
    """Open the mirror of some settings, and close it at the end.

    Raises:
        FatalError: It cannot be opened or written.
    """
    with explaining(settings.syncd.database), closing(open_mirror(settings.syncd.database)) as mirror:
        yield mirror


def _reached(name: str, gone: set[str]) -> Callable[[Reach, str], None]:
    """Return what logs that a store or audience cannot be reached, and that it can again: each once, in all runs."""

    def tell(reach: Reach, why: str) -> None:
        if (reach is Reach.GONE) == (name in gone):
            return
        (gone.add if reach is Reach.GONE else gone.discard)(name)
        log.get().warning(f"service_{reach}", service=name, why=why)

    return tell


def daemon(option: str | None, clock: Clock, environ: Mapping[str, str]) -> Daemon:
    """Put the daemon together.

    Raises:
        ConfigError: The settings are wrong: there is nothing to begin with.
        FatalError: Another daemon works on the same mirror.
    """
    from syncd.daemon import Alarm, Courier, Daemon, Door, Following, Metrics, Notifier, Witness  # noqa: PLC0415  # heavy

    following = Following(find(option, os.environ, Path()), lambda path: read_settings(str(path)))
    presence = Presence(following.settings.syncd.database, clock)
    witness = Witness(presence, clock)
    gone = set[str]()
    metrics = Metrics(following, gone)
    return Daemon(
        following,
        partial(opened, gone=gone),
        clock,
        Notifier(environ, clock, also=witness.doing),
        [witness, metrics, Door(following, metrics.registry), Alarm(following, presence, Courier(presence), clock)],
    )


@contextmanager
def opened(
    settings: Settings,
    clock: Clock,
    progress: Callable[[Progress], None] = lambda _: None,
    gone: set[str] | None = None,
) -> Iterator[Services]:
    """Open everything that a cycle works with; no request is sent yet.

    Args:
        settings: Whose stores and audiences.
        clock: The time.
        progress: To be told how far long work is.
        gone: The stores and audiences that could not be reached when last tried; kept up to date.

    Raises:
        FatalError: The mirror cannot be opened or written.
    """
    connectors = Connectors()
    calls: dict[str, Counter[str]] = {}
    allowances: dict[str, Allowance] = {}
    away = set[str]() if gone is None else gone
    with opened_mirror(settings) as mirror:
        mirror.raw.set_progress_handler(lambda: clock.sleep(0), EACH)  # a long statement is a sign of life, too

        def host(name: str) -> Host:
            calls[name], allowances[name] = Counter(), Allowance()
            return Host(
                clock=clock,
                memo=Memo(mirror, name),
                progress=progress,
                reach=_reached(name, away),
                calls=calls[name],
                allowance=allowances[name],
            )

        stores: dict[str, Store] = {}
        audiences: dict[str, Audience] = {}
        for name, store in settings.stores.items():
            opener: Any = connectors[store.kind]
            stores[name] = opener.open(name, store.own, host(name))
        for name, audience in settings.audiences.items():
            opener = connectors[audience.kind]
            audiences[name] = opener.open(name, audience.own, host(name))
        yield Services(
            settings=settings,
            mirror=mirror,
            clock=clock,
            stores=stores,
            audiences=audiences,
            calls=calls,
            allowances=allowances,
            progress=progress,
        )
