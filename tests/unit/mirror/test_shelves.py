"""What a shelf writes: what differs, and nothing else; new ids without a look at what is there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from syncd.mirror import gate, shapes
from syncd.mirror.database import Mirror
from syncd.mirror.shelves import Shelf
from syncd.model import Metafields
from tests.unit.mirror.looked_at import FIELD, LATER, NOW, contact, customer, line, marks, order, put


def tags(mirror: Mirror, customer_id: int) -> list[str]:
    query = "SELECT tag FROM customer_tags WHERE customer_id = ? ORDER BY tag"
    return [tag for (tag,) in mirror.raw.execute(query, (customer_id,))]


def lines(mirror: Mirror, order_id: int) -> list[int]:
    return [id_ for (id_,) in mirror.raw.execute("SELECT id FROM lines WHERE order_id = ? ORDER BY 1", (order_id,))]


def written(mirror: Mirror, work: Callable[[], object]) -> set[str]:
    """Return which tables a piece of work writes to."""
    tables = set[str]()
    said: list[str] = []
    mirror.raw.set_trace_callback(said.append)
    work()
    mirror.raw.set_trace_callback(None)
    for statement in said:
        words = statement.split()
        if words[0] in {"INSERT", "DELETE"}:
            tables.add(words[words.index("INTO" if words[0] == "INSERT" else "FROM") + 1])
    return tables


def test_of_an_order_whose_lines_differ_the_order_is_written_too(mirror: Mirror) -> None:
    before = mirror.raw.total_changes

    put(mirror, "orders", order(1, 1, "a@x.example", lines=(line(1), line(2))), order(3, 3))

    assert lines(mirror, 1) == [1, 2]
    assert marks(mirror) == {1}
    # the order, the line that was there and goes, both that are there now, and the note
    assert mirror.raw.total_changes - before == 5


def test_of_a_record_that_differs_itself_what_hangs_on_it_is_left_alone(mirror: Mirror) -> None:
    def read() -> None:
        put(mirror, "customers", customer(1, "a@x.example", first_name="A", tags=("old",)))

    assert {"customer_tags", "customer_addresses"} & written(mirror, read) == set()
    assert marks(mirror) == {1}


def test_a_tag_written_in_other_letters_is_another_tag(mirror: Mirror) -> None:
    put(mirror, "customers", customer(1, "a@x.example", tags=("OLD",)))

    assert tags(mirror, 1) == ["OLD"]
    assert marks(mirror) == {1}


def test_of_two_tags_that_are_one_without_letter_case_the_last_is_kept_and_read_again_is_the_same(
    mirror: Mirror,
) -> None:
    put(mirror, "customers", customer(9, tags=("vip", "VIP")))
    assert tags(mirror, 9) == ["VIP"]
    before = mirror.raw.total_changes

    put(mirror, "customers", customer(9, tags=("vip", "VIP")))

    assert mirror.raw.total_changes == before


def test_values_of_a_metafield_that_is_a_list_are_all_kept(mirror: Mirror) -> None:
    values = tuple(msgspec.structs.replace(FIELD, place=place, value=str(place)) for place in range(3))
    put(mirror, "metafields", Metafields(id=1, updated_at=NOW, values=values))
    before = mirror.raw.total_changes

    put(mirror, "metafields", Metafields(id=1, updated_at=NOW, values=values))

    assert mirror.raw.execute("SELECT value FROM customer_metafields ORDER BY place").fetchall() == [
        ("0",),
        ("1",),
        ("2",),
    ]
    assert mirror.raw.total_changes == before


def test_an_older_row_is_left_out_and_one_of_the_same_time_counts(mirror: Mirror) -> None:
    put(mirror, "customers", customer(1, "a@x.example", first_name="new", updated_at=LATER))
    shelf = Shelf(mirror, "main", "customers", shapes.CUSTOMERS)

    assert shelf.put([customer(1, "a@x.example", first_name="older")], None) == 0
    assert shelf.put([customer(1, "a@x.example", first_name="same", updated_at=LATER)], None) == 1

    assert mirror.raw.execute("SELECT first_name FROM customers WHERE id = 1").fetchone() == ("same",)


@pytest.mark.parametrize("number", [1, 9], ids=["known", "new"])
def test_of_two_rows_of_one_record_in_a_page_the_later_counts_with_what_hangs_on_it(
    mirror: Mirror, number: int
) -> None:
    for pair in itertools.permutations(
        [customer(number, tags=("was",)), customer(number, tags=("is",), updated_at=LATER)]
    ):
        put(mirror, "customers", *pair)

        assert tags(mirror, number) == ["is"]


@pytest.mark.parametrize("others", [(), (9,)], ids=["behind all that are there", "before some that are there"])
def test_somebody_who_comes_back_has_none_of_the_tags_that_were_left_of_them(
    mirror: Mirror, others: tuple[int, ...]
) -> None:
    put(mirror, "customers", customer(8, tags=("left",)), *map(customer, others))
    with mirror.transaction():
        gate.depart_customers(mirror, "main", [8])
    assert tags(mirror, 8) == ["left"]

    put(mirror, "customers", customer(8, tags=("now",)))

    assert tags(mirror, 8) == ["now"]


def test_what_lies_behind_all_that_is_there_is_written_without_a_look_at_it(mirror: Mirror) -> None:
    said: list[str] = []
    rows = [order(number, 1, lines=(line(number),)) for number in range(100, 1100)]
    mirror.raw.set_trace_callback(said.append)
    put(mirror, "orders", *rows)
    mirror.raw.set_trace_callback(None)

    assert [it for it in said if it.startswith(("SELECT id,", "DELETE"))] == []
    assert Shelf(mirror, "main", "orders", shapes.ORDERS).count() == 1003


def test_addresses_come_in_any_order(mirror: Mirror) -> None:
    put(mirror, "contacts", *(contact(f"{name}@x.example") for name in "zmk"))
    put(mirror, "contacts", *(contact(f"{name}@x.example") for name in "ykb"))

    there = [key[0] for key in Shelf(mirror, "news", "contacts", shapes.CONTACTS).all_keys()]
    assert there == list("abkmyz")


@pytest.mark.parametrize("feed", ["customers", "orders", "contacts"])
def test_the_owner_is_told_apart(mirror: Mirror, feed: str) -> None:
    rows: dict[str, Any] = {"customers": customer(1), "orders": order(1, 1), "contacts": contact("a@x.example")}
    shelf = Shelf(mirror, "elsewhere", feed, shapes.FEEDS[feed])

    shelf.put([rows[feed]], None)

    assert shelf.count() == 1
    assert list(shelf.all_keys()) == [shapes.FEEDS[feed].key_of(rows[feed])]
