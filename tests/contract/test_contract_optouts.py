"""What every store keeps to that takes opt-outs: an unsubscribe is noted with its hour, and never over a newer word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from syncd.errors import RetriableError
from syncd.model import Action, Change, ContactStatus, Instant, OutcomeState
from tests.contract.suite_bench import Interruptible, StoreBench, add, read_one
from tests.contract.test_contract_interruptions import ENDS, ENOUGH

HOUR = 3600


def opt_out(store: StoreBench, number: int, at: Instant) -> Change:
    return Change(
        target=store.target.name,
        label="unsubscribed, in news",
        segment="",
        subject=store.subject(number),
        action=Action.OPT_OUT,
        opted_out_at=at,
    )


def states(store: StoreBench, changes: Sequence[Change]) -> list[OutcomeState]:
    outcomes = list(store.target.apply(changes))
    assert [outcome.change for outcome in outcomes] == list(changes)
    return [outcome.state for outcome in outcomes]


@pytest.fixture
def now(store: StoreBench) -> Instant:
    assert store.target.traits.takes_optouts
    return store.feeds["customers"].now()


@pytest.mark.parametrize("before", ["SUBSCRIBED", "PENDING"])
def test_an_opt_out_is_noted_as_of_the_hour_it_was_given(store: StoreBench, now: Instant, before: str) -> None:
    store.put_consent(1, before, now - 2 * HOUR)
    store.put_consent(2, "SUBSCRIBED", now - 2 * HOUR)
    assert states(store, [opt_out(store, 1, now - HOUR)]) == [OutcomeState.APPLIED]
    assert store.consent_of(1) == ("UNSUBSCRIBED", now - HOUR)
    assert store.consent_of(2) == ("SUBSCRIBED", now - 2 * HOUR)


def test_consent_newer_than_the_opt_out_stands_and_the_change_is_refused_in_words(
    store: StoreBench, now: Instant
) -> None:
    store.put_consent(1, "SUBSCRIBED", now)
    (outcome,) = store.target.apply([opt_out(store, 1, now - HOUR)])
    assert outcome.state is OutcomeState.REFUSED
    assert outcome.answer.strip()
    assert store.consent_of(1) == ("SUBSCRIBED", now)


def test_an_opt_out_that_was_noted_before_is_applied_again(store: StoreBench, now: Instant) -> None:
    store.put_consent(1, "SUBSCRIBED", now - 2 * HOUR)
    for _ in range(2):
        assert states(store, [opt_out(store, 1, now - HOUR)]) == [OutcomeState.APPLIED]
    assert store.consent_of(1) == ("UNSUBSCRIBED", now - HOUR)


def test_an_opt_out_changes_no_tag(store: StoreBench, now: Instant) -> None:
    store.put_consent(1, "SUBSCRIBED", now - 2 * HOUR)
    store.tag_by_hand("1", "hand-made")
    states(store, [opt_out(store, 1, now - HOUR)])
    assert store.labels_of("1") == {"hand-made"}


def test_a_stranger_is_refused_in_words(store: StoreBench, now: Instant) -> None:
    for stranger in store.strangers():
        change = Change(
            target=store.target.name,
            label="x",
            segment="",
            subject=stranger,
            action=Action.OPT_OUT,
            opted_out_at=now,
        )
        (outcome,) = store.target.apply([change])
        assert outcome.state is OutcomeState.REFUSED
        assert outcome.answer.strip()


def test_many_opt_outs_beside_tags_are_each_told_once(store: StoreBench, now: Instant) -> None:
    for number in range(1, 41):
        store.put_consent(number, "SUBSCRIBED", now - 2 * HOUR)
    changes = [opt_out(store, number, now - HOUR) for number in range(1, 41)]
    changes += [add(store.target, str(number), "vip") for number in range(1, 11)]
    outcomes = list(store.target.apply(changes))
    assert len(outcomes) == len(changes)
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}
    assert {store.consent_of(number)[0] for number in range(1, 41)} == {"UNSUBSCRIBED"}


@pytest.mark.parametrize(
    ("consent", "status"),
    [
        ("SUBSCRIBED", ContactStatus.SUBSCRIBED),
        ("PENDING", ContactStatus.PENDING),
        ("UNSUBSCRIBED", ContactStatus.UNSUBSCRIBED),
        ("NOT_SUBSCRIBED", ContactStatus.TRANSACTIONAL),
    ],
)
def test_reading_a_customer_back_tells_their_consent(
    store: StoreBench, now: Instant, consent: str, status: ContactStatus
) -> None:
    store.put_consent(1, consent, now)
    assert read_one(store.target, "1").status is status


class InterruptibleStore(StoreBench, Interruptible):
    """A store that can go away in the middle."""


@pytest.mark.parametrize("end", ENDS)
def test_opt_outs_interrupted_anywhere_are_told_as_they_are(store: InterruptibleStore, now: Instant, end: str) -> None:
    for requests in range(ENOUGH):
        numbers = [3 * requests + each for each in (1, 2, 3)]
        for number in numbers:
            store.put_consent(number, "SUBSCRIBED", now - 2 * HOUR)
        changes = [opt_out(store, number, now - HOUR) for number in numbers]
        store.cut_off_after(requests, **ENDS[end])
        told: dict[str, OutcomeState] = {}
        unsure = False
        try:
            for outcome in store.target.apply(changes):
                told[outcome.change.subject] = outcome.state
        except RetriableError as error:
            unsure = error.unknown_fate
        store.restore()
        for number in numbers:
            done = store.consent_of(number)[0] == "UNSUBSCRIBED"
            state = told.get(str(number))
            assert done or state is not OutcomeState.APPLIED
            assert not done or state in {OutcomeState.APPLIED, OutcomeState.UNKNOWN} or (state is None and unsure)
        if not store.was_cut_off():
            assert set(told.values()) == {OutcomeState.APPLIED}
            return
    pytest.fail("still interrupted")
