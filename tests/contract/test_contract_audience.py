"""What every audience keeps to: consent is read, never made (law 1)."""

from __future__ import annotations

import msgspec
import pytest

from syncd.model import Contact, ContactStatus, NewContact, Outcome, OutcomeState
from tests.contract.suite_bench import AudienceBench, add, everything, folded, read_one, remove

ANNA = "anna@people.example"
CREATED_AS = [ContactStatus.SUBSCRIBED, ContactStatus.TRANSACTIONAL]


def wanted(status: ContactStatus, **fields: str) -> NewContact:
    return NewContact(status=status, fields=fields)


def tag(audience: AudienceBench, email: str, create: NewContact | None, label: str = "vip") -> Outcome:
    (outcome,) = audience.target.apply([add(audience.target, email, label, create, email)])
    return outcome


@pytest.mark.parametrize("status", list(ContactStatus))
@pytest.mark.parametrize("create", CREATED_AS)
def test_an_existing_contact_keeps_its_status_whatever_is_said_of_creating_it(
    audience: AudienceBench, status: ContactStatus, create: ContactStatus
) -> None:
    audience.put_contact(ANNA, status, "hand-made")
    mails = audience.mails()
    outcome = tag(audience, ANNA, wanted(create, FNAME="Anna"))
    assert audience.status_of(ANNA) is status
    assert audience.mails() == mails
    assert "hand-made" in audience.labels_of(ANNA)
    assert (outcome.state is OutcomeState.APPLIED) <= ("vip" in audience.labels_of(ANNA))
    assert (outcome.state is OutcomeState.REFUSED) <= bool(outcome.answer.strip())


@pytest.mark.parametrize("status", list(ContactStatus))
def test_an_existing_contact_keeps_its_status_when_labels_come_and_go(
    audience: AudienceBench, status: ContactStatus
) -> None:
    audience.put_contact(ANNA, status, "vip")
    mails = audience.mails()
    list(audience.target.apply([remove(audience.target, ANNA, "vip"), add(audience.target, ANNA, "new")]))
    assert audience.status_of(ANNA) is status
    assert audience.mails() == mails


@pytest.mark.parametrize("status", [status for status in ContactStatus if status is not ContactStatus.ARCHIVED])
def test_a_label_is_removed_from_a_contact_of_any_status(audience: AudienceBench, status: ContactStatus) -> None:
    audience.put_contact(ANNA, status, "vip", "hand-made")
    (outcome,) = audience.target.apply([remove(audience.target, ANNA, "vip")])
    assert outcome.state is OutcomeState.APPLIED
    assert audience.labels_of(ANNA) == {"hand-made"}


@pytest.mark.parametrize("create", [None, *map(wanted, CREATED_AS)], ids=["not to be created", *CREATED_AS])
def test_an_archived_contact_is_given_nothing(audience: AudienceBench, create: NewContact | None) -> None:
    audience.put_contact(ANNA, ContactStatus.ARCHIVED, "hand-made")
    outcome = tag(audience, ANNA, create)
    assert outcome.state is OutcomeState.REFUSED
    assert outcome.answer.strip()
    assert audience.status_of(ANNA) is ContactStatus.ARCHIVED
    assert audience.labels_of(ANNA) == {"hand-made"}


@pytest.mark.parametrize("create", CREATED_AS)
def test_a_new_contact_is_created_with_just_the_status_asked_for(
    audience: AudienceBench, create: ContactStatus
) -> None:
    mails = audience.mails()
    assert tag(audience, ANNA, wanted(create, FNAME="Anna")).state is OutcomeState.APPLIED
    assert audience.status_of(ANNA) is create
    assert folded(audience.labels_of(ANNA)) == {"vip"}
    assert audience.first_name_of(ANNA) == "Anna"
    assert audience.mails()["confirmation"] == mails["confirmation"]


@pytest.mark.parametrize(
    "status", [ContactStatus.PENDING, ContactStatus.UNSUBSCRIBED, ContactStatus.CLEANED, ContactStatus.ARCHIVED]
)
def test_a_contact_is_never_created_as_anything_else(audience: AudienceBench, status: ContactStatus) -> None:
    mails = audience.mails()
    outcome = tag(audience, ANNA, wanted(status))
    assert outcome.state is OutcomeState.REFUSED
    assert outcome.answer.strip()
    assert audience.addresses() == []
    assert audience.mails() == mails


@pytest.mark.parametrize("create", CREATED_AS)
def test_who_was_deleted_for_good_is_refused_again_and_again(audience: AudienceBench, create: ContactStatus) -> None:
    audience.put_contact(ANNA, ContactStatus.SUBSCRIBED)
    audience.forget(ANNA)
    for _ in range(2):
        outcome = tag(audience, ANNA, wanted(create))
        assert outcome.state is OutcomeState.REFUSED
        assert outcome.answer.strip()
        assert "anna" not in outcome.answer.lower()
        assert audience.addresses() == []
        assert list(audience.target.read([ANNA])) == []


def test_a_forgotten_one_among_new_and_known_ones_spoils_none_of_them(audience: AudienceBench) -> None:
    audience.put_contact("gone@people.example", ContactStatus.SUBSCRIBED)
    audience.forget("gone@people.example")
    audience.put_contact("known@people.example", ContactStatus.UNSUBSCRIBED)
    audience.put_contact("archived@people.example", ContactStatus.ARCHIVED)
    names = ["new1", "gone", "known", "new2", "archived", "new3"]
    create = wanted(ContactStatus.TRANSACTIONAL)
    changes = [
        add(audience.target, f"{name}@people.example", "vip", create, f"{name}@people.example") for name in names
    ]
    outcomes = {outcome.change.subject.partition("@")[0]: outcome.state for outcome in audience.target.apply(changes)}
    assert set(outcomes) == set(names)
    assert outcomes["gone"] is OutcomeState.REFUSED
    assert {outcomes[name] for name in ("new1", "new2", "new3")} == {OutcomeState.APPLIED}
    assert audience.status_of("known@people.example") is ContactStatus.UNSUBSCRIBED
    assert audience.status_of("archived@people.example") is ContactStatus.ARCHIVED


def test_an_address_in_another_letter_case_is_the_same_contact(audience: AudienceBench) -> None:
    audience.put_contact("Anna.Meyer@People.example", ContactStatus.UNSUBSCRIBED)
    create = wanted(ContactStatus.SUBSCRIBED)
    change = add(audience.target, "anna.meyer@people.example", "vip", create, "ANNA.Meyer@people.example")
    list(audience.target.apply([change]))
    assert len(audience.addresses()) == 1
    assert audience.status_of("anna.meyer@people.example") is ContactStatus.UNSUBSCRIBED
    assert read_one(audience.target, "anna.meyer@people.example").subject == "anna.meyer@people.example"


@pytest.mark.parametrize(
    "email", ["o'brien+news@people.example", "j%20x@people.example", "a/b@people.example", "server@people.example"]
)
def test_an_odd_address_is_created_tagged_read_and_untagged(audience: AudienceBench, email: str) -> None:
    assert tag(audience, email, wanted(ContactStatus.SUBSCRIBED)).state is OutcomeState.APPLIED
    assert read_one(audience.target, email) == Contact(
        subject=email,
        email=email,
        status=ContactStatus.SUBSCRIBED,
        changed_at=read_one(audience.target, email).changed_at,
        labels=("vip",),
    )
    (outcome,) = audience.target.apply([remove(audience.target, email, "vip")])
    assert outcome.state is OutcomeState.APPLIED
    assert audience.labels_of(email) == set()


def test_a_new_contact_with_two_labels_is_created_once_and_has_both(audience: AudienceBench) -> None:
    create = wanted(ContactStatus.SUBSCRIBED)
    changes = [add(audience.target, ANNA, label, create, ANNA) for label in ("vip", "repeat buyer")]
    assert [outcome.state for outcome in audience.target.apply(changes)] == [OutcomeState.APPLIED] * 2
    assert audience.addresses() == [ANNA]
    assert folded(audience.labels_of(ANNA)) == {"vip", "repeat buyer"}


def test_fields_of_an_existing_contact_are_left_alone(audience: AudienceBench) -> None:
    tag(audience, ANNA, wanted(ContactStatus.SUBSCRIBED, FNAME="Anna"))
    tag(audience, ANNA, wanted(ContactStatus.SUBSCRIBED, FNAME="Somebody else"), "second")
    assert audience.first_name_of(ANNA) == "Anna"


@pytest.mark.parametrize("create", CREATED_AS)
def test_what_is_no_address_is_refused_in_words_and_not_created(audience: AudienceBench, create: ContactStatus) -> None:
    malformed = audience.strangers()[1:]
    changes = [add(audience.target, name, "vip", wanted(create), name) for name in malformed]
    changes.append(add(audience.target, ANNA, "vip", wanted(create), ANNA))
    outcomes = {outcome.change.subject: outcome for outcome in audience.target.apply(changes)}
    for name in malformed:
        assert outcomes[name].state is OutcomeState.REFUSED, repr(name)
        assert outcomes[name].answer.strip()
    assert outcomes[ANNA].state is OutcomeState.APPLIED
    assert audience.addresses() == [ANNA]


def test_removing_never_creates_a_contact(audience: AudienceBench) -> None:
    for create in (None, wanted(ContactStatus.SUBSCRIBED)):
        list(audience.target.apply([remove(audience.target, ANNA, "vip", create)]))
        assert audience.addresses() == []


def test_without_leave_to_create_nobody_is_created(audience: AudienceBench) -> None:
    assert tag(audience, ANNA, None).state is OutcomeState.REFUSED
    assert audience.addresses() == []


@pytest.mark.parametrize("status", list(ContactStatus))
def test_the_feed_shows_contacts_of_every_status_with_their_labels(
    audience: AudienceBench, status: ContactStatus
) -> None:
    audience.put_contact(ANNA, status, "vip", "hand-made")
    (contact,) = everything(audience.audience.contacts)
    assert (contact.subject, contact.status) == (ANNA, status)
    assert set(contact.labels) == {"vip", "hand-made"}
    assert audience.audience.contacts.count() == 1
    assert list(audience.target.read([ANNA])) == [contact]


@pytest.mark.parametrize("status", [status for status in ContactStatus if status is not ContactStatus.ARCHIVED])
def test_a_glance_shows_contacts_of_every_status_but_perhaps_the_archived(
    audience: AudienceBench, status: ContactStatus
) -> None:
    audience.put_contact(ANNA, status, "vip")
    peek = audience.audience.contacts.peek(0)
    assert [(contact.subject, contact.status) for contact in peek.rows] == [(ANNA, status)]
    assert peek.window == 1


def test_the_ids_of_contacts_are_their_subjects(audience: AudienceBench) -> None:
    audience.put_contact(ANNA, ContactStatus.SUBSCRIBED)
    assert [subject for page in audience.audience.contacts.ids() for subject in page.rows] == [ANNA]


def test_the_feed_shows_a_change_of_status_and_of_labels(audience: AudienceBench) -> None:
    for number, status in enumerate(ContactStatus):
        audience.put_contact(f"{number}@people.example", status)
    feed = audience.feeds["contacts"]
    audience.wait(10)
    since = feed.now()
    audience.put_contact("0@people.example", ContactStatus.UNSUBSCRIBED)
    audience.put_contact("1@people.example", ContactStatus.ARCHIVED)
    audience.tag_by_hand("2@people.example", "by hand")
    rows = {contact.subject: contact for contact in everything(audience.audience.contacts, since)}
    assert set(rows) == {"0@people.example", "1@people.example", "2@people.example"}
    assert rows["0@people.example"].status is ContactStatus.UNSUBSCRIBED
    assert rows["1@people.example"].status is ContactStatus.ARCHIVED
    assert rows["2@people.example"].labels == ("by hand",)


def test_a_label_that_comes_quietly_sets_off_nothing(audience: AudienceBench) -> None:
    audience.put_contact(ANNA, ContactStatus.SUBSCRIBED)
    new = "new@people.example"
    changes = [
        add(audience.target, ANNA, "vip"),
        add(audience.target, new, "vip", wanted(ContactStatus.SUBSCRIBED), new),
    ]
    quiet = [msgspec.structs.replace(change, quiet=True) for change in changes]
    assert {outcome.state for outcome in audience.target.apply(quiet)} == {OutcomeState.APPLIED}
    assert (audience.labels_of(ANNA), audience.labels_of(new)) == ({"vip"}, {"vip"})
    assert audience.set_off() == 0


def test_quiet_and_other_changes_in_one_call_are_each_told_once(audience: AudienceBench) -> None:
    audience.put_contact(ANNA, ContactStatus.SUBSCRIBED, "old")
    quiet = msgspec.structs.replace(add(audience.target, ANNA, "new"), quiet=True)
    changes = [remove(audience.target, ANNA, "old"), quiet, add(audience.target, ANNA, "other")]
    outcomes = list(audience.target.apply(changes))
    assert sorted(outcome.change.label for outcome in outcomes) == ["new", "old", "other"]
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}
    assert audience.labels_of(ANNA) == {"new", "other"}
