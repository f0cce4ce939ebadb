"""What holds wherever a service goes away: asked at every single request that a connector makes (law 3).

What was told as applied is done, what was told as failed or refused is not, and what was not told at all is not done
either, unless the error says that its fate is unknown. Doing it again ends well, and what was read stays good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Protocol, TypeAlias

import pytest

from syncd.errors import RetriableError
from syncd.model import Action, Change, ContactStatus, Kind, NewContact, OutcomeState
from syncd.ports import Cursor
from tests.contract.suite_bench import (
    AudienceBench,
    Bench,
    FeedBench,
    Interruptible,
    Quiet,
    StoreBench,
    add,
    folded,
    ids_of,
    remove,
)
from tests.contract.test_contract_feed import HUGE
from tests.contract.test_contract_target import MANY

Told: TypeAlias = dict[tuple[str, str, Action], OutcomeState]

ENDS: Mapping[str, Mapping[str, bool]] = {
    "not carried out": {"carried_out": False},
    "carried out, answer lost": {"carried_out": True},
    "not carried out, soon back": {"carried_out": False, "for_good": False},
    "carried out, answer lost, soon back": {"carried_out": True, "for_good": False},
}
"""How the interrupted request ends, and whether the service is there again for the next one."""

ENOUGH = 200
"""More requests than any connector makes for what is asked here."""


class InterruptibleBench(Bench, Interruptible, Protocol):
    """A bench whose service can go away."""


class InterruptibleStore(StoreBench, Interruptible, Protocol):
    """Likewise."""


class InterruptibleAudience(AudienceBench, Interruptible, Protocol):
    """Likewise."""


def key(change: Change) -> tuple[str, str, Action]:
    return change.subject, change.label, change.action


def applied_as_far_as_it_goes(bench: Bench, changes: Sequence[Change]) -> tuple[Told, RetriableError | None]:
    told: Told = {}
    try:
        for outcome in bench.target.apply(changes):
            assert key(outcome.change) not in told, "a change was told twice"
            told[key(outcome.change)] = outcome.state
    except RetriableError as error:
        return told, error
    return told, None


def is_done(bench: Bench, change: Change) -> bool:
    return (change.label in folded(bench.labels_of(change.subject))) is (change.action is Action.ADD)


def assert_told_the_truth(bench: Bench, changes: Sequence[Change], told: Told, error: RetriableError | None) -> None:
    for change in changes:
        state = told.get(key(change))
        if state is OutcomeState.APPLIED:
            assert is_done(bench, change)
        elif state in {OutcomeState.FAILED, OutcomeState.REFUSED}:
            assert not is_done(bench, change)
        elif state is None:
            assert error is not None
            assert error.unknown_fate or not is_done(bench, change)


def interrupted_everywhere(bench: InterruptibleBench, prepared: Callable[[int], Sequence[Change]], end: str) -> None:
    """Interrupt at each request in turn, with fresh changes each time, until one run goes through."""
    for requests in range(ENOUGH):
        changes = prepared(requests)
        assert not any(is_done(bench, change) for change in changes)
        bench.cut_off_after(requests, **ENDS[end])
        told, error = applied_as_far_as_it_goes(bench, changes)
        bench.restore()
        assert_told_the_truth(bench, changes, told, error)
        again, error_again = applied_as_far_as_it_goes(bench, changes)
        assert error_again is None
        assert set(again.values()) == {OutcomeState.APPLIED}
        assert all(is_done(bench, change) for change in changes)
        if not bench.was_cut_off():
            assert set(told.values()) == {OutcomeState.APPLIED}
            return
    pytest.fail(f"still interrupted after {ENOUGH} requests")


@pytest.mark.parametrize("end", ENDS)
def test_changes_interrupted_anywhere_are_told_as_they_are(bench: InterruptibleBench, end: str) -> None:
    subjects = [bench.subject(number) for number in (1, 2, 3)]

    def prepared(run: int) -> list[Change]:
        old, new = f"old {run}", f"new {run}"
        for subject in subjects:
            bench.tag_by_hand(subject, old)
        changes = [remove(bench.target, subject, old) for subject in subjects]
        return [*changes, *(add(bench.target, subject, new) for subject in subjects)]

    interrupted_everywhere(bench, prepared, end)


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS)
def test_a_large_number_of_changes_interrupted_anywhere_is_told_as_it_is(bench: InterruptibleBench, end: str) -> None:
    # one by one there is no more to interrupt than with a few
    many = 3 if isinstance(bench.target, Quiet) else min(bench.target.traits.batch_size, MANY) // 4
    subjects = [bench.subject(number) for number in range(1, many + 1)]

    def prepared(run: int) -> list[Change]:
        return [add(bench.target, subject, f"new {run}") for subject in subjects]

    interrupted_everywhere(bench, prepared, end)


@pytest.mark.parametrize("end", ENDS)
def test_creations_interrupted_anywhere_make_nobody_twice_and_nobody_else(
    audience: InterruptibleAudience, end: str
) -> None:
    audience.put_contact("left@people.example", ContactStatus.UNSUBSCRIBED)
    create = NewContact(status=ContactStatus.SUBSCRIBED)

    def prepared(run: int) -> list[Change]:
        new = [f"new{run}-{number}@people.example" for number in (1, 2)]
        return [add(audience.target, email, f"label {run}", create, email) for email in new]

    interrupted_everywhere(audience, prepared, end)
    assert len(audience.addresses()) == len(set(audience.addresses()))
    assert audience.status_of("left@people.example") is ContactStatus.UNSUBSCRIBED
    assert audience.status_of("new0-1@people.example") is ContactStatus.SUBSCRIBED


def read_in_spite_of_interruption(
    bench: Interruptible, feed: FeedBench, requests: int, expected: int | None
) -> tuple[dict[int, Any], bool]:
    """Read a feed, interrupted once, and then go on from the last cursor; return the rows, and whether it was."""
    rows: dict[int, Any] = {}
    cursor: Cursor | None = None
    interrupted = False
    bench.cut_off_after(requests, carried_out=False)
    try:
        for page in feed.feed.pages(None, expected):
            rows |= {feed.number(row): row for row in page.rows}
            cursor = page.cursor or cursor
    except RetriableError:
        interrupted = True
    bench.restore()
    if interrupted:
        for page in feed.feed.pages(cursor.at if cursor else None, expected):
            rows |= {feed.number(row): row for row in page.rows}
    return rows, interrupted


def assert_reading_survives(bench: Interruptible, feed: FeedBench, expected: int | None) -> None:
    total = feed.page * 2 + 3
    for number in range(1, total + 1):
        feed.put([number])
        feed.wait()
    whole = {feed.number(row): row for page in feed.feed.pages(None) for row in page.rows}
    assert set(whole) == set(range(1, total + 1))
    for requests in count():
        assert requests < ENOUGH
        rows, interrupted = read_in_spite_of_interruption(bench, feed, requests, expected)
        assert rows == whole
        if not interrupted:
            return


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
@pytest.mark.parametrize("expected", [0, HUGE], ids=["few-expected", "many-expected"])
def test_reading_a_store_interrupted_anywhere_goes_on_without_loss(
    store: InterruptibleStore, kind: str, expected: int | None
) -> None:
    assert_reading_survives(store, store.feeds[kind], expected)


@pytest.mark.parametrize("expected", [0, HUGE], ids=["few-expected", "many-expected"])
def test_reading_contacts_interrupted_anywhere_goes_on_without_loss(
    audience: InterruptibleAudience, expected: int | None
) -> None:
    assert_reading_survives(audience, audience.feeds["contacts"], expected)


def assert_ids_are_whole_or_an_error(bench: Interruptible, feed: FeedBench) -> None:
    total = feed.page * 2 + 3
    feed.put(range(1, total + 1))
    whole = set(ids_of(feed.feed))
    assert len(whole) == total
    for requests in range(ENOUGH):
        bench.cut_off_after(requests, carried_out=False)
        try:
            told = set(ids_of(feed.feed))
        except RetriableError:
            bench.restore()
            continue
        assert told == whole
        return
    pytest.fail(f"still interrupted after {ENOUGH} requests")


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_ids_of_a_store_interrupted_anywhere_are_an_error_and_never_a_few(store: InterruptibleStore, kind: str) -> None:
    assert_ids_are_whole_or_an_error(store, store.feeds[kind])


def test_ids_of_contacts_interrupted_anywhere_are_an_error_and_never_a_few(audience: InterruptibleAudience) -> None:
    assert_ids_are_whole_or_an_error(audience, audience.feeds["contacts"])
