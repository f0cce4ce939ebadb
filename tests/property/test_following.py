"""Following change gives what looking at everybody gives: after any changes, days, clocks, settings and kills."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from connectors.memory import Faults, Killed
from syncd.cycle import Options, Part, Report, run_cycle
from syncd.cycle.forgetting import forget
from syncd.cycle.keeping import make_backup
from syncd.errors import SyncdError
from syncd.mirror import backups
from syncd.mirror.held import names_of
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import sought
from syncd.mirror.restoring import restore
from syncd.model import Kind
from syncd.segments import Frame, RuleError, parse
from tests.conftest import StillClock
from tests.property.people_worlds import shared
from tests.property.segment_worlds import frames, queries
from tests.support.changing import Judge, adopt, segment
from tests.support.examples import examples
from tests.support.household import Household
from tests.support.turmoil import killed_before

DAY = 86_400
SEGMENTS = (
    ("often", "number_of_orders >= 2", {"tag": "often"}),
    ("lately", "last_order_date >= -7d AND amount_spent > 5", {}),
    ("mailed", "last_order_date >= -1m OR orders_placed MATCHES (date = yesterday)", {"by": "email"}),
    ("quiet", "days_since_last_order > 1 OR abandoned_checkout_date >= -1d", {"by": "email"}),
    ("tagged", "customer_tags CONTAINS 'often' OR customer_tags CONTAINS 'vip'", {}),
    ("products", "products_purchased MATCHES (tag = 'VIP', date >= -1m) OR favourite_vendor = 'VIP'", {}),
    ("chained", "segments CONTAINS 'often' AND NOT segments CONTAINS 'lately'", {}),
    ("longer", "segments CONTAINS 'chained' OR segments CONTAINS 'mailed'", {"by": "email"}),
    ("tiers", "value_tier = 'HIGH' OR orders_percentile >= 50", {}),
    ("scores", "recency_score >= 3", {"by": "email"}),
    ("birthdays", "anniversary('metafields.custom.when') BETWEEN today AND +7d", {}),
    ("hanging", "metafields.custom.when >= -7d OR companies IS NOT NULL", {}),
    ("best", "number_of_orders >= 0", {"rank": {"by": "amount_spent", "top": 2}}),
    ("best-now", "number_of_orders >= 0", {"rank": {"by": "orders", "over": "-7d", "top": 2}}),
    ("best-month", "customer_tags NOT CONTAINS 'vip'", {"rank": {"by": "orders", "over": "last_month", "top": 1}}),
    ("best-people", "number_of_orders >= 0", {"by": "email", "rank": {"by": "amount_spent", "top": "40%"}}),
    ("best-average", "amount_spent >= 0", {"by": "email", "rank": {"by": "average_order", "over": "-1m", "top": 2}}),
)
FEWER = st.lists(st.sampled_from(SEGMENTS), min_size=4, max_size=9, unique_by=lambda it: it[0])
_SLOW_IS_FINE = list(HealthCheck)
_UNSHRUNK = (Phase.explicit, Phase.generate)
"""A history is long, and shrinking it takes many minutes; take Phase.shrink in where one is not understood."""


def _asked_for(names: set[str]) -> set[str]:
    """Return the names with those that their rules ask for."""
    found = set(names)
    for name, query, _ in reversed(SEGMENTS):
        if name in found:
            found |= parse(query).segments
    return found


class Changes:
    """One house, and what may happen to it."""

    def __init__(self, data: st.DataObject, folder: Path) -> None:
        self.data = data
        self.frame = data.draw(frames())
        self.clock = StillClock(self.frame.now)
        self.house = Household(folder, "", clock=self.clock, stores=("main", "side"), audiences=())
        for world in self.house.worlds.values():
            world.timezone, world.currency = self.frame.zone.key, self.frame.currency
        self.week_starts = "monday"
        self.queries = [query for _ in range(2) if (query := self._query())]
        self.write()
        self.judge = Judge(self.house)

    def play(self) -> None:
        """Play some steps, and judge after each."""
        happenings = [self.live, self.live, self.live, self.pass_time, self.pass_time, self.pass_time]
        happenings += [self.settle, self.lose, self.trouble, self.forget, self.back_up, self.restore]
        self.live()
        self.run()
        for _ in range(self.data.draw(st.integers(2, 7))):
            for happening in self.data.draw(st.lists(st.sampled_from(happenings), max_size=3)):
                note(happening.__name__)
                happening()
            self.run()
        self.calm()
        self.run()
        self.nobody_moves()

    def run(self) -> None:
        ways: list[dict[str, Any]] = [{}, {}, {}, {}, {"full": True}, {"store": "side"}, {"upto": "plan"}]
        ways += [{"segment": name} for name in sorted(self.judge.settings.segments)[:1]]
        options = self.data.draw(st.sampled_from(ways))
        try:
            with killed_before(self.data.draw(st.sampled_from([0, 0, 0, self.data.draw(st.integers(1, 60))]))):
                report = self.sync(**options)
        except Killed:
            note("killed")
            self.house.restart()
            self.judge.forget()
            report = self.sync()
        self.judge.judge(report)
        if any(report.applied.values()):  # rules may look at what was just written: their members are of before
            self.judge.judge(self.sync(upto="plan"))

    def sync(self, **options: Any) -> Report:
        part = Part.of(store=options.pop("store", None), segment=options.pop("segment", None))
        services = self.house.services(self.judge.settings)
        return run_cycle(services, Options(**({"yes": True, "part": part} | options)))[0]

    def nobody_moves(self) -> None:
        """Look at everybody: all are where following change has put them."""
        report = self.sync(upto="plan")
        while report.kept:  # rows that were lost to a listing are read again once they stay lost
            self.judge.judge(report)
            self.clock.instant += 700
            report = self.sync(upto="plan")
        self.judge.judge(report)
        report = self.sync(upto="plan", full=True)
        self.judge.judge(report)
        assert not [name for name, it in report.moved.items() if it["entered"] or it["left"]]

    def live(self) -> None:
        """Let somebody do something in a store."""
        store = self.data.draw(st.sampled_from(sorted(self.house.worlds)))
        adopt(self.house, store, self.data.draw(shared(self._now())))

    def lose(self) -> None:
        """Let records of a store be deleted."""
        world = self.house.worlds[self.data.draw(st.sampled_from(sorted(self.house.worlds)))]
        kind = self.data.draw(st.sampled_from([Kind.CUSTOMERS, Kind.ORDERS, Kind.PRODUCTS, Kind.CHECKOUTS]))
        for number in self.data.draw(st.lists(st.integers(1, 9), max_size=2)):
            world.delete(kind, number)

    def pass_time(self) -> None:
        self.clock.instant += self.data.draw(st.sampled_from([60, 3_600, DAY, DAY, 2 * DAY, 8 * DAY, 32 * DAY, -DAY]))

    def settle(self) -> None:
        """Change the settings."""
        self.write()
        self.judge.settings = self.house.settings

    def write(self) -> None:
        its = {name for name, _, _ in self.data.draw(FEWER)}
        texts = [segment(name, query, **more) for name, query, more in SEGMENTS if name in _asked_for(its)]
        texts += [segment(f"random-{at}", query) for at, query in enumerate(self.queries)]
        self.week_starts = self.data.draw(st.sampled_from(["monday", "monday", "sunday"]))
        self.house.write("[limits]\nmin_size = 1000\n" + "\n".join(texts))
        line = 'database = "syncd.db"\n'
        head = f'{line}week_starts = "{self.week_starts}"\n'
        self.house.settings_text = self.house.settings_text.replace(line, head)

    def trouble(self) -> None:
        for world in self.house.worlds.values():
            world.faults = self.data.draw(st.sampled_from([Faults(), Faults(unreachable=True), Faults(break_off=0)]))

    def calm(self) -> None:
        for world in self.house.worlds.values():
            world.faults = Faults()

    def forget(self) -> None:
        """Forget somebody."""
        whom = names_of(self.house.mirror, sought(self.data.draw(st.sampled_from(["ann@x.example", "bob@x.example"]))))
        try:
            forget(self.house.services(), whom, local=True)
        except SyncdError as error:
            note(str(error))
        self.judge.forget()

    def back_up(self) -> None:
        make_backup(self.house.services())

    def restore(self) -> None:
        found = [it for it in backups.listed(self.house.mirror.path) if not it.why]
        if found:
            self.house.mirror.close()
            restore(self.house.folder / "syncd.db", self.data.draw(st.sampled_from(found)), self.clock.now())
            self.house.mirror = open_mirror(self.house.folder / "syncd.db")
            self.judge.forget()

    def _now(self) -> Frame:
        return msgspec.structs.replace(self.frame, now=self.clock.now())

    def _query(self) -> str:
        query = self.data.draw(queries(self.frame))
        try:
            return "" if parse(query).segments else query
        except RuleError:
            return ""


@given(data=st.data())
@settings(max_examples=examples(20), deadline=None, suppress_health_check=_SLOW_IS_FINE, phases=_UNSHRUNK)
def test_following_change_is_looking_at_everybody(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory(prefix="syncd-following-") as folder:
        changes = Changes(data, Path(folder))
        try:
            changes.play()
        finally:
            changes.house.mirror.close()
