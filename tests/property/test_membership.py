"""Membership over time: what is kept of it tells the same as writing down every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.mirror import membership, traces
from syncd.mirror.database import Mirror
from syncd.mirror.erasing import Erasure, _erase_rows
from syncd.mirror.forgotten import Whom
from syncd.mirror.opening import open_mirror
from syncd.mirror.pruning import prune_history
from syncd.mirror.settling import Moved

PEOPLE = range(1, 7)
SEGMENTS = ("a", "b")
STORES = ("main", "outlet")
_WHO = st.frozensets(st.sampled_from(PEOPLE))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("renew"), st.sampled_from(SEGMENTS), st.sampled_from(STORES), _WHO),
        st.tuples(st.just("drop"), st.sampled_from(SEGMENTS), st.sampled_from(STORES), st.just(frozenset[int]())),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("mirror") / "syncd.db")
    yield opened
    opened.close()


def emptied(mirror: Mirror) -> None:
    for table in ("masks", "moves", "segments", "beginnings", "customers"):
        mirror.raw.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
    mirror.raw.executemany(
        "INSERT INTO customers (store, id, created_at, updated_at, verified_email, number_of_orders, amount_spent) "
        "VALUES (?, ?, 0, 0, 0, 0, 0)",
        [(store, id_) for store in STORES for id_ in PEOPLE],
    )


class Ledger:
    """Every step written down by hand: (run, at, segment, store, customer, entered)."""

    def __init__(self) -> None:
        self.moves: list[tuple[int, int, str, str, int, bool]] = []
        self.now: dict[tuple[str, str], frozenset[int]] = {}

    def take(self, mirror: Mirror, run: int, what: str, segment: str, store: str, found: frozenset[int]) -> None:
        at = run * 10
        before = self.now.get((segment, store), frozenset())
        for customer in sorted(before ^ found):
            self.moves.append((run, at, segment, store, customer, customer in found))
        if what == "drop":
            self.now.pop((segment, store), None)
            membership.drop_all_but(mirror, self.now.keys(), run, at)
        else:
            self.now[segment, store] = found
            moved = membership.renew(mirror, segment, store, "q", found, run, at)
            assert moved == Moved(len(found - before), len(before - found), len(found))

    def since(self, segment: str, store: str, customer: int) -> int:
        return max(it[1] for it in self.moves if it[2:5] == (segment, store, customer))


@given(steps=STEPS)
def test_who_is_in_since_when_and_who_came_and_went_is_what_every_step_gives(
    mirror: Mirror, steps: list[tuple[str, str, str, frozenset[int]]]
) -> None:
    emptied(mirror)
    by_hand = Ledger()
    for run, step in enumerate(steps, 1):
        by_hand.take(mirror, run, *step)
        told = membership.moves_of_run(mirror, run)
        here = Counter((it[2], it[5]) for it in by_hand.moves if it[0] == run and it[2:4] in by_hand.now)
        assert told == {segment: (here[segment, True], here[segment, False]) for segment, _ in here}
    inside = {
        (segment, store, customer): by_hand.since(segment, store, customer)
        for (segment, store), found in by_hand.now.items()
        for customer in found
    }
    rows = mirror.raw.execute("SELECT segment, store, customer_id, since FROM members").fetchall()
    assert {row[:3]: row[3] for row in rows} == inside
    assert len(rows) == len(inside)
    assert membership.sizes(mirror) == {pair: len(found) for pair, found in by_hand.now.items() if found}
    everybody = {(store, customer) for store in STORES for customer in PEOPLE}
    moves = [
        (it.run, it.at, it.segment, it.store, it.customer_id, it.entered) for it in traces.moves(mirror, everybody)
    ]
    assert sorted(moves) == sorted(by_hand.moves)
    assert [it[0] for it in moves] == sorted(it[0] for it in moves)


@given(steps=STEPS, gone=st.frozensets(st.sampled_from(PEOPLE), min_size=1, max_size=2))
def test_erasing_somebody_changes_what_is_told_of_nobody_else_and_no_sums(
    mirror: Mirror, steps: list[tuple[str, str, str, frozenset[int]]], gone: frozenset[int]
) -> None:
    emptied(mirror)
    by_hand = Ledger()
    for run, step in enumerate(steps, 1):
        by_hand.take(mirror, run, *step)
    sums = [membership.moves_of_run(mirror, run) for run in range(len(steps) + 1)]
    whom = Whom(frozenset(("main", customer) for customer in gone), frozenset())
    with mirror.transaction():
        _erase_rows(mirror.raw, Erasure(whom=(whom,)))

    stays = [it for it in by_hand.moves if it[3] != "main" or it[4] not in gone]
    everybody = {(store, customer) for store in STORES for customer in PEOPLE}
    moves = [
        (it.run, it.at, it.segment, it.store, it.customer_id, it.entered) for it in traces.moves(mirror, everybody)
    ]
    assert sorted(moves) == sorted(stays)
    assert [membership.moves_of_run(mirror, run) for run in range(len(steps) + 1)] == sums
    counted = mirror.raw.execute("SELECT segment, store, count(*) FROM members GROUP BY 1, 2").fetchall()
    assert membership.sizes(mirror) == {(segment, store): size for segment, store, size in counted}
    assert {(row[1], row[2]) for row in mirror.raw.execute("SELECT segment, store, customer_id FROM members")} == {
        (store, customer)
        for (_, store), found in by_hand.now.items()
        for customer in found
        if store != "main" or customer not in gone
    }
    told = mirror.raw.execute("SELECT sum(entered), sum(NOT entered) FROM movements").fetchone()
    assert (told[0] or 0, told[1] or 0) == tuple(sum(it[5] is way for it in by_hand.moves) for way in (True, False))


@given(steps=STEPS, before=st.integers(0, 13), more=STEPS)
def test_pruning_keeps_since_when_and_the_course_from_then_on(
    mirror: Mirror,
    steps: list[tuple[str, str, str, frozenset[int]]],
    before: int,
    more: list[tuple[str, str, str, frozenset[int]]],
) -> None:
    emptied(mirror)
    by_hand = Ledger()
    for run, step in enumerate(steps, 1):
        by_hand.take(mirror, run, *step)
    prune_history(mirror, before * 10)
    for run, step in enumerate(more, len(steps) + 1):
        by_hand.take(mirror, run, *step)

    rows = mirror.raw.execute("SELECT segment, store, customer_id, since FROM members").fetchall()
    assert {row[:3]: row[3] for row in rows} == {
        (segment, store, customer): by_hand.since(segment, store, customer)
        for (segment, store), found in by_hand.now.items()
        for customer in found
    }
    everybody = {(store, customer) for store in STORES for customer in PEOPLE}
    moves = [
        (it.run, it.at, it.segment, it.store, it.customer_id, it.entered) for it in traces.moves(mirror, everybody)
    ]
    assert set(moves) <= set(by_hand.moves)
    assert {it for it in moves if it[1] >= before * 10} == {it for it in by_hand.moves if it[1] >= before * 10}
    for (segment, store), found in by_hand.now.items():
        turns = mirror.raw.execute(
            "SELECT at, entered - (NOT entered) FROM moves WHERE segment = :segment AND store = :store "
            "UNION ALL SELECT at, size FROM beginnings WHERE segment = :segment AND store = :store",
            {"segment": segment, "store": store},
        ).fetchall()
        assert sum(change for _, change in turns) == len(found)
        for moment in range(before * 10, (len(steps) + len(more) + 1) * 10, 5):
            assert sum(change for at, change in turns if at < moment) == sum(
                1 if it[5] else -1 for it in by_hand.moves if it[2:4] == (segment, store) and it[1] < moment
            )
