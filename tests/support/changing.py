"""A house in which people, days and settings change, and where every evaluation is held against the rules in Python."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import note

from syncd.config import SegmentSettings
from syncd.cycle.framing import frame_of, framed
from syncd.cycle.report import Report
from syncd.mirror import stores
from syncd.mirror.people import guest_orders, people
from syncd.model import Kind, identity
from syncd.segments import Frame, Person, matches
from syncd.segments.kin import united
from tests.property.test_ranks import reference
from tests.support.household import Household
from tests.unit.segments import world as worlds

Members = dict[tuple[str, str], set[int]]


def segment(name: str, query: str, **more: Any) -> str:
    """Return a segment as the settings file has it."""
    rows = "\n".join(f"{key} = {_toml(value)}" for key, value in {"query": query, **more}.items())
    return f"[segments.{name}]\n{rows}\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def adopt(house: Household, store: str, found: worlds.World) -> None:
    """Let a store's records be those of a made-up world; what is not in it stays as it is."""
    world = house.worlds[store]
    puts = {
        Kind.CUSTOMERS: (world.put_customer, found.customers),
        Kind.PRODUCTS: (world.put_product, found.products),
        Kind.ORDERS: (world.put_order, found.orders),
        Kind.CHECKOUTS: (world.put_checkout, found.checkouts),
        Kind.METAFIELDS: (world.put_metafields, found.metafields),
        Kind.COMPANIES: (world.put_companies, found.companies),
        Kind.CREDIT: (world.put_credit, found.credit),
    }
    for put, rows in puts.values():
        for row in rows:
            fields = msgspec.structs.asdict(row)
            number = fields.pop("id")
            put(number, **fields | {"updated_at": house.clock.now()})


class Judge:
    """Looks at the mirror after each run; remembers what it was before."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.settings = house.settings
        self.members: Members = self._present()
        self.begun = self._begun()
        self.asked = 0

    def judge(self, report: Report) -> None:
        """Hold what a run made of membership against what rules say of each person, unless it wrote tags afterwards."""
        note(f"{report.looked_at} {report.kept}")
        before, begun = self.members, self.begun
        self.members, self.begun = self._present(), self._begun()
        kept = {(row["segment"], row["store"]) for row in report.kept}
        self._judge_moves(report.run, before, begun)
        here = set(self.house.mirror.raw.execute("SELECT store, id FROM customers"))
        for pair in kept & before.keys():  # whom the store deleted may be erased by now
            gone = {id_ for id_ in before[pair] - self.members[pair] if (pair[1], id_) in here}
            assert not gone | self.members[pair] - before[pair], pair
        for it, frame in () if any(report.applied.values()) else self._evaluated(report, kept):
            found = self.members[it.name, frame.store]
            assert found == self._by_python(it, frame), (it.name, frame.store, report.looked_at)
        self._judge_sizes()
        self.asked += sum(it.asked for it in report.looked_at.values())

    def forget(self) -> None:
        """Take the present for what was before: something else than a run that is judged changed it."""
        self.members, self.begun = self._present(), self._begun()

    def _evaluated(self, report: Report, kept: set[tuple[str, str]]) -> Iterator[tuple[SegmentSettings, Frame]]:
        settings, known = self.settings, stores.known(self.house.mirror)
        for name in report.moved:
            it = settings.segments.get(name)
            for store in it.stores if it is not None and it.enabled else ():
                if it is not None and store in report.pulled and (name, store) not in kept:
                    frame = frame_of(settings, known[store], self.house.clock.now())
                    yield it, framed(self.house.mirror, it, frame)

    def _by_python(self, it: SegmentSettings, frame: Frame) -> set[int]:
        found = [person for person in self._people(frame) if matches(it.rule, person, frame)]
        best = found if it.ranking is None else reference(found, it.ranking, frame)
        return {record.id for person in best for record in person.records}

    def _people(self, frame: Frame) -> list[Person]:
        mirror, store = self.house.mirror, frame.store
        ids = [id_ for (id_,) in mirror.raw.execute("SELECT id FROM customers WHERE store = ?", (store,))]
        alone = people(mirror, store, ids)
        if frame.by == "customer":
            return list(alone.values())
        mates: defaultdict[object, list[Person]] = defaultdict(list)
        for id_, person in alone.items():
            mates[identity(person.customer.email) or id_].append(person)
        return [
            united(its, guest_orders(mirror, store, address) if isinstance(address, str) else [])
            for address, its in mates.items()
        ]

    def _judge_moves(self, run: int, before: Members, begun: set[tuple[str, str]]) -> None:
        """Who moved in a run is what tells its membership from the one before; first members do not move.

        Of who is gone, nothing need be left.
        """
        here = set(self.house.mirror.raw.execute("SELECT store, id FROM customers"))
        moved: defaultdict[tuple[str, str], set[tuple[int, bool]]] = defaultdict(set)
        rows = self.house.mirror.raw.execute(
            "SELECT segment, store, customer_id, entered FROM moves WHERE run = ?", (run,)
        )
        for name, store, customer_id, entered in rows:
            if (store, customer_id) not in here:
                continue
            assert (customer_id, bool(entered)) not in moved[name, store]
            moved[name, store].add((customer_id, bool(entered)))
        for pair in (before.keys() | self.members.keys()) & begun & self.begun:
            ids = {id_ for store, id_ in here if store == pair[1]}
            was, now = (its.get(pair, set()) & ids for its in (before, self.members))
            expected = {(id_, True) for id_ in now - was} | {(id_, False) for id_ in was - now}
            assert moved[pair] == expected, pair

    def _judge_sizes(self) -> None:
        rows = self.house.mirror.raw.execute("SELECT segment, store, size FROM segments")
        assert {(name, store): size for name, store, size in rows if size} == {
            pair: len(its) for pair, its in self.members.items() if its
        }

    def _present(self) -> Members:
        found: Members = defaultdict(set)
        for name, store, customer_id in self.house.mirror.raw.execute(
            "SELECT segment, store, customer_id FROM members"
        ):
            found[name, store].add(customer_id)
        return found

    def _begun(self) -> set[tuple[str, str]]:
        rows = self.house.mirror.raw.execute("SELECT segment, store FROM segments WHERE as_of IS NOT NULL")
        return {(name, store) for name, store in rows}
