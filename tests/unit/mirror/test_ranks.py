"""Ranks that are kept: what makes them anew, and what a change costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from syncd.mirror import answering, masks, membership, ranks, touched
from syncd.mirror.answering import Wanted
from syncd.mirror.database import Mirror
from syncd.mirror.erasing import Erasure, erase
from syncd.mirror.forgotten import Whom
from syncd.mirror.masks import Place
from syncd.mirror.opening import open_mirror
from syncd.mirror.ranks import Ranking
from syncd.segments import Frame, Rank, Rule, parse
from syncd.segments.days import Offset, Unit
from syncd.segments.frame import By

NOW = 1_795_000_000
EVERYBODY = parse("customer_added_date IS NOT NULL")
FRAME = Frame(store="main", now=NOW, zone=ZoneInfo("UTC"), currency="EUR")


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with closing(open_mirror(tmp_path / "syncd.db")) as opened:
        yield opened


def settle(mirror: Mirror, customers: int) -> None:
    """Let so many people have ordered once, who spent the more the later they came."""
    person = (
        "INSERT INTO customers (store, id, created_at, updated_at, email_key, verified_email, number_of_orders, "
        "amount_spent) VALUES ('main', ?, 0, 0, ?, 0, 1, ?)"
    )
    order = (
        "INSERT INTO orders (store, id, created_at, processed_at, updated_at, test, counts, customer_id, email_key, "
        "currency, total, current_total, refunded) VALUES ('main', ?, 0, ?, 0, 0, 1, ?, ?, 'EUR', 0, ?, 0)"
    )
    with mirror.transaction():
        ids = range(1, customers + 1)
        mirror.raw.executemany(person, ((id_, f"p{id_}@x.example", id_) for id_ in ids))
        mirror.raw.executemany(order, ((id_, NOW - id_ % 500, id_, f"p{id_}@x.example", id_) for id_ in ids))


def ranking(mirror: Mirror, rank: Rank, by: By = "customer", margin: int = 5) -> Ranking:
    with mirror.transaction():
        place = masks.places(mirror, "main", ["best"])["best"]
    frame = msgspec.structs.replace(FRAME, by=by)
    return Ranking(segment="best", rank=rank, frame=frame, holders=Place(-1, 0), place=place, margin=margin)


def anew(mirror: Mirror, it: Ranking) -> set[int]:
    with mirror.transaction():
        masks.clear_answers(mirror)
        answering.fill(mirror, [Wanted(EVERYBODY, it.frame, it.holders.shelf, it.holders.bit)], "all")
        ranks.rank_anew(mirror, it)
        touched.close(mirror)
    return best(mirror, it)


def on(mirror: Mirror, it: Ranking, *asked: int) -> dict[int, bool] | None:
    with mirror.transaction():
        ask(mirror, it, asked)
        return ranks.rank_on(mirror, it)


def ask(mirror: Mirror, it: Ranking, some: Iterable[int]) -> None:
    touched.make_asked(mirror)
    mirror.raw.execute("DELETE FROM temp.asked")
    mirror.raw.executemany("INSERT INTO temp.asked VALUES (?)", ((id_,) for id_ in some))
    masks.clear_answers(mirror)
    answering.fill(mirror, [Wanted(EVERYBODY, it.frame, it.holders.shelf, it.holders.bit)], "asked")


def best(mirror: Mirror, it: Ranking) -> set[int]:
    its = (it.place.shelf, it.place.mask)
    return {id_ for (id_,) in mirror.raw.execute("SELECT customer_id FROM answers WHERE shelf = ? AND mask & ?", its)}


def spend(mirror: Mirror, id_: int, amount: int) -> None:
    mirror.raw.execute("UPDATE customers SET amount_spent = ? WHERE id = ?", (amount, id_))


def kept(mirror: Mirror) -> tuple[int, int]:
    query = "SELECT (SELECT count(*) FROM ranks), (SELECT count(*) FROM contenders)"
    ranks_, contenders = mirror.raw.execute(query).fetchone()
    return ranks_, contenders


SPENT = Rank(by="amount_spent", top=3)


def test_who_comes_in_takes_the_place_of_the_last(mirror: Mirror) -> None:
    settle(mirror, 20)
    it = ranking(mirror, SPENT)
    assert anew(mirror, it) == {18, 19, 20}

    spend(mirror, 4, 100)
    assert on(mirror, it, 4) == {18: False}
    assert best(mirror, it) == {4}
    spend(mirror, 4, 0)
    assert on(mirror, it, 4) == {18: True}
    assert best(mirror, it) == set()


def test_who_was_asked_is_not_told_of_again_among_the_others(mirror: Mirror) -> None:
    settle(mirror, 20)
    it = ranking(mirror, SPENT)
    anew(mirror, it)
    spend(mirror, 4, 100)

    assert on(mirror, it, 4, 18) == {}
    assert best(mirror, it) == {4}


def test_all_records_of_an_address_come_and_go_together(mirror: Mirror) -> None:
    settle(mirror, 20)
    mirror.raw.execute("UPDATE customers SET email_key = 'p18@x.example' WHERE id IN (5, 18)")
    it = ranking(mirror, SPENT, by="email")
    assert anew(mirror, it) == {5, 18, 19, 20}  # 5 and 18 spent 23 together

    spend(mirror, 1, 100)
    spend(mirror, 2, 100)
    assert on(mirror, it, 1, 2) == {19: False, 20: False}
    spend(mirror, 3, 100)
    assert on(mirror, it, 3) == {5: False, 18: False}


def test_nobody_is_ranked_who_never_ordered(mirror: Mirror) -> None:
    settle(mirror, 4)
    it = ranking(mirror, msgspec.structs.replace(SPENT, top=Fraction(1, 2)))
    assert anew(mirror, it) == {3, 4}

    mirror.raw.execute("UPDATE customers SET number_of_orders = 0 WHERE id IN (1, 2)")
    assert on(mirror, it, 1, 2) == {3: False}


def test_a_rank_is_made_anew_when_too_many_of_those_next_to_its_edge_are_gone(mirror: Mirror) -> None:
    settle(mirror, 40)
    it = ranking(mirror, SPENT)
    anew(mirror, it)

    for id_ in range(40, 35, -1):  # the five who stood next come in, one by one
        spend(mirror, id_, 0)
        assert on(mirror, it, id_) == {id_ - 3: True}
    spend(mirror, 35, 0)
    assert on(mirror, it, 35) is None
    assert anew(mirror, it) == {32, 33, 34}


def test_a_rank_lets_go_of_those_far_below_before_it_knows_ever_more_people(mirror: Mirror) -> None:
    settle(mirror, 100)
    it = ranking(mirror, SPENT)
    anew(mirror, it)

    known = []
    for id_ in range(1, 30):
        spend(mirror, id_, 1_000 + id_)
        assert on(mirror, it, id_) is not None
        known.append(kept(mirror)[1])
    assert max(known) == 3 + 4 * 5
    assert known[known.index(max(known)) + 1] == 3 + 5
    for id_ in range(29, 24, -1):  # who stood next, and was not let go, comes in again
        spend(mirror, id_, 0)
        assert on(mirror, it, id_) == {id_ - 3: True}


def test_a_rank_by_other_terms_is_made_anew(mirror: Mirror) -> None:
    settle(mirror, 20)
    it = ranking(mirror, SPENT)
    assert on(mirror, it) is None
    anew(mirror, it)

    assert on(mirror, it) == {}
    terms = ("rank", msgspec.structs.replace(SPENT, top=4)), ("frame", msgspec.structs.replace(FRAME, currency="USD"))
    for name, other in terms:
        assert on(mirror, msgspec.structs.replace(it, **{name: other})) is None


def test_what_is_kept_of_a_rank_goes_with_its_segment(mirror: Mirror) -> None:
    settle(mirror, 20)
    anew(mirror, ranking(mirror, SPENT))
    assert kept(mirror) == (1, 8)

    membership.drop_all_but(mirror, [], run=1, at=NOW)
    assert kept(mirror) == (0, 0)


def test_a_rank_is_made_anew_once_somebody_was_erased_who_stood_near_its_edge(mirror: Mirror) -> None:
    settle(mirror, 20)
    it = ranking(mirror, SPENT)
    anew(mirror, it)

    erase(mirror, Erasure(whom=(Whom(frozenset({("main", 1)}), frozenset({"p1@x.example"})),)))
    assert on(mirror, it, 1) == {}
    erase(mirror, Erasure(whom=(Whom(frozenset({("main", 18)}), frozenset({"p18@x.example"})),)))
    assert kept(mirror) == (0, 0)
    assert on(mirror, it, 18) is None
    assert anew(mirror, it) == {17, 19, 20}


def test_a_rank_that_is_made_twice_keeps_its_people_once(mirror: Mirror) -> None:
    settle(mirror, 20)
    it = ranking(mirror, SPENT)
    anew(mirror, it)
    anew(mirror, it)

    assert kept(mirror) == (1, 8)


@pytest.mark.parametrize("top", [30, Fraction(3, 10)])
def test_of_a_large_rank_places_are_known_near_the_edge_alone(mirror: Mirror, top: int | Fraction) -> None:
    settle(mirror, 100)
    it = ranking(mirror, msgspec.structs.replace(SPENT, top=top))

    assert anew(mirror, it) == set(range(71, 101))
    query = "SELECT customer_id FROM contenders WHERE length(place) > 1"
    assert {id_ for (id_,) in mirror.raw.execute(query)} == set(range(56, 86))
    spend(mirror, 1, 1_000)
    assert on(mirror, it, 1) == {71: False}
    spend(mirror, 100, 0)
    assert on(mirror, it, 100) == {71: True}


def steps(mirror: Mirror, it: Ranking, some: Iterable[int]) -> int:
    """Count what SQLite does to follow a change, in instructions of its machine."""
    counted = itertools.count()
    with mirror.transaction():
        ask(mirror, it, some)
        mirror.raw.set_progress_handler(lambda: next(counted) < 0, 1)
        assert ranks.rank_on(mirror, it) is not None
        mirror.raw.set_progress_handler(None, 0)
    return next(counted)


@pytest.mark.parametrize("top", [100, Fraction(1, 100)])
@pytest.mark.parametrize("over", [None, Offset(-1, Unit.DAYS)])
@pytest.mark.parametrize("by", ["customer", "email"])
def test_a_change_costs_as_much_in_a_large_store_as_in_a_small_one(
    tmp_path: Path, top: int | Fraction, over: Offset | None, by: By
) -> None:
    costs = []
    for customers in (1_000, 4_000):
        with closing(open_mirror(tmp_path / f"{customers}.db")) as mirror:
            settle(mirror, customers)
            mirror.raw.execute("ANALYZE")
            it = ranking(mirror, Rank(by="amount_spent", over=over, top=top), by=by, margin=200)
            anew(mirror, it)
            some = range(1, customers, customers // 50)
            mirror.raw.executemany("UPDATE orders SET current_total = 5000 WHERE id = ?", ((id_,) for id_ in some[:3]))
            costs.append(steps(mirror, it, some))
    assert costs[1] <= 1.15 * costs[0]


ALIKE = (
    Rank(by="amount_spent", over=Offset(-365, Unit.DAYS), top=3),
    Rank(by="average_order", over=Offset(-365, Unit.DAYS), top=Fraction(1, 5)),
    Rank(by="orders", over=Offset(-365, Unit.DAYS), top=4),
)
"""Ranks over the same orders."""


@pytest.mark.parametrize("by", ["customer", "email"])
def test_ranks_over_the_same_orders_are_made_together_as_each_by_itself(mirror: Mirror, by: By) -> None:
    settle(mirror, 30)
    mirror.raw.execute("UPDATE customers SET email_key = 'p1@x.example' WHERE id < 5")
    rules = [EVERYBODY, parse("amount_spent > 12"), parse("number_of_orders = 1 AND amount_spent < 25")]
    alone, together = (_made(mirror, by, rules, apart=apart) for apart in (True, False))
    assert together == alone
    assert len({frozenset(some) for some in together}) == len(ALIKE)


def _made(mirror: Mirror, by: By, rules: Sequence[Rule], *, apart: bool) -> list[set[int]]:
    names = [f"best-{number}" for number in range(len(ALIKE))]
    with mirror.transaction():
        places = masks.places(mirror, "main", names)
        frame = msgspec.structs.replace(FRAME, by=by)
        its = [
            Ranking(segment=name, rank=rank, frame=frame, holders=holders, place=places[name], margin=2)
            for name, rank, holders in zip(names, ALIKE, ranks.spare(places.values()), strict=False)
        ]
        masks.clear_answers(mirror)
        holders = [Wanted(rule, frame, it.holders.shelf, it.holders.bit) for rule, it in zip(rules, its, strict=True)]
        answering.fill(mirror, holders, "all")
        for some in [[it] for it in its] if apart else [its]:
            ranks.rank_anew(mirror, *some)
    return [best(mirror, it) for it in its]


def test_rules_of_ranks_are_answered_on_the_shelf_of_the_others_while_it_has_room() -> None:
    taken = [Place(3, bit) for bit in range(masks.BITS - 2)]
    found = itertools.islice(ranks.spare(taken), 3)
    assert list(found) == [Place(3, masks.BITS - 2), Place(3, masks.BITS - 1), Place(ranks.HOLDERS, 0)]
