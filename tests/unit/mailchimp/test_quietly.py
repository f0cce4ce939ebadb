"""Labels that come quietly: a call a contact, marked as syncing, each told for itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.mailchimp.audience import MailchimpAudience
from connectors.mailchimp.wire import hashed
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.model import Action, Change, ContactStatus, NewContact, Outcome, OutcomeState
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, bodies, paths

SUBSCRIBED = NewContact(status=ContactStatus.SUBSCRIBED)


def add(email: str, label: str = "vip", create: NewContact | None = None) -> Change:
    return Change(
        target="newsletter",
        label=label,
        segment="s",
        subject=email,
        action=Action.ADD,
        email=email,
        create=create,
        quiet=True,
    )


def emails(count: int) -> list[str]:
    return [f"{number}@people.example" for number in range(count)]


def tagging(request: Sent) -> bool:
    return request.method == "POST" and str(request.path_url).endswith("/tags")


def told(audience: MailchimpAudience, changes: list[Change]) -> tuple[dict[str, OutcomeState], Exception | None]:
    states: dict[str, OutcomeState] = {}
    try:
        for outcome in audience.apply(changes):
            assert outcome.change.subject not in states
            states[outcome.change.subject] = outcome.state
    except (RetriableError, FatalError) as error:
        return states, error
    return states, None


def test_all_labels_of_a_contact_go_in_one_call_that_is_marked(service: Simulated, audience: MailchimpAudience) -> None:
    service.put("anna@people.example")
    outcomes: list[Outcome] = list(audience.apply([add("anna@people.example"), add("anna@people.example", "new")]))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}
    (body,) = bodies(service.sent)
    assert body == {
        "tags": [{"name": "vip", "status": "active"}, {"name": "new", "status": "active"}],
        "is_syncing": True,
    }
    assert paths(service.sent)[-1] == f"POST /lists/{LIST}/members/{hashed('anna@people.example')}/tags"
    assert service.control("GET", "/taggings")["counts"] == {"syncing": 2}


def test_a_newcomer_is_created_without_a_tag_and_tagged_by_a_call_that_is_marked(
    service: Simulated, audience: MailchimpAudience
) -> None:
    states, _ = told(audience, [add("new@people.example", create=SUBSCRIBED)])
    assert set(states.values()) == {OutcomeState.APPLIED}
    created, tagged = bodies(service.sent)
    assert "tags" not in created["members"][0]
    assert tagged["is_syncing"] is True
    assert [mail["kind"] for mail in service.mails() if mail["kind"] == "automation"] == []


def test_nobody_is_asked_for_a_segment_first(service: Simulated, audience: MailchimpAudience) -> None:
    service.put(*emails(3))
    told(audience, [add(email) for email in emails(3)])
    assert not [path for path in paths(service.sent) if "/segments" in path]


@pytest.mark.parametrize(
    ("status", "body", "error", "state"),
    [
        (429, b"", RetriableError, OutcomeState.FAILED),
        (401, b'{"title": "API Key Invalid"}', CredentialsError, OutcomeState.FAILED),
        (500, b"", RetriableError, OutcomeState.UNKNOWN),
    ],
)
def test_a_service_that_goes_away_leaves_what_was_done_told_and_the_rest_unsent(
    service: Simulated,
    audience: MailchimpAudience,
    status: int,
    body: bytes,
    error: type[Exception],
    state: OutcomeState,
) -> None:
    service.put(*emails(100))
    hashes = {hashed(email) for email in emails(30)}

    def reply(request: Sent) -> Reply | None:
        if not tagging(request) or str(request.path_url).split("/")[-2] in hashes:
            return None
        return status, {"Content-Type": "application/problem+json"}, body

    service.reply = reply
    states, raised = told(audience, [add(email) for email in emails(100)])
    assert isinstance(raised, error)
    assert not getattr(raised, "unknown_fate", False)
    # a call that waits for its turn while another is told that the service is away is not sent any more
    assert {states[email] for email in emails(30)} <= {OutcomeState.APPLIED, OutcomeState.FAILED}
    assert set(states) < set(emails(100))
    others = {found for email, found in states.items() if email not in emails(30)}
    assert {state} <= others <= {state, OutcomeState.FAILED}  # what is not even sent any more has surely failed
    truth = {email for email in emails(100) if "vip" in (service.truth(email) or {"tags": []})["tags"]}
    assert truth == {email for email, found in states.items() if found is OutcomeState.APPLIED} != set()


def test_one_refused_label_spoils_no_other_of_the_same_contact(service: Simulated, audience: MailchimpAudience) -> None:
    service.put("anna@people.example")

    def reply(request: Sent) -> Reply | None:
        body: Any = msgspec.json.decode(request.body) if tagging(request) and request.body else {"tags": []}
        if not any(tag["name"] == "bad" for tag in body["tags"]):
            return None
        problem = {"title": "Invalid Resource", "detail": "anna@people.example cannot be called bad", "status": 400}
        return 400, {"Content-Type": "application/problem+json"}, msgspec.json.encode(problem)

    service.reply = reply
    changes = [add("anna@people.example", label) for label in ("vip", "bad", "new")]
    outcomes = {outcome.change.label: outcome for outcome in audience.apply(changes)}
    assert {label: outcome.state.value for label, outcome in outcomes.items()} == {
        "vip": "applied",
        "new": "applied",
        "bad": "refused",
    }
    assert "anna" not in outcomes["bad"].answer


def test_who_is_not_there_is_refused_and_a_list_that_is_gone_is_not_taken_for_that(
    service: Simulated, audience: MailchimpAudience
) -> None:
    states, _ = told(audience, [add("nobody@people.example")])
    assert states == {"nobody@people.example": OutcomeState.REFUSED}
    gone = msgspec.json.encode({"title": "Resource Not Found", "status": 404})
    service.reply = lambda request: (404, {"Content-Type": "application/problem+json"}, gone)
    states, raised = told(audience, [add("anna@people.example")])
    assert isinstance(raised, FatalError)
    assert OutcomeState.REFUSED not in states.values()


def test_an_archived_contact_is_left_as_it_is(service: Simulated, audience: MailchimpAudience) -> None:
    service.put("old@people.example", status="archived")
    states, _ = told(audience, [add("old@people.example")])
    assert states == {"old@people.example": OutcomeState.REFUSED}
    assert not [path for path in paths(service.sent) if path.endswith("/tags")]
