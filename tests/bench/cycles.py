"""Cycles over a large mirror: evaluated in full, with a thousand changes, with none. Figures are CPU seconds."""

from __future__ import annotations

import json
import logging
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from syncd.config import load
from syncd.cycle import Options, Report, Services, run_cycle
from syncd.mirror import touching
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Customer, LineItem, Order
from tests.bench import segments, town
from tests.bench.quiet import QuietSource, TakingAudience, store
from tests.support.household import CONNECTORS

CHANGES = 1_000
QUARTER = 900
"""Seconds between two cycles."""


class CpuClock:
    """The shop's time moves by hand; how long something took is told in CPU seconds."""

    def __init__(self, now: int = town.NOW) -> None:
        self.instant = now

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return time.process_time()

    def sleep(self, seconds: float) -> None:
        self.instant += int(seconds)


class Town:
    """A large mirror with its settings, and services that show only what changed."""

    def __init__(self, folder: Path, now: int = town.NOW) -> None:
        self.clock = CpuClock(now)
        self.mirror: Mirror = open_mirror(folder / "syncd.db")
        self.source = QuietSource(self.mirror)
        self.audience = TakingAudience(self.mirror)
        self._settings = load(segments.write_settings(folder), CONNECTORS, environ={})
        self._dice = random.Random(11)

    def cycle(self, **options: Any) -> Report:
        """Run a cycle a quarter of an hour after the last."""
        self.clock.instant += QUARTER
        services = Services(
            settings=self._settings,
            mirror=self.mirror,
            clock=self.clock,
            stores={"main": store(self.source)},
            audiences={"news": self.audience},
        )
        return run_cycle(services, Options(**({"yes": True, "compare": "never"} | options)))[0]

    def change(self, count: int = CHANGES) -> None:
        """Let so many customers change: four of five order something, the others change otherwise."""
        raw, dice = self.mirror.raw, self._dice
        low, high = raw.execute("SELECT min(id), max(id) FROM customers WHERE store = 'main'").fetchone()
        newest = raw.execute("SELECT max(id) FROM orders WHERE store = 'main'").fetchone()[0]
        at = self.clock.instant + QUARTER
        buyers = sorted(dice.sample(range(low, high + 1), count))
        ordering = buyers[: count * 4 // 5]
        orders = [self._order(newest + number, buyer, at) for number, buyer in enumerate(ordering, 1)]
        people = [self._customer(number, at, ordered=number <= ordering[-1]) for number in buyers]
        self.source.orders.change(orders, len(orders))
        self.source.customers.change(people, 0)

    def _order(self, number: int, buyer: int, at: int) -> Order:
        total = self._dice.randrange(500, 40_000)
        lines = tuple(
            LineItem(id=number * 3 + line, quantity=1, current_quantity=1, product_id=town.BASE + 1 + number % 20)
            for line in range(2)
        )
        return Order(
            id=number, created_at=at, processed_at=at, updated_at=at, customer_id=buyer, email=None, currency="EUR",
            total=total, current_total=total, lines=lines,
        )  # fmt: skip

    def _customer(self, number: int, at: int, *, ordered: bool) -> Customer:
        names = [name for name in Customer.__struct_fields__ if name not in {"tags", "addresses"}]
        query = f"SELECT {', '.join(names)} FROM customers WHERE store = 'main' AND id = ?"
        known = dict(zip(names, self.mirror.raw.execute(query, (number,)).fetchone(), strict=True))
        tags = "SELECT tag FROM customer_tags WHERE store = 'main' AND customer_id = ?"
        labels = tuple(tag for (tag,) in self.mirror.raw.execute(tags, (number,)))
        if ordered:
            known |= {"number_of_orders": known["number_of_orders"] + 1, "last_order_at": at}
        else:
            known |= {"email_consent": self._dice.choice(("SUBSCRIBED", "UNSUBSCRIBED"))}
        return Customer(**(known | {"updated_at": at, "tags": labels, "verified_email": True}))


def prepare(folder: Path, size: town.Size) -> None:
    """Make a mirror, evaluate it, and give everybody the labels that they should have: nothing is left to be done."""
    town.build(folder / "syncd.db", size)
    place = Town(folder)
    place.mirror.raw.execute(
        "INSERT INTO contacts (target, subject, email, status, changed_at) SELECT 'news', email_key, min(email), "
        "'subscribed', 1 FROM customers WHERE email_consent = 'SUBSCRIBED' GROUP BY 2"
    )
    place.mirror.raw.execute(
        "INSERT INTO cursors (owner, feed, at, id, complete, pulled_at, why) "
        "VALUES ('news', 'contacts', ?1, 0, 1, ?1, '')",
        (town.NOW,),
    )
    touching.count(place.mirror.raw, "contacts")
    place.audience = TakingAudience(place.mirror)
    place.cycle(upto="plan")
    with place.mirror.transaction(), town.bare(place.mirror.raw, "trigger"):
        for name in segments.RULES:
            for statement in _RESTING:
                place.mirror.raw.execute(statement, {"segment": name, "label": f"bench-{name}", "at": town.NOW})
        for name in segments.MAILED:
            for statement in _MAILED:
                place.mirror.raw.execute(statement, {"segment": name, "label": f"bench-{name}", "at": town.NOW})
    for _ in range(2):
        place.cycle()
    place.mirror.close()


_LABEL = (
    "INSERT INTO labels (target, label_key, label, segment, first_push_at) VALUES ('{}', :label, :label, :segment, :at)"
)
_LEDGER = (
    "INSERT INTO ledger (target, label_key, subject, state, segment, run, at) "
    "SELECT '{}', :label, CAST({} AS TEXT), 'owned', :segment, 1, :at FROM {}"
)
_PEOPLE = (
    "(SELECT DISTINCT c.email_key AS subject FROM members AS m JOIN customers AS c ON c.store = m.store "
    "AND c.id = m.customer_id JOIN contacts AS k ON k.target = 'news' AND k.subject = c.email_key "
    "WHERE m.segment = :segment)"
)
_RESTING = (
    _LABEL.format("main"),
    "INSERT INTO customer_tags (store, customer_id, tag_key, tag) "
    "SELECT store, customer_id, :label, :label FROM members WHERE segment = :segment",
    _LEDGER.format("main", "customer_id", "members WHERE segment = :segment"),
)
_MAILED = (
    _LABEL.format("news"),
    "INSERT INTO contact_labels (target, subject, label_key, label) "
    f"SELECT 'news', subject, :label, :label FROM {_PEOPLE}",
    _LEDGER.format("news", "subject", _PEOPLE),
)


def full(place: Town) -> dict[str, float]:
    """Evaluate everybody for every segment anew."""
    with place.mirror.transaction():
        place.mirror.raw.execute("UPDATE segments SET seen = NULL")
    return _figures(place, lambda: place.cycle(upto="plan"), step=100_000)


def thousand(place: Town) -> dict[str, float]:
    """A cycle with a thousand changes, after others that have pushed what was due, and seen what that wrote."""
    for _ in range(2):
        place.cycle()
    place.change()
    return _figures(place, place.cycle)


def idle(place: Town) -> dict[str, float]:
    """A cycle with no change, after one that has seen what the last push wrote."""
    place.cycle()
    return _figures(place, place.cycle)


def day(place: Town) -> dict[str, float]:
    """A cycle with no change on the next day of the shop."""
    place.clock.instant += town.DAY
    return _figures(place, place.cycle)


def _figures(place: Town, work: Callable[[], Report], step: int = 1_000) -> dict[str, float]:
    began, wall = time.process_time(), time.perf_counter()
    with instructions(place.mirror, step) as counted:
        report = work()
    if report.result not in {"done", "held"}:
        raise AssertionError(f"the cycle ended {report.result}: {report.failures}")
    spent = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "instructions": counted[0]}
    return spent | {f"{stage}_cpu": seconds for stage, seconds in report.stages.items()}


@contextmanager
def instructions(mirror: Mirror, step: int = 1_000) -> Iterator[list[int]]:
    """Count SQLite's virtual-machine instructions, to the next `step`: the same on every machine.

    Counting costs, too: some seconds in a hundred where every thousand of many millions is told to Python.
    """
    counted = [0]

    def tick() -> int:
        counted[0] += step
        return 0

    mirror.raw.set_progress_handler(tick, step)
    try:
        yield counted
    finally:
        mirror.raw.set_progress_handler(None, 0)


MEASURES = {it.__name__: it for it in (full, thousand, idle, day)}


def main(folder: str, names: str, times: str) -> None:
    """Measure in turn in a process of its own, and print the figures with the process's peak of memory."""
    place = Town(Path(folder), now=newest(Path(folder)))
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in names.split(",")}
    for _ in range(int(times)):
        for name, found in figures.items():
            found.append(MEASURES[name](place))
    place.mirror.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"figures": figures, "peak_mib": round(peak, 1)}))


def newest(folder: Path) -> int:
    """Return the moment at which the last run over a mirror ended."""
    mirror = open_mirror(folder / "syncd.db")
    ended = mirror.raw.execute("SELECT max(coalesce(ended_at, started_at)) FROM runs").fetchone()[0]
    mirror.close()
    return max(town.NOW, int(ended or 0))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if sys.argv[2] == "prepare":
        prepare(Path(sys.argv[1]), town.SIZES[sys.argv[3]])
    else:
        main(*sys.argv[1:4])
