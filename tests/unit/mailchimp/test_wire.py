"""What is sent, and what is made of what comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mailchimp.judge import RefusedError
from connectors.mailchimp.reasons import Reason, reason_of
from connectors.mailchimp.shapes import Created, Member, Tag, TurnedAway, shaped
from connectors.mailchimp.wire import contact_of, discreet, hashed, instant, iso, language_code, newcomer
from syncd.errors import RetriableError
from syncd.model import Action, Change, ContactStatus, NewContact

ANNA = "anna.meyer@shop.example"


def change(create: NewContact | None, email: str = ANNA) -> Change:
    return Change(
        target="newsletter", label="vip", segment="s", subject=ANNA, action=Action.ADD, email=email, create=create
    )


def new(**parts: object) -> NewContact:
    return NewContact(status=ContactStatus.SUBSCRIBED, **parts)  # type: ignore[arg-type]


def test_the_hash_is_the_documented_one() -> None:
    assert hashed("urist.mcvankab@freddiesjokes.com") == "62eeb292278cc15f5817cb78f7790b08"


def test_an_address_beyond_ascii_is_given_as_it_is() -> None:
    assert hashed("zoë@shop.example") == "zoë@shop.example"


def test_times_have_an_offset_and_no_fractions() -> None:
    assert iso(1_445_442_096) == "2015-10-21T15:41:36+00:00"
    assert instant("2015-10-21T15:41:36+00:00") == instant("2015-10-21T17:41:36+02:00") == 1_445_442_096
    assert instant("") == 0
    assert iso(-5) == "1970-01-01T00:00:00+00:00"


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_times_survive_the_way_there_and_back(at: int) -> None:
    assert instant(iso(at)) == at


@pytest.mark.parametrize("status", list(ContactStatus))
def test_a_newcomer_is_subscribed_with_consent_only_and_never_has_a_status(status: ContactStatus) -> None:
    member = newcomer(change(NewContact(status=status)), {})
    assert member["status_if_new"] == ("subscribed" if status is ContactStatus.SUBSCRIBED else "transactional")
    assert member.keys() == {"email_address", "status_if_new"}


def test_a_newcomer_is_written_as_the_store_writes_the_address_where_it_is_the_same_person() -> None:
    assert newcomer(change(new(), " Anna.Meyer@shop.example "), {})["email_address"] == "Anna.Meyer@shop.example"
    assert newcomer(change(new(), "somebody@else.example"), {})["email_address"] == ANNA
    assert newcomer(change(new(), ""), {})["email_address"] == ANNA


def test_only_the_fields_of_the_settings_are_sent_by_either_name() -> None:
    fields = {"first_name": "Anna", "LNAME": "Meyer", "phone": "+49 30 1"}
    member = newcomer(change(new(fields=fields)), {"FNAME": "first_name", "LNAME": "last_name", "MISSING": "language"})
    assert member["merge_fields"] == {"FNAME": "Anna", "LNAME": "Meyer"}


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("fr-CA", "fr_CA"),
        ("fr_ca", "fr_CA"),
        ("pt-PT", "pt_PT"),
        ("pt-BR", "pt"),
        ("nb-NO", "no"),
        ("zh-TW", "zh"),
        ("xx", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_are_named_as_mailchimp_names_them(locale: str | None, code: str | None) -> None:
    assert language_code(locale) == code
    assert newcomer(change(new(language=locale)), {}).get("language") == code


def test_a_status_that_we_do_not_know_means_hands_off() -> None:
    assert contact_of(Member(id="1", status="resting")).status is ContactStatus.ARCHIVED


def test_a_member_without_an_address_keeps_a_name_of_its_own() -> None:
    assert contact_of(Member(id="abc", status="subscribed", email_address="")).subject == "contact:abc"


def test_tags_cut_short_are_noticed() -> None:
    tags = [Tag(id=1, name="vip")]
    assert Member(id="1", status="subscribed", tags=tags, tags_count=1).tags_are_whole
    assert Member(id="1", status="subscribed", tags=tags).tags_are_whole
    assert not Member(id="1", status="subscribed", tags=tags, tags_count=2).tags_are_whole
    assert not Member(id="1", status="subscribed").tags_are_whole


@pytest.mark.parametrize(
    "answer", [None, {}, [], {"new_members": [], "updated_members": []}, {"new_members": [{"id": 7}]}]
)
def test_an_answer_of_another_shape_is_no_empty_answer(answer: object) -> None:
    with pytest.raises(RetriableError, match="as documented") as caught:
        shaped(answer, Created)
    assert caught.value.unknown_fate


@pytest.mark.parametrize(
    "text",
    [
        f"{ANNA} is in a compliance state",
        "ANNA.Meyer@Shop.example, was deleted.",
        f"<{ANNA}> and 'o'brien+x@mail.example'.",
        "anna.meyer%40shop.example is fake",
        '"anna meyer"@shop.example looks fake',
    ],
)
def test_no_address_is_left_in_a_services_words(text: str) -> None:
    said = discreet(text, ANNA, '"anna meyer"@shop.example')
    assert "the address" in said
    assert "shop.example" not in said.lower()
    assert "mail.example" not in said


def test_words_about_a_merge_field_name_it() -> None:
    assert TurnedAway(
        error="Your merge fields were invalid.", field="BDAY", field_message="Please enter a value"
    ).words == ("Your merge fields were invalid. (BDAY: Please enter a value)")
    assert TurnedAway(error="Nope").words == "Nope"
    assert TurnedAway().words


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Member In Compliance State · the address is in a compliance state due to unsubscribe", Reason.FINAL),
        ("the address was permanently deleted and cannot be re-imported.", Reason.FINAL),
        ("Forgotten Email Not Subscribed", Reason.FINAL),
        ("the address looks fake or invalid, please enter a real email address.", Reason.OTHER),
        ("Please provide a valid email address.", Reason.OTHER),
        ("Your merge fields were invalid.", Reason.OTHER),
        ("Something that nobody has heard of", Reason.OTHER),
        ("the address has signed up to a lot of lists very recently; we're not allowing more", Reason.LATER),
        ("the address is already a list member, do you want to update?", Reason.ALREADY),
        ("Email address is already in this segment", Reason.ALREADY),
        ("Email address is not on this list", Reason.ABSENT),
        ("Email address is not in this segment", Reason.ABSENT),
        ("The contact is no longer there", Reason.ABSENT),
    ],
)
def test_the_reason_is_found_in_any_of_the_wordings_known(words: str, reason: Reason) -> None:
    assert reason_of(words) is reason


def test_a_refused_request_keeps_its_words_apart() -> None:
    assert RefusedError("the audience x: Mailchimp answered 400, Nope", "Nope").words == "Nope"
