"""What outranks a segment's wish: the exclusion list, and what a person undid."""

from __future__ import annotations

from itertools import product

import pytest

from syncd.model import Action, Bar, ContactStatus, Position, Wish
from syncd.plan import NewContacts, Verdict, decide, draft
from syncd.plan.cases import bar_stands

WISH = Wish(target="t", label="vip", segment="best", why="x")
ADOPTING = Wish(target="t", label="vip", segment="best", adopt=True)
KEPT_OFF, KEPT_ON = Bar(Action.ADD, 7), Bar(Action.REMOVE, 7)


def stands(desired: int, current: int, owned: int, **more: object) -> Position:
    return Position(subject="1", desired=bool(desired), current=bool(current), owned=bool(owned), **more)


@pytest.mark.parametrize(
    ("desired", "current", "owned", "verdict"),
    [
        (1, 1, 1, Verdict.REMOVE),
        (1, 1, 0, Verdict.REST),
        (1, 0, 1, Verdict.LAPSE),
        (1, 0, 0, Verdict.LEAVE_EXCLUDED),
        (0, 1, 1, Verdict.REMOVE),
        (0, 1, 0, Verdict.REST),
        (0, 0, 1, Verdict.LAPSE),
        (0, 0, 0, Verdict.REST),
    ],
)
@pytest.mark.parametrize("wish", [WISH, ADOPTING])
def test_each_case_of_somebody_on_the_exclusion_list(
    desired: int, current: int, owned: int, verdict: Verdict, wish: Wish
) -> None:
    assert decide(stands(desired, current, owned, excluded=True), wish, None) is verdict


def test_no_contact_is_ever_made_of_somebody_on_the_exclusion_list() -> None:
    for policy, status, bar in product(NewContacts, [None, *ContactStatus], [None, KEPT_OFF, KEPT_ON]):
        position = stands(1, 0, 0, excluded=True, status=status, consent=True, creatable=True, bar=bar)
        assert decide(position, WISH, policy) is Verdict.LEAVE_EXCLUDED


@pytest.mark.parametrize(
    ("bar", "desired", "current", "owned", "verdict", "still"),
    [
        (KEPT_OFF, 1, 0, 0, Verdict.LEAVE_UNDONE, True),
        (KEPT_OFF, 1, 0, 1, Verdict.LEAVE_UNDONE, True),
        (KEPT_OFF, 1, 1, 0, Verdict.REST, True),
        (KEPT_OFF, 1, 1, 1, Verdict.REST, False),
        (KEPT_OFF, 0, 0, 0, Verdict.REST, False),
        (KEPT_OFF, 0, 1, 1, Verdict.REMOVE, False),
        (KEPT_ON, 0, 1, 1, Verdict.LEAVE_UNDONE, True),
        (KEPT_ON, 0, 1, 0, Verdict.REST, False),
        (KEPT_ON, 0, 0, 1, Verdict.LAPSE, False),
        (KEPT_ON, 1, 1, 1, Verdict.REST, False),
        (KEPT_ON, 1, 0, 0, Verdict.ADD, False),
    ],
)
def test_each_case_of_what_a_person_undid(
    bar: Bar, desired: int, current: int, owned: int, verdict: Verdict, still: bool
) -> None:
    position = stands(desired, current, owned, bar=bar)
    assert (decide(position, WISH, None), bar_stands(position)) == (verdict, still)


def test_the_exclusion_list_takes_off_what_was_given_back() -> None:
    position = stands(0, 1, 1, bar=KEPT_ON, excluded=True)
    assert (decide(position, WISH, None), bar_stands(position)) == (Verdict.REMOVE, False)


def test_where_nothing_was_undone_nothing_is_barred() -> None:
    assert not bar_stands(stands(1, 0, 0))


def test_what_the_list_orders_stands_apart_and_is_part_of_the_whole() -> None:
    def position(subject: str, desired: bool, current: bool, excluded: bool) -> Position:
        return Position(subject=subject, desired=desired, current=current, owned=current, excluded=excluded)

    made = draft(
        WISH,
        [position("4", True, False, False), position("3", True, True, True), position("2", False, True, False)],
        None,
        lambda _: ({}, None),
    )

    assert [(it.subject, it.reason) for it in made.ordered] == [("3", "on the exclusion list")]
    assert [it.subject for it in made.changes] == ["4", "2"]
    assert [it.subject for it in made.everything] == ["4", "2", "3"]
    assert (made.adds, made.removes) == (1, 1)


def test_left_out_names_the_run_that_undid_it_and_a_stale_claim_lapses() -> None:
    made = draft(WISH, [stands(1, 0, 1, bar=KEPT_OFF)], None, lambda _: ({}, None))
    assert (made.left_out, made.lapsing, made.freed) == ({"left out: undone by run 7": 1}, ("1",), ())


def test_a_bar_without_meaning_is_set_free() -> None:
    made = draft(WISH, [stands(0, 0, 0, bar=KEPT_OFF)], None, lambda _: ({}, None))
    assert (made.freed, made.left_out) == (("1",), {})
