"""A whole house on the simulated services, in bad weather: real connectors, real sockets, a clock that leaps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.faults.plan import Fault, FaultPlan
from connectors.sandbox.running import Running
from connectors.sandbox.world import change
from syncd import cycle
from syncd.cycle import Report, run_cycle
from syncd.ports import Progress
from syncd.wiring import opened, read_settings

SEGMENTS = """
[segments.buyers]
query = "number_of_orders >= 2"
tag = "buyer"
audiences = ["newsletter"]
limits = { max_remove = "100%", max_add = "100%" }
"""


class LeapingClock:
    """The sandbox's own hour; whoever waits moves it."""

    def __init__(self, sandbox: Running) -> None:
        self._clock = sandbox.app.clock
        self._owed = 0.0
        self.waited = 0.0

    def now(self) -> int:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic() + self._owed

    def sleep(self, seconds: float) -> None:
        self.waited += max(0.0, seconds)
        self._owed += max(0.0, seconds)
        whole = int(self._owed)
        self._owed -= whole
        self._clock.advance(whole)


class Weather:
    """One store, one audience, one mirror, and whatever goes wrong between them."""

    def __init__(self, sandbox: Running, folder: Path, *, granted: bool) -> None:
        self.sandbox = sandbox
        self.clock = LeapingClock(sandbox)
        self.shop = sandbox.app.stores["main"].shop
        self.told: list[Progress] = []
        self.gone: set[str] = set()
        self._file = folder / "syncd.toml"
        self._granted = granted
        self.settings(SEGMENTS)

    def settings(self, segments: str) -> None:
        keys = self.sandbox.settings()
        surplus = ("access_token",) if self._granted else ("client_id", "client_secret")
        for name in surplus:
            del keys["stores"]["main"][name]
        lines = ["[syncd]", 'database = "syncd.db"', ""]
        for section in ("stores", "audiences"):
            for name, table in keys[section].items():
                lines += [f"[{section}.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""]
        lines.insert(lines.index("[audiences.newsletter]") + 1, 'new_contacts = "transactional"')
        self._file.write_text("\n".join(lines) + segments)

    def brew(self, *faults: Fault, seed: int = 1) -> None:
        """Let these faults befall everything from now on."""
        self.sandbox.follow(FaultPlan(seed=seed, rules=faults))

    def clear_up(self) -> None:
        """Let all be well, and some time pass."""
        self.sandbox.follow(FaultPlan())
        self.clock.sleep(120)

    def happened(self) -> dict[str, int]:
        kinds: dict[str, int] = self.sandbox.faults()["kinds"]
        return kinds

    def run(self, **options: Any) -> Report:
        """Run one cycle as a process of its own would."""
        settings = read_settings(str(self._file))
        with opened(settings, self.clock, self.told.append, self.gone) as services:
            return run_cycle(services, cycle.Options(**({"yes": True} | options)))[0]

    def until_done(self, *, most: int = 5) -> list[Report]:
        """Run cycles until one is done; a minute or two lies between them."""
        reports = []
        while not reports or reports[-1].result != "done":
            assert len(reports) < most, [it.failures for it in reports]
            reports.append(self.run())
            self.clock.sleep(120)
        return reports

    def edit(self, number: int, **values: Any) -> None:
        """Let somebody at the shop change a customer."""
        with self.shop.lock:
            change.edit_customer(self.shop, self.shop.customers[number], values, self.clock.now())

    def buyers(self) -> set[int]:
        return {it.id for it in self.shop.customers.values() if it.number_of_orders >= 2}

    def is_whole(self) -> bool:
        """Whether store and audience carry exactly the labels that they should."""
        tagged = {it.id for it in self.shop.customers.values() if "buyer" in it.tags}
        audience = self.sandbox.app.account.world.audiences["newsletter"]
        segment = audience.segments.tag("buyer")
        labelled = {it.email.lower() for it in audience.contacts.values() if segment and segment.id in it.tags}
        customers = [self.shop.customers[it] for it in self.buyers()]
        wanted = {str(it.email).lower() for it in customers if it.email and it.consent not in {"INVALID", "REDACTED"}}
        return tagged == self.buyers() and labelled == wanted

    def messages(self, report: Report) -> str:
        return "; ".join(it.message for it in report.failures)


@contextmanager
def weather(folder: Path, *, customers: int = 60, granted: bool = False) -> Iterator[Weather]:
    """Open a house; `granted` for a token that is asked for with the client's id and secret."""
    with SANDBOX.start(Options(customers=customers, bulk_seconds=0.0)) as sandbox:
        yield Weather(sandbox, folder, granted=granted)
