"""Carrying letters: each way by itself, what fails again later, never more than one errand at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from syncd.daemon.conditions import Code, Condition
from syncd.daemon.courier import Courier, Errand
from syncd.daemon.letters import Letter, View
from syncd.errors import RetriableError
from syncd.mirror.presence import Presence
from tests.conftest import StillClock
from tests.support.post import Hooks

NOW = 1_795_000_000
HELD = Condition(code=Code.HELD, about="vip", what="too many", fix="syncd approve 1")


class Post:
    """A way that keeps what it is given, or fails."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.letters: list[Letter] = []
        self.error: Exception | None = None

    def send(self, letter: Letter) -> None:
        if self.error is not None:
            raise self.error
        self.letters.append(letter)


def errand(*ways: Post, wrong: bool = True, at: int = NOW, ping: str | None = None) -> Errand:
    conditions = (HELD,) if wrong else ()
    view = View(sender="here", at=at, conditions=conditions, looked=frozenset(Code), repeat=86_400)
    return Errand(view=view, ways=ways, ping=ping)


@pytest.fixture
def presence(tmp_path: Path, clock: StillClock) -> Iterator[Presence]:
    held = Presence(tmp_path / "syncd.db", clock)
    yield held
    held.close()


def test_a_way_that_fails_keeps_no_other_from_telling(presence: Presence) -> None:
    courier, one, other = Courier(presence), Post("one"), Post("other")
    one.error = RetriableError("one: the server answered 500")

    assert not courier.carry(errand(one, other))
    assert len(other.letters) == 1

    one.error = None
    assert courier.carry(errand(one, other))
    assert [len(it.letters) for it in (one, other)] == [1, 1]


def test_what_was_told_is_not_told_again_after_a_restart(tmp_path: Path, clock: StillClock) -> None:
    post = Post("one")
    for _ in range(2):
        presence = Presence(tmp_path / "syncd.db", clock)
        Courier(presence).carry(errand(post))
        presence.close()

    assert len(post.letters) == 1


def test_a_way_that_the_settings_no_longer_have_is_forgotten(presence: Presence) -> None:
    courier, old, new = Courier(presence), Post("old"), Post("new")
    courier.carry(errand(old))
    courier.carry(errand(new))

    assert presence.state.told.keys() == {"new"}


def test_a_fault_of_our_own_is_logged_without_its_words_and_tried_again(presence: Presence) -> None:
    courier, post = Courier(presence), Post("one")
    post.error = ValueError("zoe@person.example")
    with structlog.testing.capture_logs() as logged:
        assert not courier.carry(errand(post))
        assert not courier.carry(errand(post))

    told = [it for it in logged if it["event"] == "alert_not_sent"]
    assert told == [{"event": "alert_not_sent", "log_level": "warning", "way": "one", "why": "ValueError"}]


def test_what_failed_is_tried_again_by_itself(presence: Presence) -> None:
    post, begun = Post("one"), []
    post.error = RetriableError("one: the server answered 500")
    courier = Courier(presence, begun.append, pause=lambda _: setattr(post, "error", None))
    courier.take(errand(post))
    (work,) = begun
    work()

    assert len(post.letters) == 1


def test_an_errand_that_came_meanwhile_takes_the_place_of_what_failed(presence: Presence) -> None:
    post, begun = Post("one"), []
    post.error = RetriableError("one: the server answered 500")

    def meanwhile(_: float) -> None:
        post.error = None
        courier.take(errand(post, wrong=False))

    courier = Courier(presence, begun.append, pause=meanwhile)
    courier.take(errand(post))
    begun[0]()

    assert post.letters == []
    assert len(begun) == 1


def test_it_gives_up_after_some_tries_until_the_next_errand(presence: Presence) -> None:
    post, pauses = Post("one"), list[float]()
    post.error = RetriableError("one: the server answered 500")
    courier = Courier(presence, lambda work: work(), pause=pauses.append)
    courier.take(errand(post))
    assert pauses == [30.0, 120.0, 600.0]

    post.error = None
    courier.take(errand(post))
    assert len(post.letters) == 1


def test_a_ping_is_asked_once_and_its_failure_is_no_matter(presence: Presence) -> None:
    with Hooks() as hooks:
        courier = Courier(presence)
        assert courier.carry(errand(ping=hooks.url("/alive")))
        hooks.status = 500
        assert courier.carry(errand(ping=hooks.url("/alive")))

    assert hooks.asked == ["/alive", "/alive"]


def test_a_server_that_keeps_silent_keeps_nobody_waiting(presence: Presence) -> None:
    silent, told = threading.Event(), threading.Event()

    class Silent(Post):
        def send(self, letter: Letter) -> None:
            told.set()
            silent.wait(30)

    def started(work: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    threads: list[threading.Thread] = []
    courier = Courier(presence, started)
    courier.take(errand(Silent("one")))
    assert told.wait(30)
    courier.take(errand(Silent("one")))
    assert len(threads) == 1
    silent.set()
    threads[0].join(30)
    assert not threads[0].is_alive()
