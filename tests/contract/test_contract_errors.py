"""What every connector does when its service does not do its part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from syncd.errors import CredentialsError, RetriableError, SyncdError
from syncd.model import Change, OutcomeState
from tests.contract.suite_bench import Bench, add, folded, read_one, remove

CALLS: Mapping[str, Callable[[Bench, str], object]] = {
    "check": lambda bench, _: bench.target.check(),
    "read": lambda bench, subject: list(bench.target.read([subject])),
    "apply": lambda bench, subject: list(bench.target.apply([add(bench.target, subject, "vip")])),
    "peek": lambda bench, _: [feed.feed.peek(0) for feed in bench.feeds.values()],
    "count": lambda bench, _: [feed.feed.count() for feed in bench.feeds.values()],
    "pages": lambda bench, _: [list(feed.feed.pages(None)) for feed in bench.feeds.values()],
    "ids": lambda bench, _: [list(feed.feed.ids()) for feed in bench.feeds.values()],
}


def told(bench: Bench, change: Change) -> tuple[list[OutcomeState], SyncdError | None]:
    states: list[OutcomeState] = []
    try:
        states.extend(outcome.state for outcome in bench.target.apply([change]))
    except SyncdError as error:
        return states, error
    return states, None


def assert_open_or_applied(states: list[OutcomeState], error: SyncdError | None) -> None:
    """Either the change was told, and rightly so, or an error says that its fate is unknown."""
    if states:
        assert states in ([OutcomeState.UNKNOWN], [OutcomeState.APPLIED])
    else:
        assert isinstance(error, RetriableError)
        assert error.unknown_fate


def assert_discreet(bench: Bench, error: SyncdError) -> None:
    message = f"{error} {error.hint} {error!r}"
    assert bench.secret not in message
    assert "people.example" not in message
    assert str(error).strip()


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_key_is_said_to_be_one_and_nothing_is_done(bench: Bench, call: str) -> None:
    subject = bench.subject(1)
    bench.refuse_key()
    with pytest.raises(CredentialsError) as caught:
        CALLS[call](bench, subject)
    assert_discreet(bench, caught.value)
    assert caught.value.hint
    bench.restore()
    assert bench.labels_of(subject) == set()


@pytest.mark.parametrize("call", CALLS)
def test_a_service_out_of_reach_is_worth_another_try_and_nothing_is_done(bench: Bench, call: str) -> None:
    subject = bench.subject(1)
    bench.cut_off()
    with pytest.raises(RetriableError) as caught:
        CALLS[call](bench, subject)
    assert_discreet(bench, caught.value)
    assert not caught.value.unknown_fate
    bench.restore()
    assert bench.labels_of(subject) == set()


@pytest.mark.parametrize("call", CALLS)
def test_a_service_that_is_back_is_used_as_before(bench: Bench, call: str) -> None:
    subject = bench.subject(1)
    bench.cut_off()
    with pytest.raises(RetriableError):
        CALLS["check"](bench, subject)
    bench.restore()
    CALLS[call](bench, subject)


def test_an_addition_whose_answer_is_lost_is_neither_called_failed_nor_refused(bench: Bench) -> None:
    subject = bench.subject(1)
    change = add(bench.target, subject, "vip")
    bench.lose_answers()
    states, error = told(bench, change)
    bench.restore()
    assert folded(bench.labels_of(subject)) == {"vip"}
    assert_open_or_applied(states, error)
    assert folded(read_one(bench.target, subject).labels) == {"vip"}
    assert told(bench, change) == ([OutcomeState.APPLIED], None)
    assert folded(bench.labels_of(subject)) == {"vip"}


def test_a_removal_whose_answer_is_lost_is_neither_called_failed_nor_refused(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "vip", "hand-made")
    change = remove(bench.target, subject, "vip")
    bench.lose_answers()
    states, error = told(bench, change)
    bench.restore()
    assert bench.labels_of(subject) == {"hand-made"}
    assert_open_or_applied(states, error)
    assert read_one(bench.target, subject).labels == ("hand-made",)
    assert told(bench, change) == ([OutcomeState.APPLIED], None)
