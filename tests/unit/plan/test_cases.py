"""The table of cases, line by line, and what never happens whatever the case."""

from __future__ import annotations

from itertools import product

import pytest

from syncd.model import ContactStatus, Position, Wish
from syncd.plan import NewContacts, Verdict, decide

WISH = Wish(target="t", label="vip", segment="best")
ADOPTING = Wish(target="t", label="vip", segment="best", adopt=True)
MAY_BE_LABELLED = {ContactStatus.SUBSCRIBED, ContactStatus.TRANSACTIONAL}


def stands(desired: int, current: int, owned: int, **more: object) -> Position:
    return Position(subject="1", desired=bool(desired), current=bool(current), owned=bool(owned), **more)


@pytest.mark.parametrize(
    ("desired", "current", "owned", "verdict"),
    [
        (1, 1, 1, Verdict.REST),
        (1, 1, 0, Verdict.REST),
        (1, 0, 0, Verdict.ADD),
        (1, 0, 1, Verdict.ADD),
        (0, 1, 1, Verdict.REMOVE),
        (0, 1, 0, Verdict.REST),
        (0, 0, 1, Verdict.LAPSE),
        (0, 0, 0, Verdict.REST),
    ],
)
def test_each_case_of_a_store_tag(desired: int, current: int, owned: int, verdict: Verdict) -> None:
    assert decide(stands(desired, current, owned), WISH, None) is verdict


def test_a_label_that_is_there_becomes_ours_only_where_the_segment_adopts() -> None:
    assert decide(stands(1, 1, 0), ADOPTING, None) is Verdict.OWN


def test_a_customer_deleted_meanwhile_is_not_labelled() -> None:
    assert decide(stands(1, 0, 0, known=False), WISH, None) is Verdict.REST


@pytest.mark.parametrize("status", list(ContactStatus))
@pytest.mark.parametrize("policy", list(NewContacts))
def test_only_subscribed_and_transactional_contacts_are_given_a_label(
    status: ContactStatus, policy: NewContacts
) -> None:
    verdict = decide(stands(1, 0, 0, status=status, consent=True, creatable=True), WISH, policy)

    assert verdict is (Verdict.ADD if status in MAY_BE_LABELLED else Verdict.LEAVE_STATUS)


@pytest.mark.parametrize(
    ("policy", "consent", "creatable", "verdict"),
    [
        (NewContacts.NEVER, True, True, Verdict.LEAVE_NEVER),
        (NewContacts.IF_CONSENTED, True, True, Verdict.CREATE_SUBSCRIBED),
        (NewContacts.IF_CONSENTED, False, True, Verdict.LEAVE_NO_CONSENT),
        (NewContacts.TRANSACTIONAL, True, True, Verdict.CREATE_SUBSCRIBED),
        (NewContacts.TRANSACTIONAL, False, True, Verdict.CREATE_TRANSACTIONAL),
        (NewContacts.TRANSACTIONAL, False, False, Verdict.LEAVE_NO_CONSENT),
    ],
)
def test_who_is_made_a_contact(policy: NewContacts, consent: bool, creatable: bool, verdict: Verdict) -> None:
    position = stands(1, 0, 0, known=False, consent=consent, creatable=creatable)

    assert decide(position, WISH, policy) is verdict


def test_nothing_that_is_not_ours_is_ever_removed() -> None:
    statuses = [None, *ContactStatus]
    for desired, current, status, policy in product((0, 1), (0, 1), statuses, [None, *NewContacts]):
        assert decide(stands(desired, current, 0, status=status), WISH, policy) is not Verdict.REMOVE


def test_nobody_is_created_as_subscribed_without_consent() -> None:
    for desired, current, owned, known, creatable, policy in product(
        (0, 1), (0, 1), (0, 1), (False, True), (False, True), list(NewContacts)
    ):
        position = stands(desired, current, owned, known=known, creatable=creatable)

        assert decide(position, WISH, policy) is not Verdict.CREATE_SUBSCRIBED


@pytest.mark.parametrize("policy", list(NewContacts))
def test_who_was_turned_away_is_not_asked_for_again(policy: NewContacts) -> None:
    stranger = Position(subject="a", desired=True, current=False, owned=False, consent=True, turned_away=True)
    never = policy is NewContacts.NEVER
    assert decide(stranger, WISH, policy) is (Verdict.LEAVE_NEVER if never else Verdict.LEAVE_TURNED_AWAY)


@pytest.mark.parametrize("policy", [NewContacts.IF_CONSENTED, NewContacts.TRANSACTIONAL])
def test_nobody_is_made_a_contact_while_their_consent_is_doubted(policy: NewContacts) -> None:
    stranger = Position(subject="a", desired=True, current=False, owned=False, creatable=True, doubted=True)
    assert decide(stranger, WISH, policy) is Verdict.LEAVE_DOUBTED


def test_a_doubted_contact_is_given_nothing_and_loses_what_is_ours() -> None:
    before = ContactStatus.UNSUBSCRIBED
    wanted = Position(subject="a", desired=True, current=False, owned=False, status=before, doubted=True)
    unwanted = Position(subject="a", desired=False, current=True, owned=True, status=before, doubted=True)
    assert decide(wanted, WISH, NewContacts.TRANSACTIONAL) is Verdict.LEAVE_DOUBTED
    assert decide(unwanted, WISH, NewContacts.TRANSACTIONAL) is Verdict.REMOVE
