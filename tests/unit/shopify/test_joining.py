"""Files of exports that are joined while they stream by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.shopify import joining
from connectors.shopify.joining import BEGINNING, Joining, ScatteredError
from connectors.shopify.lines import Counts, LostRowsError
from connectors.shopify.recipe import Recipe, as_it_is
from connectors.shopify.wire import Node
from syncd.errors import FatalError

Joined = tuple[int, list[int]]


class Row(Node):
    name: str = ""


RECIPE = Recipe[Joined](Row, Node, as_it_is, as_it_is, lambda row, below: (row.number, [it.number for it in below]))


def record(number: int, **fields: Any) -> bytes:
    return line({"id": f"gid://shopify/Order/{number}"} | fields)


def child(number: int, parent: int) -> bytes:
    return line({"id": f"gid://shopify/LineItem/{number}", "__parentId": f"gid://shopify/Order/{parent}"})


def line(row: dict[str, Any]) -> bytes:
    """Return a row as a line, slashes escaped as the service does it."""
    return msgspec.json.encode(row).replace(b"/", b"\\/") + b"\n"


def cut(content: bytes, size: int, start: int = 0) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(start, len(content), size))


def batches(content: bytes, joined: Joining[Joined], *, size: int = 64, start: int = 0) -> Iterator[list[Joined]]:
    return chain(joined.values(cut(content, size, start)), joined.rest())


def whole(content: bytes, *, size: int = 64, **how: Any) -> list[Joined]:
    return [row for batch in batches(content, Joining("the store main", RECIPE, **how), size=size) for row in batch]


def later_by(distance: int, count: int, children: int = 2) -> tuple[bytes, list[Joined]]:
    """Return a file whose children come so many records after their own, and what is in it."""
    rows: list[bytes] = []
    for number in range(1, count + distance + 1):
        if number <= count:
            rows.append(record(number))
        if number > distance:
            parent = number - distance
            rows += [child(parent * 10 + place, parent) for place in range(children)]
    return b"".join(rows), [(n, [n * 10 + place for place in range(children)]) for n in range(1, count + 1)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows leave in small numbers."""
    monkeypatch.setattr(joining, "TOGETHER", 30)
    monkeypatch.setattr(joining, "WINDOW", 60)


families = st.dictionaries(
    st.integers(1, 10**13), st.lists(st.integers(1, 10**6), unique=True, max_size=4), max_size=12
)


@settings(max_examples=60)
@given(families, st.randoms(use_true_random=False), st.integers(1, 4000))
def test_what_fits_into_the_window_is_joined_whatever_its_order(
    family: dict[int, list[int]], random: Random, size: int
) -> None:
    rows = [record(parent) for parent in family]
    rows += [child(number, parent) for parent, children in family.items() for number in children]
    random.shuffle(rows)
    joined = Joining("the store main", RECIPE)
    found = [row for batch in batches(b"".join(rows), joined, size=size) for row in batch]
    assert {number: sorted(below) for number, below in found} == {n: sorted(below) for n, below in family.items()}
    assert (len(found), joined.counts) == (len(family), Counts(len(rows), len(family)))


@settings(max_examples=40)
@given(st.integers(0, 20), st.integers(1, 200), st.integers(0, 3), st.integers(1, 2000))
def test_children_near_their_parents_are_joined_however_long_the_file(
    distance: int, count: int, children: int, size: int
) -> None:
    content, expected = later_by(distance, count, children)
    assert whole(content, size=size, window=60 + 4 * 20, childless=children == 0) == expected


@pytest.mark.parametrize("children", [0, 1, 5])
def test_no_more_rows_wait_in_a_long_file_than_in_a_short_one(children: int) -> None:
    most = {}
    for count in (300, 3000):
        content, expected = later_by(3, count, children)
        joined = Joining("the store main", RECIPE, childless=not children)
        found = []
        most[count] = 0
        for batch in batches(content, joined, size=500):
            found += batch
            most[count] = max(most[count], joined.waiting + len(batch))
        assert found == expected
    assert most[3000] == most[300] < 150


def test_children_that_come_after_all_records_show_that_the_file_is_scattered() -> None:
    for count in (100, 2000):
        content, _ = later_by(count, count)
        with pytest.raises(ScatteredError):
            whole(content)


def test_one_child_that_comes_late_shows_it_too_and_nobody_takes_it_for_lost() -> None:
    content, _ = later_by(0, 300)
    for late in (content + child(9, 1), content + child(9, 1) + content.replace(b"Order\\/", b"Order\\/9")):
        with pytest.raises(ScatteredError):
            whole(late)


def test_a_child_where_there_should_be_none_is_not_passed_over() -> None:
    with pytest.raises(ScatteredError):
        whole(record(1) + child(2, 1), childless=True)


def test_a_child_without_its_parent_means_lost_rows() -> None:
    with pytest.raises(LostRowsError, match="lost rows"):
        whole(record(1) + child(10, 2))


def test_a_record_that_is_there_twice_is_one_with_all_its_children_and_the_later_line_holds() -> None:
    names = Recipe[Any](Row, Node, as_it_is, as_it_is, lambda row, below: (row.name, [it.number for it in below]))
    content = record(1, name="old") + child(10, 1) + record(1, name="new") + child(10, 1) + child(11, 1)
    joined = Joining("the store main", names)
    assert list(chain(joined.values([content]), joined.rest())) == [[("new", [10, 11])]]


def test_a_text_that_reads_like_the_key_of_a_child_makes_none() -> None:
    content = record(1, name='"__parentId":') + record(2, name="__parentId")
    assert whole(content) == [(1, []), (2, [])]


def test_a_child_is_one_wherever_in_its_line_it_says_so() -> None:
    first = line({"__parentId": "gid://shopify/Order/1", "id": "gid://shopify/LineItem/5", "name": "x" * 400})
    assert whole(record(1) + first) == [(1, [5])]


def test_a_damaged_file_and_one_of_something_else_are_told_without_their_content() -> None:
    for content in (b'{"id":"gid://shopify/Order/1"', b"<html>\n", record(1) + b'{"id"\n'):
        with pytest.raises(LostRowsError, match="damaged"):
            whole(content)
    with pytest.raises(FatalError, match="not what was asked for") as caught:
        whole(record(1, name={"email": "anna@example.com"}))
    assert "anna" not in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20), st.integers(60, 200), st.integers(1, 3), st.integers(20, 900), st.integers(20, 900))
def test_a_reading_that_broke_off_goes_on_anywhere_without_losing_a_child(
    distance: int, count: int, children: int, size: int, other_size: int
) -> None:
    content, expected = later_by(distance, count, children)
    reaches = [BEGINNING]
    stored: list[list[Joined]] = []
    joined = Joining("the store main", RECIPE, window=140)
    for batch in batches(content, joined, size=size):
        stored.append(batch)
        reaches.append(joined.reach)
    for done, reach in enumerate(reaches[:-1]):
        again = Joining("the store main", RECIPE, begin=reach, window=140)
        rest = list(batches(content, again, size=other_size, start=reach.at))
        rows = dict(chain(*stored[:done]))
        for number, below in chain(*rest):
            assert rows.setdefault(number, below) == below
        assert list(rows.items()) == expected
        assert again.counts == joined.counts


def test_what_goes_on_does_not_read_what_was_dealt_with() -> None:
    content, _ = later_by(2, 400)
    joined = Joining("the store main", RECIPE)
    reach = BEGINNING
    for _ in joined.values(cut(content, 200)):
        reach = joined.reach
    assert reach.at > len(content) * 0.8
    again = Joining("the store main", RECIPE, begin=reach)
    assert sum(map(len, batches(content, again, start=reach.at))) < 100


def test_what_goes_on_still_notices_a_child_that_comes_late() -> None:
    content, _ = later_by(0, 400)
    joined = Joining("the store main", RECIPE)
    reaches = [joined.reach for _ in joined.values(cut(content, 200))]
    again = Joining("the store main", RECIPE, begin=reaches[-1])
    with pytest.raises(ScatteredError):
        list(batches(content + child(9, 1), again, start=reaches[-1].at))
