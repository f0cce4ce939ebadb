"""What every feed of every connector keeps to. Fixtures: `feed`, over each implementation and kind of record."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.contract.suite_bench import FeedBench, everything, ids_of, key_of

HUGE = 10_000_000
"""A number to expect that makes a connector choose its way for large reads (an export, say)."""


def numbers(feed: FeedBench, rows: list[object]) -> set[int]:
    return {feed.number(row) for row in rows}


def test_an_empty_feed_counts_nothing_and_yields_no_row(feed: FeedBench) -> None:
    peek = feed.feed.peek(0)
    assert (list(peek.rows), peek.window, peek.whole or 0) == ([], 0, 0)
    assert feed.feed.count() == 0
    assert everything(feed.feed) == []
    assert everything(feed.feed, feed.now() - 60) == []


def test_an_empty_feed_never_says_that_the_future_was_read(feed: FeedBench) -> None:
    for page in feed.feed.pages(None):
        assert page.cursor is None or page.cursor.at <= feed.now()


def test_peek_shows_the_newest_first_and_at_most_a_page(feed: FeedBench) -> None:
    for number in range(1, 5):
        feed.put([number])
        feed.wait()
    feed.put([2])
    rows = feed.feed.peek(0).rows
    assert [feed.number(row) for row in rows] == [2, 4, 3, 1]


def test_peek_of_more_than_a_page_says_so_and_shows_no_more_than_that(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    feed.wait()
    feed.put([1])
    peek = feed.feed.peek(0)
    assert 1 <= len(peek.rows) <= feed.page
    assert peek.window == feed.page + 2
    assert all(feed.changed_at(newer) >= feed.changed_at(older) for newer, older in pairwise(peek.rows))


def test_peek_counts_the_window_and_the_whole_exactly(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    feed.wait(10)
    since = feed.now()
    feed.put([2, 3, 4])
    peek = feed.feed.peek(since)
    assert numbers(feed, list(peek.rows)) == {2, 3, 4}
    assert peek.window == 3
    assert peek.whole in {None, feed.page + 2}
    assert feed.feed.peek(since + 1).window == 0
    assert feed.feed.peek(0).window == feed.page + 2


def test_count_is_exact_before_and_after_a_deletion(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    assert feed.feed.count() == feed.page + 2
    feed.drop(1)
    assert feed.feed.count() == feed.page + 1


@pytest.mark.parametrize("expected", [None, 0, HUGE], ids=["not-told", "few-expected", "many-expected"])
def test_reading_all_gives_every_row_and_ends_with_a_cursor(feed: FeedBench, expected: int | None) -> None:
    for number in range(1, feed.page * 2 + 2):
        feed.put([number])
        feed.wait()
    pages = list(feed.feed.pages(None, expected))
    assert numbers(feed, [row for page in pages for row in page.rows]) == set(range(1, feed.page * 2 + 2))
    assert pages[-1].cursor is not None


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_cursors_never_go_back_nor_ahead_of_the_rows(feed: FeedBench, expected: int | None) -> None:
    for number in range(1, feed.page * 2 + 2):
        feed.put([number])
        feed.wait()
    pages = list(feed.feed.pages(None, expected))
    cursors = [page.cursor for page in pages if page.cursor is not None]
    assert cursors == sorted(cursors)
    assert cursors[-1].at <= feed.now()
    for place, page in enumerate(pages):
        if page.cursor is None:
            continue
        later = [row for after in pages[place + 1 :] for row in after.rows]
        assert all(feed.changed_at(row) >= page.cursor.at for row in later)


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_a_window_holds_what_changed_at_its_very_start_and_nothing_older(feed: FeedBench, expected: int | None) -> None:
    feed.put([1, 2])
    feed.wait()
    since = feed.now()
    feed.put([3, 1])
    feed.wait()
    feed.put([4])
    assert numbers(feed, everything(feed.feed, since, expected)) == {1, 3, 4}
    assert numbers(feed, everything(feed.feed, since + 1, expected)) == {4}


def test_more_rows_than_two_pages_may_share_one_moment(feed: FeedBench) -> None:
    feed.put(range(1, feed.page * 2 + 2))
    since = feed.now()
    feed.wait()
    assert numbers(feed, everything(feed.feed)) == set(range(1, feed.page * 2 + 2))
    assert numbers(feed, everything(feed.feed, since)) == set(range(1, feed.page * 2 + 2))


def test_reading_from_the_last_cursor_on_brings_only_what_changed(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    feed.wait(100)
    feed.put([feed.page])
    cursor = list(feed.feed.pages(None))[-1].cursor
    assert cursor is not None
    feed.wait(100)
    feed.put([1, feed.page + 3])
    assert numbers(feed, everything(feed.feed, cursor.at)) <= {1, feed.page, feed.page + 3}
    assert numbers(feed, everything(feed.feed, cursor.at)) >= {1, feed.page + 3}


def test_a_reading_that_was_broken_off_goes_on_from_any_cursor(feed: FeedBench) -> None:
    total = feed.page * 2 + 2
    for number in range(1, total + 1):
        feed.put([number])
        feed.wait()
    seen: set[int] = set()
    cursor = None
    for page in feed.feed.pages(None):
        seen |= numbers(feed, list(page.rows))
        if page.cursor is not None:
            cursor = page.cursor
            break
    assert cursor is not None
    seen |= numbers(feed, everything(feed.feed, cursor.at))
    assert seen == set(range(1, total + 1))


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_rows_that_change_while_being_read_come_again_and_hide_no_other(feed: FeedBench, expected: int | None) -> None:
    total = feed.page * 3
    for number in range(1, total + 1):
        feed.put([number])
        feed.wait()
    rows: dict[int, object] = {}
    cursor = None
    for place, page in enumerate(feed.feed.pages(None, expected)):
        rows |= {feed.number(row): row for row in page.rows}
        cursor = page.cursor or cursor
        if place == 0:
            feed.wait()
            feed.put([1, 2, total, total + 1])
    assert set(range(1, total + 1)) <= set(rows)
    assert cursor is not None
    rows |= {feed.number(row): row for row in everything(feed.feed, cursor.at)}
    assert rows == {feed.number(row): row for row in everything(feed.feed)}


@pytest.mark.parametrize("expected", [None, HUGE], ids=["not-told", "many-expected"])
def test_rows_deleted_while_being_read_hide_no_other(feed: FeedBench, expected: int | None) -> None:
    total = feed.page * 3
    for number in range(1, total + 1):
        feed.put([number])
        feed.wait()
    seen: set[int] = set()
    for place, page in enumerate(feed.feed.pages(None, expected)):
        seen |= numbers(feed, list(page.rows))
        if place == 0:
            feed.drop(1)
            feed.drop(2)
    assert seen >= set(range(3, total + 1))


def test_a_feed_can_be_read_again_and_says_the_same(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    first = {feed.number(row): row for row in everything(feed.feed)}
    assert {feed.number(row): row for row in everything(feed.feed)} == first
    assert {feed.number(row): row for row in everything(feed.feed, None, HUGE)} == first


@pytest.mark.parametrize("expected", [0, HUGE], ids=["few-expected", "many-expected"])
def test_a_reading_that_is_left_early_leaves_the_next_one_whole(feed: FeedBench, expected: int) -> None:
    total = feed.page * 2 + 1
    feed.put(range(1, total + 1))
    for _ in range(2):
        pages = feed.feed.pages(None, expected)
        next(pages)
        pages.close()  # type: ignore[attr-defined]
    feed.wait()
    feed.put([1, total + 1])
    feed.drop(2)
    pages_now = list(feed.feed.pages(None, expected))
    cursor = pages_now[-1].cursor
    assert cursor is not None
    rows = {feed.number(row): row for page in pages_now for row in page.rows}
    rows |= {feed.number(row): row for row in everything(feed.feed, cursor.at)}
    assert set(rows) - {2} == {1, *range(3, total + 2)}
    assert feed.changed_at(rows[1]) == feed.now()


def test_ids_are_those_of_all_rows(feed: FeedBench) -> None:
    assert ids_of(feed.feed) == []
    feed.put(range(1, feed.page * 2 + 2))
    assert Counter(ids_of(feed.feed)) == Counter(key_of(row) for row in everything(feed.feed))
    assert len(ids_of(feed.feed)) == feed.page * 2 + 1


def test_what_was_deleted_is_gone_from_ids_and_from_reading(feed: FeedBench) -> None:
    feed.put(range(1, feed.page + 3))
    gone = {key_of(row) for row in everything(feed.feed) if feed.number(row) in {1, feed.page + 2}}
    feed.drop(1)
    feed.drop(feed.page + 2)
    assert len(gone) == 2
    assert not gone & set(ids_of(feed.feed))
    assert len(ids_of(feed.feed)) == feed.page
    assert not gone & {key_of(row) for row in everything(feed.feed)}


def test_ids_of_rows_that_stay_are_told_whatever_happens_while_reading(feed: FeedBench) -> None:
    total = feed.page * 3
    for number in range(1, total + 1):
        feed.put([number])
        feed.wait()
    staying = {key_of(row) for row in everything(feed.feed) if feed.number(row) > 2}
    told: set[int | str] = set()
    for place, page in enumerate(feed.feed.ids()):
        told |= set(page.rows)
        if place == 0:
            feed.drop(1)
            feed.drop(2)
            feed.put([3, 4, total, total + 1])
    assert told >= staying


def test_peek_and_pages_show_the_same_rows(feed: FeedBench) -> None:
    feed.put([1, 2, 3])
    peeked = {feed.number(row): row for row in feed.feed.peek(0).rows}
    assert peeked == {feed.number(row): row for row in everything(feed.feed)}
