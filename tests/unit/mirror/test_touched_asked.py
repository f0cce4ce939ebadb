"""What is asked of the notes: who is to be looked at again since when, and what it costs to find out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from syncd.mirror import shapes, touched
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shelves import Shelf
from syncd.model import ContactStatus
from tests.unit.mirror.looked_at import LATER, TEA, contact, customer, later, order, put, settle


def asked(mirror: Mirror, since: int, *, kin: bool = False, store: str = "main") -> set[int]:
    touched.make_asked(mirror)
    mirror.raw.execute("DELETE FROM temp.asked")
    size = touched.ask(mirror, store, since, kin=kin)
    found = {id_ for (id_,) in mirror.raw.execute("SELECT customer_id FROM temp.asked")}
    assert size == len(found)
    return found


def candidates(mirror: Mirror) -> set[str]:
    found = {subject for (subject,) in mirror.raw.execute("SELECT subject FROM temp.candidates")}
    mirror.raw.execute("DELETE FROM temp.candidates")
    return found


def end(mirror: Mirror) -> int:
    with mirror.transaction():
        return touched.close(mirror)


def test_each_asks_for_what_is_newer_than_what_it_has_seen(mirror: Mirror) -> None:
    put(mirror, "orders", order(11, 1))
    first = end(mirror)
    put(mirror, "orders", order(12, 2))
    second = end(mirror)
    put(mirror, "orders", order(13, 3))

    assert touched.generation(mirror) == second + 1 == first + 2
    assert asked(mirror, first - 1) == {1, 2, 3}
    assert asked(mirror, first) == {2, 3}
    assert asked(mirror, second) == {3}
    assert asked(mirror, second + 1) == set()
    assert asked(mirror, first - 1, store="other") == set()


def test_what_is_asked_for_adds_up(mirror: Mirror) -> None:
    put(mirror, "orders", order(11, 1))
    asked(mirror, 0)
    mirror.raw.execute("INSERT INTO temp.asked VALUES (77)")

    assert touched.ask(mirror, "main", 0, kin=False) == 2


def test_who_shares_an_address_with_somebody_touched_is_asked_about_with_them(mirror: Mirror) -> None:
    put(mirror, "orders", order(11, 1))

    assert asked(mirror, touched.generation(mirror) - 1, kin=True) == {1, 2}


def test_who_has_the_address_of_a_guest_or_one_that_somebody_gave_up_is_asked_about(mirror: Mirror) -> None:
    put(mirror, "customers", customer(1, "c@x.example", updated_at=LATER))
    put(mirror, "orders", order(11, None, "c@x.example"))

    assert asked(mirror, touched.generation(mirror) - 1, kin=True) == {1, 2, 3}


def test_kin_are_found_in_the_same_store_alone(mirror: Mirror) -> None:
    Shelf(mirror, "other", "customers", shapes.CUSTOMERS).put([customer(8, "a@x.example")], None)

    assert asked(mirror, touched.generation(mirror) - 1, kin=True, store="other") == {8}
    assert asked(mirror, touched.generation(mirror) - 1, kin=True) == set()


def test_a_tag_of_a_store_looks_again_at_its_customers_and_at_what_the_store_said_of_them(mirror: Mirror) -> None:
    since = touched.generation(mirror) - 1
    put(mirror, "orders", order(11, 1))
    mirror.raw.execute("DELETE FROM ledger WHERE target = 'main' AND subject = '3'")

    assert touched.candidates_of_store(mirror, "main", since) == 2
    assert candidates(mirror) == {"1", "3"}


def test_a_label_of_an_audience_looks_again_at_addresses_there_and_in_the_stores(mirror: Mirror) -> None:
    since = touched.generation(mirror) - 1
    put(mirror, "contacts", contact("b@x.example", ContactStatus.SUBSCRIBED))
    put(mirror, "customers", customer(3, "new@x.example", updated_at=LATER))

    touched.candidates_of_audience(mirror, "news", ["main"], since)
    assert candidates(mirror) == {"b@x.example", "c@x.example", "new@x.example"}
    touched.candidates_of_audience(mirror, "news", [], since)
    assert candidates(mirror) == {"b@x.example"}


def test_a_product_that_changed_is_told_as_a_kind_until_it_was_seen(mirror: Mirror) -> None:
    before = touched.generation(mirror) - 1
    put(mirror, "products", later(TEA, tags=("cold",)))
    seen = end(mirror)

    assert touched.kinds_touched(mirror, "main", before) == {"products"}
    assert touched.kinds_touched(mirror, "main", seen) == set()
    assert touched.kinds_touched(mirror, "other", before) == set()


def test_notes_are_kept_for_as_long_as_somebody_has_not_seen_them(mirror: Mirror) -> None:
    put(mirror, "orders", order(11, 1))
    first = end(mirror)
    put(mirror, "orders", order(12, 2))
    second = end(mirror)
    put(mirror, "orders", order(13, 3))

    touched.prune(mirror, [second, first, None])
    assert asked(mirror, first) == {2, 3}
    assert touched.kinds_touched(mirror, "main", first) == set()
    touched.prune(mirror, [second])
    assert asked(mirror, 0) == {3}


def test_whoever_has_seen_less_than_the_notes_tell_is_told_to_look_at_everything(mirror: Mirror) -> None:
    first = end(mirror)
    second = end(mirror)

    touched.prune(mirror, [second])

    assert touched.kinds_touched(mirror, "main", first) == touched.EVERY_KIND
    assert touched.kinds_touched(mirror, "main", second) == set()


def test_who_could_not_look_for_long_does_not_let_the_notes_grow(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched, "_MOST_NOTES", 2)
    kept = end(mirror)
    put(mirror, "orders", order(11, 1), order(12, 2))
    touched.prune(mirror, [kept, end(mirror)])
    assert touched.kinds_touched(mirror, "main", kept) == set()

    put(mirror, "orders", order(13, 3))
    newest = end(mirror)
    touched.prune(mirror, [kept, newest])

    assert touched.kinds_touched(mirror, "main", kept) == touched.EVERY_KIND
    assert touched.kinds_touched(mirror, "main", newest) == set()
    assert asked(mirror, newest - 1) == set()


def test_with_nobody_to_look_nothing_that_has_ended_is_kept(mirror: Mirror) -> None:
    put(mirror, "orders", order(11, 1))
    end(mirror)
    put(mirror, "orders", order(12, 2))

    touched.prune(mirror, [])

    assert asked(mirror, 0) == {2}


CUSTOMERS = 400


@pytest.fixture(scope="module", params=[False, True], ids=["never analysed", "analysed"])
def shops(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Mirror]]:
    """Two shops, one of them eight times as large; SQLite knows how large, or does not."""
    folder: Path = tmp_path_factory.mktemp("shops")
    with closing(open_mirror(folder / "small.db")) as small, closing(open_mirror(folder / "large.db")) as large:
        for mirror, size in ((small, CUSTOMERS), (large, 8 * CUSTOMERS)):
            put(mirror, "customers", *(customer(number, f"{number % size}@x.example") for number in range(1, size + 1)))
            put(mirror, "orders", *(order(number, 1 + number % size) for number in range(3 * size)))
            put(mirror, "contacts", *(contact(f"{number}@x.example") for number in range(size)))
            settle(mirror)
            put(mirror, "orders", *(order(10**6 + number, number) for number in range(100, 200)))
            put(mirror, "orders", *(order(10**7 + number, None, f"{number}@x.example") for number in range(50)))
            put(mirror, "contacts", *(contact(f"{number}@x.example", ContactStatus.CLEANED) for number in range(50)))
            if request.param:
                mirror.raw.execute("ANALYZE")
        yield [small, large]


LOOKS: dict[str, Callable[[Mirror, int], object]] = {
    "customers": lambda it, since: touched.ask(it, "main", since, kin=False),
    "customers and their kin": lambda it, since: touched.ask(it, "main", since, kin=True),
    "subjects of a store": lambda it, since: touched.candidates_of_store(it, "main", since),
    "subjects of an audience": lambda it, since: touched.candidates_of_audience(it, "news", ["main"], since),
    "kinds": lambda it, since: touched.kinds_touched(it, "main", since),
    "forgetting": lambda it, since: touched.prune(it, [since]),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_what_it_costs_to_ask_follows_what_was_touched_and_not_the_shop(
    shops: list[Mirror], look: Callable[[Mirror, int], object]
) -> None:
    spent = []
    for mirror in shops:
        touched.make_asked(mirror)
        touched.make_candidates(mirror)
        mirror.raw.execute("DELETE FROM temp.asked")
        mirror.raw.execute("DELETE FROM temp.candidates")
        steps = itertools.count()
        mirror.raw.set_progress_handler(lambda steps=steps: next(steps) < 0, 1)
        look(mirror, touched.generation(mirror) - 1)
        mirror.raw.set_progress_handler(None, 0)
        spent.append(next(steps))

    small, large = spent
    assert large <= 1.05 * small
