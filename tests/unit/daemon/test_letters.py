"""What is told and what not: each thing once, again while it lasts, and that it is over to whom was told of it."""

from __future__ import annotations

from syncd.daemon.conditions import Code, Condition
from syncd.daemon.letters import Letter, View, letter, told_now

NOW = 1_795_000_000
DAY = 86_400
HELD = Condition(code=Code.HELD, about="vip", what="too many", fix="syncd approve 1")
STALE = Condition(code=Code.STALE, about="lately", what="old", fix="syncd status")


def view(*conditions: Condition, at: int = NOW, looked: tuple[Code, ...] = tuple(Code)) -> View:
    return View(sender="here", at=at, conditions=conditions, looked=looked, repeat=DAY)


def test_what_begins_is_told_once() -> None:
    first = letter(view(HELD), {})
    told = told_now(view(HELD), {}, first)

    assert first.begun == (HELD,)
    assert not letter(view(HELD, at=NOW + 300), told)


def test_what_lasts_is_told_again_after_a_day() -> None:
    again = letter(view(HELD, at=NOW + DAY), {HELD.key: NOW})

    assert again == Letter(sender="here", at=NOW + DAY, standing=(HELD,))
    assert told_now(view(HELD, at=NOW + DAY), {HELD.key: NOW}, again) == {HELD.key: NOW + DAY}


def test_what_is_over_is_told_to_whom_was_told_of_it() -> None:
    over = letter(view(), {HELD.key: NOW})

    assert over.over == ("E-HELD vip",)
    assert told_now(view(), {HELD.key: NOW}, over) == {}
    assert not letter(view(), {})


def test_nothing_is_over_that_could_not_be_looked_at() -> None:
    assert not letter(view(looked=(Code.MIRROR,)), {HELD.key: NOW})


def test_a_clock_that_went_back_keeps_nothing_silent_for_ever() -> None:
    assert letter(view(HELD, at=NOW - 400 * DAY), {HELD.key: NOW}).standing == (HELD,)


def test_the_title_names_the_first_and_counts_the_rest() -> None:
    assert letter(view(HELD, STALE), {}).title == "syncd on here: E-HELD vip and 1 more"
    assert letter(view(), {HELD.key: NOW}).title == "syncd on here: over: E-HELD vip"
