"""A merchant's whole house in memory: stores, mailing lists, settings, a mirror; for tests of the cycle."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict

from connectors.memory import MailingList, MemoryAudience, MemoryConnector, World, open_store
from connectors.memory.audience import LABELS
from syncd.config import Settings, load
from syncd.cycle import Options, Part, Report, Services, run_cycle
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.plan import Plan
from tests.conftest import StillClock
from tests.support.counted import hold_counts
from tests.support.twice import planned_twice


class _ListKeys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str = "first"

    @property
    def identity(self) -> str:
        return self.list


class _ListKind:
    """The kind `memory-list`: what a settings file of these tests calls an audience."""

    role: Literal["audience"] = "audience"
    settings = _ListKeys

    def open(self, name: str, settings: Any, host: Any) -> Any:
        raise AssertionError("the household opens its audiences itself")


CONNECTORS: Mapping[str, Any] = {"memory": MemoryConnector(), "memory-list": _ListKind()}


MANY = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]
"""
"""One segment, written to the store and to the list."""


@cache
def _empty_mirror() -> Path:
    """A mirror with its tables, made once and copied for each household: migrating takes a while."""
    path = Path(tempfile.mkdtemp(prefix="syncd-tests-")) / "empty.db"
    open_mirror(path).close()
    return path


class Household:
    """Worlds, lists and settings under one roof, with a way to run a cycle and to look at the truth."""

    def __init__(
        self,
        folder: Path,
        settings: str,
        *,
        clock: StillClock | None = None,
        stores: tuple[str, ...] = ("main",),
        audiences: tuple[str, ...] = ("news",),
        batch_size: int = 500,
    ) -> None:
        self.folder = folder
        self.clock = clock or StillClock()
        self.worlds = {name: World(self.clock.now) for name in stores}
        self.lists = {name: MailingList(self.clock.now) for name in audiences}
        self.calls = {name: Counter[str]() for name in (*stores, *audiences)}
        self.batch_size = batch_size
        self.settings_text = ""
        self.write(settings)
        shutil.copy(_empty_mirror(), folder / "syncd.db")
        self.mirror: Mirror = open_mirror(folder / "syncd.db")

    def write(self, settings: str) -> None:
        """Write the settings file: accounts of the household, then `settings`."""
        accounts = [f'[stores.{name}]\nkind = "memory"\n' for name in self.worlds]
        accounts += [f'[audiences.{name}]\nkind = "memory-list"\n' for name in self.lists]
        self.settings_text = "\n".join(['[syncd]\ndatabase = "syncd.db"\n', *accounts, settings])

    @property
    def settings(self) -> Settings:
        path = self.folder / "syncd.toml"
        path.write_text(self.settings_text)
        return load(path, CONNECTORS, environ={})

    def services(self, settings: Settings | None = None) -> Services:
        traits = msgspec.structs.replace(LABELS, batch_size=self.batch_size)
        return Services(
            settings=settings or self.settings,
            mirror=self.mirror,
            clock=self.clock,
            stores={name: open_store(name, world, calls=self.calls[name]) for name, world in self.worlds.items()},
            audiences={
                name: MemoryAudience(name, people, calls=self.calls[name], traits=traits)
                for name, people in self.lists.items()
            },
            calls=self.calls,
        )

    def run(self, **options: Any) -> Report:
        """Run a cycle; first pushes go ahead unless told otherwise."""
        return self.run_and_plan(**options)[0]

    def run_and_plan(self, **options: Any) -> tuple[Report, Plan]:
        for counter in self.calls.values():
            counter.clear()
        part = Part.of(store=options.pop("store", None), segment=options.pop("segment", None))
        try:
            with planned_twice():
                return run_cycle(self.services(), Options(**({"yes": True, "part": part} | options)))
        finally:
            self._count_members()
            hold_counts(self.mirror)

    def _count_members(self) -> None:
        """Hold the sizes that are kept against the masks, and these against the places that segments have.

        On a connection of its own: tests count what a run costs on the mirror's.
        """
        counted = "SELECT count(*) FROM members AS m WHERE m.segment = s.segment AND m.store = s.store"
        bits = "SELECT coalesce(sum(1 << s.bit), 0) FROM segments AS s WHERE s.shelf = k.shelf"
        with closing(sqlite3.connect(self.mirror.path)) as raw:
            assert raw.execute(f"SELECT * FROM segments AS s WHERE size != ({counted})").fetchall() == []  # noqa: S608
            assert raw.execute(f"SELECT * FROM masks AS k WHERE NOT mask OR mask & ~({bits})").fetchall() == []  # noqa: S608

    def restart(self) -> None:
        """The process died and starts again: whatever was not committed is gone."""
        self.mirror.close()
        self.mirror = open_mirror(self.folder / "syncd.db")
