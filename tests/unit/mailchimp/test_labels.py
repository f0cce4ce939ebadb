"""A label is a static segment: found, made, and not mistaken for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import requests

from connectors.mailchimp.audience import MailchimpAudience
from connectors.mailchimp.shapes import Tag
from syncd.errors import RetriableError
from syncd.model import Action, Change, ContactStatus, NewContact, Outcome, OutcomeState
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, open_simulated, paths

ANNA = "anna@people.example"


def change(label: str, action: Action = Action.ADD, subject: str = ANNA) -> Change:
    return Change(target="newsletter", label=label, segment="s", subject=subject, action=action, email=subject)


def one(audience: MailchimpAudience, label: str, action: Action = Action.ADD) -> Outcome:
    return one_of(audience, change(label, action))


def one_of(audience: MailchimpAudience, it: Change) -> Outcome:
    (outcome,) = audience.apply([it])
    return outcome


def tags(service: Simulated) -> list[str]:
    truth = service.truth(ANNA)
    assert truth is not None
    return list(truth["tags"])


def segments(service: Simulated) -> dict[str, Any]:
    return {each.name: each for each in service.account.world.audiences[LIST].segments}


@pytest.fixture(autouse=True)
def _anna(service: Simulated) -> None:
    service.put(ANNA)


def test_a_tag_is_made_once_and_listed_once(
    service: Simulated, audience: MailchimpAudience, host: Host, clock: StillClock
) -> None:
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    service.sent.clear()
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    segment = segments(service)["VIP"].id
    assert paths(service.sent) == [f"POST /lists/{LIST}/segments/{segment}"]
    service.sent.clear()
    assert one(open_simulated(clock, host), "vip").state is OutcomeState.APPLIED
    assert paths(service.sent) == [f"GET /lists/{LIST}/segments", f"POST /lists/{LIST}/segments/{segment}"]


def test_any_number_of_tags_is_looked_up_in_one_call(service: Simulated, audience: MailchimpAudience) -> None:
    names = [f"tag {number}" for number in range(30)]
    for name in names:
        service.account.world.audiences[LIST].segments.create(name, 0)
    assert {it.state for it in audience.apply([change(name) for name in names])} == {OutcomeState.APPLIED}
    assert paths(service.sent).count(f"GET /lists/{LIST}/segments") == 1
    assert len(service.sent) == 1 + 30


def test_a_tag_that_came_with_a_newcomer_is_known_afterwards(service: Simulated, audience: MailchimpAudience) -> None:
    create = NewContact(status=ContactStatus.SUBSCRIBED)
    newcomer = msgspec.structs.replace(change("VIP", subject="ben@people.example"), create=create)
    assert {it.state for it in audience.apply([newcomer, change("VIP")])} == {OutcomeState.APPLIED}
    assert tags(service) == ["VIP"]
    assert [it for it in paths(service.sent) if it.endswith("/segments")] == [f"GET /lists/{LIST}/segments"]


def test_a_tag_whose_newcomers_answer_was_lost_is_looked_up_again(
    service: Simulated, audience: MailchimpAudience
) -> None:
    def lost(request: Sent) -> Reply | None:
        if request.method == "POST" and "/segments" not in str(request.url):
            service.forward(request)
            raise requests.ConnectionError("reset by peer")
        return None

    create = NewContact(status=ContactStatus.SUBSCRIBED)
    service.reply = lost
    with pytest.raises(RetriableError):
        one_of(audience, msgspec.structs.replace(change("VIP", subject="ben@people.example"), create=create))
    service.reply = lambda _: None
    assert one(audience, "VIP", Action.REMOVE).state is OutcomeState.APPLIED
    assert one_of(audience, change("VIP", Action.REMOVE, "ben@people.example")).state is OutcomeState.APPLIED
    assert segments(service)["VIP"].members == {}


def test_a_tag_that_is_there_is_found_among_thousands_in_any_letter_case(
    service: Simulated, audience: MailchimpAudience
) -> None:
    for number in range(1200):
        service.account.world.audiences[LIST].segments.create(f"tag {number}", 0)
    service.account.world.audiences[LIST].segments.create("Émile's VIPs", 0)
    assert one(audience, "émile's vips").state is OutcomeState.APPLIED
    assert tags(service) == ["Émile's VIPs"]
    assert paths(service.sent).count(f"GET /lists/{LIST}/segments") == 2


def test_a_saved_segment_of_the_same_name_is_not_the_tag(service: Simulated, audience: MailchimpAudience) -> None:
    saved = service.account.world.audiences[LIST].segments.create("VIP", 0, options={"match": "all", "conditions": []})
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    assert tags(service) == ["VIP"]
    assert saved.members == {}


def test_a_remembered_tag_that_was_deleted_is_made_anew(
    service: Simulated, host: Host, audience: MailchimpAudience, clock: StillClock
) -> None:
    one(audience, "VIP")
    world = service.account.world.audiences[LIST]
    for again in (audience, open_simulated(clock, host)):
        world.delete_segment(segments(service)["VIP"])
        assert one(again, "VIP").state is OutcomeState.APPLIED
        assert tags(service) == ["VIP"]
    assert host.memo == {"tag:vip": str(segments(service)["VIP"].id)}


def test_a_remembered_tag_that_was_renamed_is_left_to_its_new_name(
    service: Simulated, host: Host, audience: MailchimpAudience, clock: StillClock
) -> None:
    one(audience, "VIP")
    world = service.account.world.audiences[LIST]
    world.segments.rename(segments(service)["VIP"], "Gold")
    assert one(open_simulated(clock, host), "VIP").state is OutcomeState.APPLIED
    assert sorted(tags(service)) == ["Gold", "VIP"]


def test_a_tag_renamed_while_we_run_is_noticed_in_the_answer_and_set_right_next_time(
    service: Simulated, audience: MailchimpAudience
) -> None:
    one(audience, "VIP")
    service.account.world.audiences[LIST].segments.rename(segments(service)["VIP"], "Gold")
    outcome = one(audience, "VIP")
    assert outcome.state is OutcomeState.UNKNOWN
    assert "another name" in outcome.answer
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    assert sorted(tags(service)) == ["Gold", "VIP"]


def test_an_id_that_became_a_saved_segments_is_looked_up_again(
    service: Simulated, audience: MailchimpAudience, host: Host
) -> None:
    segments_of = service.account.world.audiences[LIST].segments
    saved = segments_of.create("VIP", 0, options={"match": "all", "conditions": []})
    one(audience, "VIP")
    audience._push._labels.learn(Tag(saved.id, "VIP"))  # as a tag made again under an old id would be
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    assert host.memo["tag:vip"] != str(saved.id)


def test_a_tag_that_somebody_makes_at_the_same_moment_is_used(service: Simulated, audience: MailchimpAudience) -> None:
    def raced(request: Sent) -> Reply | None:
        if request.method == "POST" and str(request.url).endswith("/segments"):
            service.reply = lambda _: None
            service.account.world.audiences[LIST].segments.create("vip", 0)
        return None

    service.reply = raced
    assert one(audience, "VIP").state is OutcomeState.APPLIED
    assert tags(service) == ["vip"]


def test_a_tag_that_mailchimp_will_not_have_is_refused_for_everybody_in_its_words(
    service: Simulated, audience: MailchimpAudience
) -> None:
    def refusing(request: Sent) -> Reply | None:
        if request.method == "POST" and str(request.url).endswith("/segments"):
            body = {"title": "Bad Request", "status": 400, "detail": "Sorry, that tag is not allowed."}
            return 400, {"Content-Type": "application/problem+json"}, msgspec.json.encode(body)
        return None

    service.reply = refusing
    service.put("ben@people.example")
    outcomes = list(audience.apply([change("VIP"), change("VIP", subject="ben@people.example")]))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.REFUSED}
    assert outcomes[0].answer == "Bad Request · Sorry, that tag is not allowed."


def test_a_tag_is_not_made_to_take_it_off(service: Simulated, audience: MailchimpAudience) -> None:
    assert one(audience, "VIP", Action.REMOVE).state is OutcomeState.APPLIED
    assert paths(service.sent) == [f"GET /lists/{LIST}/segments"]
    assert segments(service) == {}


def test_a_tag_that_another_process_made_since_is_taken_off(service: Simulated, audience: MailchimpAudience) -> None:
    assert one(audience, "VIP", Action.REMOVE).state is OutcomeState.APPLIED
    service.edit(ANNA, add_tags=["VIP"])
    assert one(audience, "VIP", Action.REMOVE).state is OutcomeState.APPLIED
    assert tags(service) == []


def test_a_tag_that_vanishes_just_before_it_is_taken_off_is_off(
    service: Simulated, audience: MailchimpAudience
) -> None:
    one(audience, "VIP")
    world = service.account.world.audiences[LIST]
    world.delete_segment(segments(service)["VIP"])
    assert one(audience, "VIP", Action.REMOVE).state is OutcomeState.APPLIED
    assert segments(service) == {}


@pytest.mark.parametrize("spoil", [lambda: {"segments": []}, lambda: {"segments": [], "total_items": 3}])
def test_a_listing_of_tags_that_falls_short_never_makes_a_second_tag(
    service: Simulated, audience: MailchimpAudience, spoil: Callable[[], dict[str, Any]]
) -> None:
    service.account.world.audiences[LIST].segments.create("VIP", 0)

    def short(request: Sent) -> Reply | None:
        listing = request.method == "GET" and "/segments" in str(request.url)
        return (200, {"Content-Type": "application/json"}, msgspec.json.encode(spoil())) if listing else None

    service.reply = short
    with pytest.raises(Exception, match=r"documented|counts 3 tags"):
        one(audience, "VIP")
    assert list(segments(service)) == ["VIP"]
