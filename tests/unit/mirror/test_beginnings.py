"""What goes when history is pruned and people are erased, and what is still told after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.mirror import membership
from syncd.mirror.database import Mirror
from syncd.mirror.erasing import Erasure, erase
from syncd.mirror.forgotten import Whom
from syncd.mirror.opening import open_mirror
from syncd.mirror.pruning import prune_history


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path / "syncd.db")
    opened.raw.executemany(
        "INSERT INTO customers (store, id, created_at, updated_at, verified_email, number_of_orders, amount_spent) "
        "VALUES ('main', ?, 0, 0, 0, 0, 0)",
        [(id_,) for id_ in range(1, 10)],
    )
    yield opened
    opened.close()


def evaluated(mirror: Mirror, run: int, segment: str, *ids: int) -> None:
    membership.renew(mirror, segment, "main", "q", ids, run, run * 10)


def moves(mirror: Mirror) -> list[tuple[int, str, int, int]]:
    return mirror.raw.execute("SELECT run, segment, customer_id, entered FROM moves ORDER BY id").fetchall()


def beginnings(mirror: Mirror) -> list[tuple[str, int, int]]:
    return mirror.raw.execute("SELECT segment, run, size FROM beginnings ORDER BY 1, 2").fetchall()


def erased(mirror: Mirror, *ids: int) -> None:
    whom = Whom(frozenset(("main", id_) for id_ in ids), frozenset())
    erase(mirror, Erasure(whom=(whom,), forgotten=False))


def test_whole_stays_are_pruned_and_the_last_entering_of_who_is_there_is_not(mirror: Mirror) -> None:
    evaluated(mirror, 1, "a", 1, 2)
    evaluated(mirror, 1, "b")
    evaluated(mirror, 2, "b", 1, 3)
    evaluated(mirror, 3, "a", 2, 3)
    evaluated(mirror, 4, "a", 1, 2)
    evaluated(mirror, 5, "a", 1)

    gone = prune_history(mirror, 45)

    assert gone == 3  # customer 1 left in run 3, and customer 3 came then and left in run 4
    assert moves(mirror) == [(2, "b", 1, 1), (2, "b", 3, 1), (4, "a", 1, 1), (5, "a", 2, 0)]
    assert beginnings(mirror) == [("a", 1, 1), ("b", 1, 0)]
    assert {it.customer_id: it.since for it in membership.members(mirror, "b")} == {1: 20, 3: 20}


def test_of_a_segment_that_ended_nothing_is_left_in_the_end(mirror: Mirror) -> None:
    evaluated(mirror, 1, "a", 1, 2)
    evaluated(mirror, 1, "b", 1)
    membership.drop_all_but(mirror, {("b", "main")}, 2, 20)
    assert beginnings(mirror) == [("a", 1, 2), ("b", 1, 1)]

    prune_history(mirror, 20)
    assert beginnings(mirror) == [("a", 1, 2), ("b", 1, 1)]
    prune_history(mirror, 21)

    assert moves(mirror) == []
    assert beginnings(mirror) == [("b", 1, 1)]


def test_how_many_entered_stays_true_of_who_is_erased_and_goes_with_its_time(mirror: Mirror) -> None:
    evaluated(mirror, 1, "a", 1, 2, 3)
    evaluated(mirror, 2, "a", 1, 3, 4, 5)
    erased(mirror, 1, 2, 4)

    assert membership.sizes(mirror) == {("a", "main"): 2}
    assert beginnings(mirror) == [("a", 1, 1)]
    assert moves(mirror) == [(2, "a", 0, 0), (2, "a", 0, 1), (2, "a", 5, 1), (1, "a", 0, 1), (1, "a", 0, 1)]
    assert membership.moves_of_run(mirror, 1) == {"a": (3, 0)}
    assert membership.moves_of_run(mirror, 2) == {"a": (2, 1)}

    prune_history(mirror, 25)

    assert moves(mirror) == [(2, "a", 5, 1)]
    assert beginnings(mirror) == [("a", 1, 1)]


def test_who_is_in_no_segment_is_erased_without_a_trace_in_any(mirror: Mirror) -> None:
    evaluated(mirror, 1, "a", 1)
    erased(mirror, 9)

    assert (moves(mirror), beginnings(mirror)) == ([], [("a", 1, 1)])
    assert membership.sizes(mirror) == {("a", "main"): 1}
