"""Masks: places of segments, more of them than one integer has bits, and what an older mirror had as rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from syncd.mirror import masks, membership, traces
from syncd.mirror.database import Mirror
from syncd.mirror.masks import BITS, Place
from syncd.mirror.opening import open_mirror
from syncd.mirror.settling import Evaluated, Moved, settle
from tests.support.older import mirror_of

BOTH = dict.fromkeys(("a", "b"), Evaluated("q"))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path / "syncd.db")
    for store in ("main", "outlet"):
        customers(opened, store, range(1, 101))
    yield opened
    opened.close()


def customers(mirror: Mirror, store: str, ids: range) -> None:
    mirror.raw.executemany(
        "INSERT INTO customers (store, id, created_at, updated_at, verified_email, number_of_orders, amount_spent) "
        "VALUES (?, ?, 0, 0, 0, 0, 0)",
        [(store, id_) for id_ in ids],
    )


def ids(mirror: Mirror, segment: str, store: str = "main") -> set[int]:
    return {it.customer_id for it in membership.members(mirror, segment) if it.store == store}


def kept(mirror: Mirror) -> list[tuple[int, int, int]]:
    return mirror.raw.execute("SELECT shelf, customer_id, mask FROM masks ORDER BY 1, 2").fetchall()


def steps(mirror: Mirror, work: Callable[[], object]) -> int:
    """Return how many tens of SQLite's instructions some work takes."""
    counted = itertools.count()
    mirror.raw.set_progress_handler(lambda: next(counted) < 0, 10)
    work()
    mirror.raw.set_progress_handler(None, 0)
    return next(counted)


def answered(mirror: Mirror, answers: dict[int, int], asked: set[int], shelf: int = 0) -> None:
    masks.clear_answers(mirror)
    mirror.raw.executemany("INSERT INTO temp.answers VALUES (?, ?, ?)", [(shelf, *it) for it in answers.items()])
    mirror.raw.execute("CREATE TEMP TABLE IF NOT EXISTS asked (customer_id INTEGER PRIMARY KEY)")
    mirror.raw.execute("DELETE FROM temp.asked")
    mirror.raw.executemany("INSERT INTO temp.asked VALUES (?)", [(it,) for it in asked])


def test_a_place_is_kept_for_as_long_as_the_segment_is_there_and_used_again_after(mirror: Mirror) -> None:
    with mirror.transaction():
        first = masks.places(mirror, "main", ["a", "b", "c"])
        other = masks.places(mirror, "outlet", ["a"])
        again = masks.places(mirror, "main", ["c", "a"])
    assert first == {"a": Place(0, 0), "b": Place(0, 1), "c": Place(0, 2)}
    assert other == {"a": Place(1, 0)}
    assert again == {"a": Place(0, 0), "c": Place(0, 2)}

    membership.drop_all_but(mirror, {("a", "main"), ("c", "main"), ("a", "outlet")}, 1, 10)
    with mirror.transaction():
        assert masks.places(mirror, "main", ["d", "e"]) == {"d": Place(0, 1), "e": Place(0, 3)}


def test_whoever_comes_to_a_place_finds_nobody_there(mirror: Mirror) -> None:
    membership.renew(mirror, "old", "main", "q", [1, 2, 3], 1, 10)
    membership.renew(mirror, "stays", "main", "q", [3], 1, 10)

    ended = membership.drop_all_but(mirror, {("stays", "main")}, 2, 20)
    membership.renew(mirror, "new", "main", "q", [2], 3, 30)

    assert ended == [("old", "main")]
    assert (ids(mirror, "old"), ids(mirror, "new"), ids(mirror, "stays")) == (set(), {2}, {3})
    assert kept(mirror) == [(0, 2, 1), (0, 3, 2)]


def test_a_store_with_more_segments_than_bits_has_a_second_shelf(mirror: Mirror) -> None:
    names = [f"s{number:03}" for number in range(BITS + 3)]
    membership.renew(mirror, "elsewhere", "outlet", "q", [1, 2], 1, 10)
    with mirror.transaction():
        places = masks.places(mirror, "main", names)
        masks.clear_answers(mirror)
        for number, place in enumerate(places[name] for name in names):
            mirror.raw.executemany(
                "INSERT INTO temp.answers VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mask = mask | excluded.mask",
                [(place.shelf, customer, place.mask) for customer in range(1, 101) if customer % (number + 1) == 0],
            )
        moved = settle(mirror, "main", dict.fromkeys(names, Evaluated("q")), 1, 10)

    assert len({it.shelf for it in places.values()}) == 2
    assert places[names[-1]].shelf != places[names[0]].shelf
    for number, name in enumerate(names):
        whose = {customer for customer in range(1, 101) if customer % (number + 1) == 0}
        assert ids(mirror, name) == whose
        assert moved[name] == Moved(len(whose), 0, len(whose))
    assert ids(mirror, "elsewhere", "outlet") == {1, 2}
    assert traces.memberships(mirror, "main", 1).keys() == {names[0]}
    assert traces.memberships(mirror, "main", 64).keys() == {names[it - 1] for it in (1, 2, 4, 8, 16, 32, 64)}


def test_of_the_asked_alone_the_answers_count(mirror: Mirror) -> None:
    membership.renew(mirror, "a", "main", "q", [1, 2, 3], 1, 10)
    membership.renew(mirror, "b", "main", "q", [3], 1, 10)
    with mirror.transaction():
        answered(mirror, {4: 1, 5: 1, 1: 1, 3: 1}, {2, 3, 4, 6})
        moved = settle(mirror, "main", {"a": Evaluated("q", "basis", 7)}, 2, 20, scope="asked")

    assert moved == {"a": Moved(1, 1, 3)}
    assert (ids(mirror, "a"), ids(mirror, "b")) == ({1, 3, 4}, {3})
    assert mirror.raw.execute("SELECT customer_id, entered FROM moves").fetchall() == [(2, 0), (4, 1)]
    (standing,) = [it for it in membership.standings(mirror) if it.segment == "a"]
    assert (standing.basis, standing.seen, standing.size, standing.as_of) == ("basis", 7, 3, 20)


def test_what_the_asked_cost_follows_them_and_not_how_many_members_there_are(tmp_path: Path) -> None:
    """Also where SQLite has looked at the tables (ANALYZE) and knows nothing of those that a run makes."""
    costs = []
    for people in (1_000, 20_000):
        mirror = open_mirror(tmp_path / f"{people}.db")
        customers(mirror, "main", range(1, people + 1))
        membership.renew(mirror, "a", "main", "q", range(1, people, 2), 1, 10)
        membership.renew(mirror, "b", "main", "q", range(1, people, 3), 1, 10)
        mirror.raw.execute("ANALYZE")
        with mirror.transaction():
            answered(mirror, dict.fromkeys(range(10, 30), 3), set(range(1, 100)))
            costs.append(steps(mirror, partial(settle, mirror, "main", BOTH, 2, 20, scope="asked")))
        mirror.close()

    assert costs[1] <= costs[0] * 1.1


def test_answers_to_other_segments_change_nothing(mirror: Mirror) -> None:
    membership.renew(mirror, "a", "main", "q", [1], 1, 10)
    membership.renew(mirror, "b", "main", "q", [2], 1, 10)
    with mirror.transaction():
        answered(mirror, {1: 0b10, 5: 0b11}, set())
        settle(mirror, "main", {"b": Evaluated("q")}, 2, 20)

        masks.places(mirror, "main", ["c"])
        answered(mirror, {6: 0b111}, set())
        settle(mirror, "main", {"c": Evaluated("q")}, 2, 20)

    assert (ids(mirror, "a"), ids(mirror, "b"), ids(mirror, "c")) == ({1}, {1, 5}, {6})


def test_a_first_evaluation_writes_no_moves_and_is_told_all_the_same(mirror: Mirror) -> None:
    membership.renew(mirror, "a", "main", "q", [1, 2, 3], 4, 10)
    membership.renew(mirror, "a", "main", "q", [2, 3, 4], 5, 20)

    assert mirror.raw.execute("SELECT run, customer_id, entered FROM moves").fetchall() == [(5, 1, 0), (5, 4, 1)]
    assert membership.moves_of_run(mirror, 4) == {"a": (3, 0)}
    assert membership.moves_of_run(mirror, 5) == {"a": (1, 1)}
    assert [it.began_run for it in membership.standings(mirror)] == [4]
    told = [[(it.run, it.at, it.entered) for it in traces.moves(mirror, {("main", id_)})] for id_ in (1, 2, 4, 5)]
    assert told == [[(4, 10, 1), (5, 20, 0)], [(4, 10, 1)], [(5, 20, 1)], []]
    assert {it.customer_id: it.since for it in membership.members(mirror, "a")} == {2: 10, 3: 10, 4: 20}


def test_a_segment_that_comes_back_begins_anew(mirror: Mirror) -> None:
    membership.renew(mirror, "a", "main", "q", [1, 2], 1, 10)
    membership.renew(mirror, "a", "main", "q", [1, 3], 2, 20)
    membership.drop_all_but(mirror, set(), 3, 30)
    membership.renew(mirror, "a", "main", "q", [1, 2, 3], 4, 40)
    membership.renew(mirror, "a", "main", "q", [1, 3], 5, 50)

    assert {it.customer_id: it.since for it in membership.members(mirror, "a")} == {1: 40, 3: 40}
    told = [[(it.run, it.entered) for it in traces.moves(mirror, {("main", id_)})] for id_ in (1, 2, 3)]
    assert told == [[(1, 1), (3, 0), (4, 1)], [(1, 1), (2, 0), (4, 1), (5, 0)], [(2, 1), (3, 0), (4, 1)]]


def test_many_are_taken_over_some_at_a_time(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_AT_ONCE", 7)
    membership.renew(mirror, "a", "main", "q", range(1, 60), 1, 10)
    moved = membership.renew(mirror, "a", "main", "q", range(40, 101), 2, 20)
    assert (moved, ids(mirror, "a")) == (Moved(41, 39, 61), set(range(40, 101)))

    with mirror.transaction():
        answered(mirror, dict.fromkeys(range(1, 50), 1), set(range(1, 101)))
        moved = settle(mirror, "main", {"a": Evaluated("q")}, 3, 30, scope="asked")["a"]
    assert (moved, ids(mirror, "a")) == (Moved(39, 51, 49), set(range(1, 50)))


def test_a_segment_that_was_never_evaluated_leaves_nothing_behind(mirror: Mirror) -> None:
    membership.keep(mirror, "a", "main", "q", "no orders yet", 5)

    assert membership.drop_all_but(mirror, set(), 2, 10) == [("a", "main")]
    assert mirror.raw.execute("SELECT count(*) FROM beginnings").fetchone() == (0,)
    assert membership.standings(mirror) == []


def test_a_segment_that_was_never_evaluated_has_a_reason_and_begins_later(mirror: Mirror) -> None:
    membership.keep(mirror, "a", "main", "q", "no orders yet", 5)
    (standing,) = membership.standings(mirror)
    assert (standing.as_of, standing.failed_at, standing.why, standing.query) == (None, 5, "no orders yet", "q")

    membership.renew(mirror, "a", "main", "q", [1], 2, 10)
    membership.keep(mirror, "a", "main", "other", "no orders again", 20)
    (standing,) = membership.standings(mirror)

    assert (standing.as_of, standing.failed_at, standing.query, standing.size) == (10, 20, "q", 1)
    assert membership.moves_of_run(mirror, 2) == {"a": (1, 0)}


def test_a_mirror_with_a_row_a_member_keeps_who_is_where_since_when(tmp_path: Path) -> None:
    old = mirror_of(tmp_path / "old.db", "0006")
    names = [f"s{number:02}" for number in range(70)]
    rows = [
        (name, "main", customer, 1_000 + number)
        for number, name in enumerate(names)
        for customer in range(1, 200)
        if customer % (number + 2) == 0
    ] + [(names[0], "outlet", 5, 7)]
    old.raw.executemany(
        "INSERT INTO segments (segment, store, query, as_of, why) VALUES (?, ?, 'q', 5000, '')",
        [*((name, "main") for name in names), (names[0], "outlet"), ("empty", "outlet")],
    )
    old.raw.executemany("INSERT INTO members (segment, store, customer_id, since) VALUES (?, ?, ?, ?)", rows)
    move = "INSERT INTO moves (run, at, segment, store, customer_id, entered) VALUES (?, ?, ?, 'main', ?, ?)"
    # of s00, customer 2 came and went before; the entering of most was pruned
    old.raw.executemany(move, [(1, 500, "s00", 2, 1), (2, 600, "s00", 2, 0), (3, 1_000, "s00", 2, 1)])
    old.raw.execute("INSERT INTO runs (run, command, started_at, result, report) VALUES (3, 'sync', 999, 'done', '')")
    old.close()

    opened = open_mirror(old.path)
    found = opened.raw.execute("SELECT segment, store, customer_id, since FROM members").fetchall()
    told = traces.moves(opened, {("main", 2)})
    sizes = membership.sizes(opened)
    after = membership.renew(opened, "s00", "main", "q", [], 4, 6_000)
    opened.close()

    assert sorted(found) == sorted(rows)
    assert sizes == {pair: sum(row[:2] == pair for row in rows) for pair in {row[:2] for row in rows}}
    assert [(it.run, it.at, it.entered) for it in told] == [(1, 500, 1), (2, 600, 0), (3, 1_000, 1)]
    assert after == Moved(0, 99, 0)
