"""Writing: an outcome for each change, from where the answer names the address, and consent never made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import requests

from connectors.mailchimp.audience import MailchimpAudience
from syncd.errors import CredentialsError, RetriableError
from syncd.model import Action, Change, ContactStatus, NewContact, Outcome, OutcomeState
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, bodies, open_simulated, paths

ANNA = "anna@people.example"
SUBSCRIBED = NewContact(status=ContactStatus.SUBSCRIBED)
TRANSACTIONAL = NewContact(status=ContactStatus.TRANSACTIONAL)
WRITE_TAG = "POST /lists/{list_id}/segments/{segment_id}"
CREATE = "POST /lists/{list_id}"


def emails(count: int) -> list[str]:
    return [f"{number}@people.example" for number in range(count)]


def add(email: str, create: NewContact | None = None, label: str = "vip") -> Change:
    subject = email.strip().lower()
    return Change(
        target="newsletter", label=label, segment="s", subject=subject, action=Action.ADD, email=email, create=create
    )


def remove(email: str, label: str = "vip") -> Change:
    return Change(target="newsletter", label=label, segment="s", subject=email, action=Action.REMOVE, email=email)


def apply(audience: MailchimpAudience, *changes: Change) -> dict[str, Outcome]:
    outcomes = list(audience.apply(changes))
    assert len(outcomes) == len(changes)
    return {outcome.change.subject: outcome for outcome in outcomes}


def status(service: Simulated, email: str) -> str | None:
    truth = service.truth(email)
    return truth["status"] if truth else None


def tags(service: Simulated, email: str = ANNA) -> list[str]:
    truth = service.truth(email)
    return truth["tags"] if truth else []


def answering(service: Simulated, path: str, doctor: Callable[[dict[str, Any]], None]) -> None:
    """Change what the writes to a path are answered with, after they were carried out."""

    def reply(request: Sent) -> Reply | None:
        if request.method == "GET" or path not in str(request.url):
            return None
        code, headers, body = service.forward(request)
        answer = msgspec.json.decode(body)
        doctor(answer)
        return code, headers, msgspec.json.encode(answer)

    service.reply = reply


def test_newcomers_are_created_with_their_labels_in_one_call(service: Simulated, audience: MailchimpAudience) -> None:
    create = NewContact(status=ContactStatus.SUBSCRIBED, fields={"first_name": "Anna"}, language="fr-CA")
    outcomes = apply(audience, add("Anna@people.example", create), add("ben@people.example", TRANSACTIONAL))
    assert {outcome.state for outcome in outcomes.values()} == {OutcomeState.APPLIED}
    assert outcomes[ANNA].contact is not None
    assert outcomes[ANNA].contact.labels == ("vip",)
    assert bodies(service.sent) == [
        {
            "members": [
                {
                    "email_address": "Anna@people.example",
                    "status_if_new": "subscribed",
                    "merge_fields": {"FNAME": "Anna"},
                    "language": "fr_CA",
                    "tags": ["vip"],
                },
                {"email_address": "ben@people.example", "status_if_new": "transactional", "tags": ["vip"]},
            ],
            "update_existing": False,
        }
    ]
    assert (status(service, ANNA), status(service, "ben@people.example")) == ("subscribed", "transactional")


def test_a_newcomers_label_is_spelt_as_the_list_has_it(service: Simulated, audience: MailchimpAudience) -> None:
    service.put("ben@people.example", tags=["VIP"])
    assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.APPLIED
    assert bodies(service.sent)[0]["members"][0]["tags"] == ["VIP"]


def test_a_label_that_the_answer_does_not_show_on_a_newcomer_is_put_on_by_another_call(
    service: Simulated, audience: MailchimpAudience
) -> None:
    answering(service, f"/lists/{LIST}?", lambda answer: answer["new_members"][0].update(tags=[], tags_count=0))
    assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.APPLIED
    assert bodies(service.sent)[-1] == {"members_to_add": [ANNA]}
    assert tags(service) == ["vip"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_tag_that_mailchimp_will_not_have_keeps_nobody_out(
    service: Simulated, audience: MailchimpAudience, *, whole: bool
) -> None:
    words = "Sorry, that tag is not allowed."

    def refusing(request: Sent) -> Reply | None:
        made = msgspec.json.decode(request.body or b"{}")
        if made.get("name") != "vip" and not any("tags" in member for member in made.get("members", ())):
            return None
        if whole or "name" in made:
            problem = msgspec.json.encode({"title": "Bad Request", "status": 400, "detail": words})
            return 400, {"Content-Type": "application/problem+json"}, problem
        errors = [{"email_address": it["email_address"], "error": words} for it in made["members"]]
        answer = {"new_members": [], "updated_members": [], "errors": errors}
        return 200, {"Content-Type": "application/json"}, msgspec.json.encode(answer)

    service.reply = refusing
    outcomes = apply(audience, *(add(email, SUBSCRIBED) for email in emails(3)))
    assert {(it.state, it.answer) for it in outcomes.values()} == {(OutcomeState.REFUSED, f"Bad Request · {words}")}
    assert all(status(service, email) == "subscribed" for email in emails(3))


def test_what_is_required_of_contacts_is_not_insisted_on(service: Simulated, audience: MailchimpAudience) -> None:
    apply(audience, add(ANNA, SUBSCRIBED))
    assert any("skip_merge_validation=true" in str(request.url) for request in service.sent)
    assert status(service, ANNA) == "subscribed"


@pytest.mark.parametrize("present", [each for each in ContactStatus if each.value != "archived"])
def test_an_address_that_turns_out_to_be_there_keeps_its_status(
    service: Simulated, audience: MailchimpAudience, present: ContactStatus
) -> None:
    service.put(ANNA, status=present.value, tags=["hand-made"])
    outcome = apply(audience, add(ANNA, SUBSCRIBED))[ANNA]
    assert status(service, ANNA) == present.value
    assert outcome.contact is not None
    assert outcome.contact.status is present
    labelled = present in {ContactStatus.SUBSCRIBED, ContactStatus.TRANSACTIONAL}
    assert outcome.state is (OutcomeState.APPLIED if labelled else OutcomeState.REFUSED)
    assert tags(service) == (["hand-made", "vip"] if labelled else ["hand-made"])
    assert {mail["kind"] for mail in service.mails()} <= {"automation"}
    assert "status" not in bodies(service.sent)[0]["members"][0]


def test_nothing_that_is_ever_sent_could_change_consent_or_other_peoples_tags(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put("there@people.example", status="unsubscribed", by="self")
    service.put("plain@people.example")
    apply(audience, add(ANNA, SUBSCRIBED), add("there@people.example", SUBSCRIBED), add("plain@people.example"))
    apply(audience, remove(ANNA), remove("plain@people.example"))
    text = b"".join(request.body or b"" for request in service.sent).decode()
    for dangerous in ('"status"', "sync_tags", 'update_existing":true', "pending", "cleaned"):
        assert dangerous not in text
    sent_tags = [member.get("tags") for body in bodies(service.sent) for member in body.get("members", ())]
    assert sent_tags == [["vip"], ["vip"]]
    assert tags(service, "there@people.example") == []


def test_the_archived_are_left_alone_though_no_glance_shows_them(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put(ANNA, status="archived")
    outcome = apply(audience, add(ANNA, SUBSCRIBED), add("ben@people.example", SUBSCRIBED))[ANNA]
    assert outcome.state is OutcomeState.REFUSED
    assert "archived" in outcome.answer
    assert outcome.contact is not None
    assert status(service, ANNA) == "archived"
    (created,) = [body["members"] for body in bodies(service.sent) if "members" in body]
    assert [member["email_address"] for member in created] == ["ben@people.example"]


def test_of_the_archived_only_those_that_are_not_known_yet_are_asked_for(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put("old@people.example", status="archived")
    list(audience.contacts.pages(None))
    clock.instant += 100
    service.put(ANNA, status="archived")
    for looks in (1, 0):
        service.sent.clear()
        assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.REFUSED
        listings = [str(request.url) for request in service.sent if "status=archived" in str(request.url)]
        assert len(listings) == looks
        assert all("since_last_changed=" in listing for listing in listings)


def test_who_was_archived_a_while_after_the_last_look_is_left_alone(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    apply(audience, add("ben@people.example", SUBSCRIBED))
    service.put(ANNA, status="archived")
    clock.instant += 300
    assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.REFUSED
    assert status(service, ANNA) == "archived"


WAY_BACK = "Only they themselves can come back, through the audience's sign-up form: http://eepurl.com/a1b2c3d4e5"
REFUSALS = {
    "fake": "the address looks fake or invalid, please enter a real email address.",
    "compliance": "the address is in a compliance state due to unsubscribe, bounce, or compliance review and cannot "
    f"be subscribed. {WAY_BACK}",
    "forgotten": "the address was permanently deleted and cannot be re-imported. The contact must re-subscribe to get "
    f"back on the list. {WAY_BACK}",
}


def test_the_forgotten_are_refused_for_good_and_told_the_way_back(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put(ANNA)
    service.edit(ANNA, status="forgotten")
    service.refuse("fake@people.example", "fake")
    outcomes = apply(audience, add(ANNA, SUBSCRIBED), add("fake@people.example", SUBSCRIBED))
    assert (outcomes[ANNA].final, outcomes["fake@people.example"].final) == (True, False)
    assert outcomes[ANNA].answer.endswith(WAY_BACK)


def test_an_unknown_form_costs_the_refusal_nothing(service: Simulated, audience: MailchimpAudience) -> None:
    service.refuse(ANNA, "forgotten")
    service.reply = lambda sent: (500, {}, b"") if sent.method == "GET" and "subscribe_url" in str(sent.url) else None
    outcome = apply(audience, add(ANNA, SUBSCRIBED))[ANNA]
    assert (outcome.state, outcome.final) == (OutcomeState.REFUSED, True)
    assert outcome.answer.endswith("through the audience's sign-up form")


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refused_newcomer_is_refused_in_mailchimps_words_without_the_address(
    service: Simulated, audience: MailchimpAudience, reason: str
) -> None:
    service.refuse(ANNA, reason)
    outcomes = apply(audience, add("Anna@People.example", SUBSCRIBED), add("ben@people.example", SUBSCRIBED))
    assert (outcomes[ANNA].state, outcomes[ANNA].answer) == (OutcomeState.REFUSED, REFUSALS[reason])
    assert outcomes["ben@people.example"].state is OutcomeState.APPLIED
    assert tags(service) == []


def test_a_refusal_about_a_merge_field_names_the_field(service: Simulated, audience: MailchimpAudience) -> None:
    error = {"email_address": ANNA, "error": "Your merge fields were invalid.", "error_code": "ERROR_GENERIC"}
    error |= {"field": "FNAME", "field_message": "This value is too long."}
    answering(service, f"/lists/{LIST}?", lambda answer: answer.update(new_members=[], errors=[error]))
    outcome = apply(audience, add(ANNA, SUBSCRIBED))[ANNA]
    assert outcome.state is OutcomeState.REFUSED
    assert outcome.answer == "Your merge fields were invalid. (FNAME: This value is too long.)"


@pytest.mark.parametrize("when", ["subscribing", "tagging"])
def test_a_refusal_that_passes_by_itself_may_be_tried_again(
    service: Simulated, audience: MailchimpAudience, when: str
) -> None:
    create = SUBSCRIBED if when == "subscribing" else None
    if create is None:
        service.put(ANNA)
    service.refuse(ANNA, "many_lists", when=when, times=1)
    outcome = apply(audience, add(ANNA, create))[ANNA]
    assert outcome.state is OutcomeState.FAILED
    assert "a lot of lists" in outcome.answer
    assert apply(audience, add(ANNA, create))[ANNA].state is OutcomeState.APPLIED


def test_every_label_of_a_refused_newcomer_is_refused(service: Simulated, audience: MailchimpAudience) -> None:
    service.refuse(ANNA, "fake")
    outcomes = list(audience.apply([add(ANNA, SUBSCRIBED), add(ANNA, SUBSCRIBED, "repeat"), remove(ANNA, "old")]))
    assert [outcome.state for outcome in outcomes] == [OutcomeState.REFUSED] * 2 + [OutcomeState.APPLIED]


def test_a_newcomer_whom_the_answer_does_not_name_is_read_back(service: Simulated, audience: MailchimpAudience) -> None:
    answering(service, f"/lists/{LIST}?", lambda answer: answer.update(new_members=[]))
    assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.APPLIED
    assert tags(service) == ["vip"]


def test_a_newcomer_whom_neither_the_answer_nor_a_read_back_shows_is_unknown(
    service: Simulated, audience: MailchimpAudience
) -> None:
    def nothing_done(request: Sent) -> Reply | None:
        if request.method == "GET" or not str(request.url).endswith("=true"):
            return None
        return 200, {"Content-Type": "application/json"}, b'{"new_members":[],"updated_members":[],"errors":[]}'

    service.reply = nothing_done
    outcome = apply(audience, add(ANNA, SUBSCRIBED))[ANNA]
    assert (outcome.state, outcome.answer) == (OutcomeState.UNKNOWN, "Mailchimp's answer does not name the address")


def test_a_read_back_that_fails_leaves_it_unknown_and_ends_nothing_else(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put(ANNA, "ben@people.example", status="unsubscribed")
    service.fail({"status": 500, "calls": 99, "only": "GET /lists/{list_id}/members/{subscriber_hash}"})
    outcomes = apply(audience, add(ANNA, SUBSCRIBED), add("new@people.example", SUBSCRIBED))
    assert outcomes[ANNA].state is OutcomeState.UNKNOWN
    assert "the address is already a list member" in outcomes[ANNA].answer
    assert outcomes["new@people.example"].state is OutcomeState.APPLIED


def test_a_read_back_of_labels_that_fails_leaves_them_unknown(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(ANNA)
    service.fail({"status": 500, "calls": 99, "only": "GET /lists/{list_id}/members/{subscriber_hash}"})
    answering(service, "/segments/", lambda answer: answer.update(members_added=[]))
    outcome = apply(audience, add(ANNA))[ANNA]
    assert (outcome.state, outcome.contact) == (OutcomeState.UNKNOWN, None)


def test_who_is_said_to_exist_and_is_not_found_is_refused(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(ANNA)

    def hidden(request: Sent) -> Reply | None:
        if "/members/" in str(request.url):
            return 404, {"Content-Type": "application/problem+json"}, b'{"title":"Resource Not Found"}'
        return None

    service.reply = hidden
    outcome = apply(audience, add(ANNA, SUBSCRIBED))[ANNA]
    assert outcome.state is OutcomeState.REFUSED
    assert "already a list member" in outcome.answer


@pytest.mark.parametrize("way", ["named", "errors", "silent"])
def test_adding_and_removing_again_end_as_applied_whichever_way_mailchimp_answers(
    service: Simulated, audience: MailchimpAudience, way: str
) -> None:
    service.control("PATCH", "/", {"options": {"repeated": way}})
    service.put(ANNA, tags=["vip"])
    service.put("ben@people.example")
    outcomes = apply(audience, add(ANNA), remove("ben@people.example"))
    assert {outcome.state for outcome in outcomes.values()} == {OutcomeState.APPLIED}
    assert outcomes[ANNA].labels == ("vip",)
    assert outcomes["ben@people.example"].labels == ()


@pytest.mark.parametrize("way", ["errors", "silent"])
def test_a_stranger_is_refused_and_removed_from_whichever_way_mailchimp_answers(
    service: Simulated, audience: MailchimpAudience, way: str
) -> None:
    service.control("PATCH", "/", {"options": {"absent": way}})
    service.put("known@people.example", tags=["vip"])
    outcomes = apply(audience, add(ANNA), remove("ben@people.example"))
    assert outcomes[ANNA].state is OutcomeState.REFUSED
    assert "not" in outcomes[ANNA].answer
    assert outcomes["ben@people.example"].state is OutcomeState.APPLIED


def test_an_address_in_neither_list_is_unknown_unless_a_read_back_shows_it(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put(ANNA, "ben@people.example")

    def ignored(request: Sent) -> Reply | None:
        if request.method != "POST" or "/segments/" not in str(request.url):
            return None
        empty = {"members_added": [], "members_removed": [], "errors": [], "total_added": 2}
        return 200, {"Content-Type": "application/json"}, msgspec.json.encode(empty)

    service.reply = ignored
    outcomes = apply(audience, add(ANNA), add("ben@people.example"))
    assert {outcome.state for outcome in outcomes.values()} == {OutcomeState.UNKNOWN}
    assert outcomes[ANNA].contact is not None
    service.reply = lambda _: None
    answering(service, "/segments/", lambda answer: answer.update(members_added=[]))
    assert apply(audience, add(ANNA))[ANNA].state is OutcomeState.APPLIED


def test_who_takes_no_tag_for_their_status_is_refused_with_it(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(ANNA, status="archived")
    service.control("PATCH", "/", {"options": {"absent": "silent"}})
    outcome = apply(audience, add(ANNA))[ANNA]
    assert (outcome.state, outcome.answer) == (OutcomeState.REFUSED, "the contact is archived and took no tag")
    assert outcome.contact is not None


def test_a_refused_tag_is_refused_in_mailchimps_words_for_each_address_of_its_group(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.put(*emails(4))
    for email in emails(2):
        service.refuse(email, "other", when="tagging", detail=f"{email} cannot be tagged today.")
    outcomes = apply(audience, *(add(email) for email in emails(4)))
    assert [outcomes[email].state.value for email in emails(4)] == ["refused"] * 2 + ["applied"] * 2
    assert outcomes[emails(1)[0]].answer == "the address cannot be tagged today."


def test_an_outcome_shows_the_contact_as_it_now_is(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put("Anna@People.example", status="transactional", tags=["hand-made"])
    clock.instant += 50
    outcome = apply(audience, add(ANNA))[ANNA]
    (contact,) = audience.read([ANNA])
    assert (outcome.contact, outcome.labels, outcome.changed_at) == (contact, ("hand-made", "vip"), clock.now())


@pytest.mark.parametrize(
    "doctor",
    [
        lambda member: member.update(tags=[], tags_count=0),
        lambda member: member.update(tags_count=9),
        lambda member: member.pop("tags"),
    ],
)
def test_a_member_in_the_answer_that_is_older_or_cut_short_tells_nothing_of_its_tags(
    service: Simulated, audience: MailchimpAudience, doctor: Callable[[dict[str, Any]], Any]
) -> None:
    service.put(ANNA)
    answering(service, "/segments/", lambda answer: doctor(answer["members_added"][0]))
    outcome = apply(audience, add(ANNA))[ANNA]
    assert (outcome.state, outcome.labels, outcome.contact) == (OutcomeState.APPLIED, None, None)


def test_a_batch_of_five_hundred_with_its_labels_takes_one_call_each(
    service: Simulated, audience: MailchimpAudience, host: Host
) -> None:
    gone, there = emails(500)[:200], emails(500)[200:]
    service.put(*gone, tags=["vip"])
    service.put(*there)
    outcomes = apply(audience, *map(remove, gone), *map(add, there))
    assert {outcome.state for outcome in outcomes.values()} == {OutcomeState.APPLIED}
    assert host.calls == {"labels": 1, "write": 1}
    assert len(bodies(service.sent)[0]["members_to_remove"]) == 200


def refusing_whole(service: Simulated, *poison: str) -> None:
    """Refuse whole requests that hold one of some addresses."""

    def reply(request: Sent) -> Reply | None:
        body = (request.body or b"").decode() if request.method == "POST" else ""
        if not any(f'"{email}"' in body for email in poison):
            return None
        problem = {"title": "Invalid Resource", "status": 400, "detail": "Something in here is wrong."}
        return 400, {"Content-Type": "application/problem+json"}, msgspec.json.encode(problem)

    service.reply = reply


@pytest.mark.parametrize("create", [None, SUBSCRIBED])
def test_a_request_refused_whole_is_halved_down_to_the_address_that_spoils_it(
    service: Simulated, audience: MailchimpAudience, host: Host, create: NewContact | None
) -> None:
    if create is None:
        service.put(*emails(64))
    poison = [emails(64)[5], emails(64)[40]]
    refusing_whole(service, *poison)
    outcomes = apply(audience, *(add(email, create) for email in emails(64)))
    refused = {subject for subject, outcome in outcomes.items() if outcome.state is OutcomeState.REFUSED}
    assert refused == set(poison)
    assert {outcome.answer for outcome in outcomes.values()} == {"", "Invalid Resource · Something in here is wrong."}
    assert all(tags(service, email) == ["vip"] for email in emails(64) if email not in poison)
    assert host.calls["write"] < 30


def test_one_subject_named_twice_is_sent_once_and_answered_twice(
    service: Simulated, audience: MailchimpAudience
) -> None:
    outcomes = list(audience.apply([add(ANNA, SUBSCRIBED), add(ANNA, SUBSCRIBED)]))
    assert [outcome.state for outcome in outcomes] == [OutcomeState.APPLIED] * 2
    (created,) = bodies(service.sent)
    assert [member["tags"] for member in created["members"]] == [["vip"]]
    service.sent.clear()
    outcomes = list(audience.apply([add(ANNA, label="gold"), add(ANNA, label="gold")]))
    assert [outcome.state for outcome in outcomes] == [OutcomeState.APPLIED] * 2
    assert bodies(service.sent)[-1] == {"members_to_add": [ANNA]}


def test_a_throttled_write_is_sent_again_and_applied_once(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put(ANNA)
    service.fail({"kind": "busy_bare", "calls": 2, "only": WRITE_TAG}, {"kind": "forbidden_bare", "only": WRITE_TAG})
    assert apply(audience, add(ANNA))[ANNA].state is OutcomeState.APPLIED
    assert len(clock.waits) == 3


@pytest.mark.parametrize("only", [CREATE, WRITE_TAG])
@pytest.mark.parametrize("kind", ["lost", "cut", "reset_after", "broken_off"])
def test_a_write_whose_answer_was_lost_is_repeated_and_ends_as_applied(
    service: Simulated, audience: MailchimpAudience, only: str, kind: str
) -> None:
    service.fail({"kind": kind, "only": only})
    assert apply(audience, add(ANNA, SUBSCRIBED))[ANNA].state is OutcomeState.APPLIED
    assert (status(service, ANNA), tags(service)) == ("subscribed", ["vip"])


@pytest.mark.parametrize(("code", "unknown"), [(429, False), (500, True)])
def test_a_write_that_is_not_answered_at_all_says_whether_it_may_have_been_done(
    service: Simulated, audience: MailchimpAudience, code: int, unknown: bool
) -> None:
    service.put(ANNA)
    service.fail({"status": code, "calls": 99, "only": WRITE_TAG})
    with pytest.raises(RetriableError) as caught:
        apply(audience, add(ANNA))
    assert caught.value.unknown_fate is unknown


def test_what_ended_before_a_failure_was_told_before_it(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(ANNA)
    service.fail({"status": 429, "calls": 99, "only": WRITE_TAG, "after": 1})
    outcomes = audience.apply([add(ANNA, None, "first"), add(ANNA, None, "second")])
    assert next(outcomes).change.label == "first"
    with pytest.raises(RetriableError):
        next(outcomes)
    assert tags(service) == ["first"]


def test_a_key_refused_in_the_middle_ends_the_audiences_part(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(ANNA)
    outcomes = audience.apply([add(ANNA, None, "first"), add(ANNA, None, "second")])
    next(outcomes)
    service.control("PATCH", "/", {"api_key": "f" * 32 + "-us1"})
    with pytest.raises(CredentialsError):
        next(outcomes)


def test_a_connection_that_breaks_during_every_try_leaves_a_write_in_doubt(
    service: Simulated, clock: StillClock
) -> None:
    service.put(ANNA)

    def broken(request: Sent) -> Reply | None:
        if "/segments/" in str(request.url) and request.method == "POST":
            raise requests.ConnectionError("reset by peer")
        return None

    service.reply = broken
    with pytest.raises(RetriableError) as caught:
        apply(open_simulated(clock), add(ANNA))
    assert caught.value.unknown_fate


def test_no_change_asks_for_nothing(service: Simulated, audience: MailchimpAudience) -> None:
    assert list(audience.apply([])) == []
    assert paths(service.sent) == []
