"""What `syncd check` says of an audience, and how labels are written."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.mailchimp.audience import MailchimpAudience
from connectors.sandbox.mailchimp import MergeField, NewList
from syncd.errors import FatalError
from syncd.model import Action, Change
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, open_simulated


def hint_for(clock: StillClock, list_id: str) -> str:
    with pytest.raises(FatalError) as caught:
        open_simulated(clock, list=list_id).check()
    return caught.value.hint


def test_checking_names_the_list_and_what_to_know_of_it(audience: MailchimpAudience) -> None:
    check = audience.check()
    assert (check.account, check.timezone, check.currency, check.missing) == ("Newsletter", None, None, ())
    assert check.notes == ("required merge fields (BDAY) are not insisted on for contacts that syncd creates",)


def test_checking_tells_of_double_opt_in_and_of_a_welcome(service: Simulated, clock: StillClock) -> None:
    service.account.world.open_list(NewList(id="other", name="Other", double_optin=True, welcome=True))
    notes = " ".join(open_simulated(clock, list="other").check().notes)
    assert "double opt-in is on" in notes
    assert "welcome" in notes


def test_checking_names_merge_fields_that_the_list_does_not_have(service: Simulated, clock: StillClock) -> None:
    (missing,) = open_simulated(clock, merge_fields={"FNAME": "first_name", "MOBILE": "phone"}).check().missing
    assert missing.what == "merge field MOBILE"
    assert "phone" in missing.costs
    assert not missing.blocks_write
    assert "MOBILE" in missing.fix


@pytest.mark.parametrize("kind", ["address", "birthday", "date", "number", "url"])
def test_checking_names_merge_fields_that_take_no_plain_text(clock: StillClock, kind: Any) -> None:
    service = Simulated(clock)
    fields = (MergeField(tag="HOME", type=kind),)
    service.account.world.open_list(NewList(id="other", name="Other", merge_fields=fields))
    with service.reachable():
        (missing,) = open_simulated(clock, list="other", merge_fields={"HOME": "first_name"}).check().missing
    assert missing.what == "merge field HOME for plain text"
    assert kind in missing.costs


def test_a_list_that_is_not_there_is_said_with_those_that_are(service: Simulated, clock: StillClock) -> None:
    hint = hint_for(clock, "0000000000")
    assert f"{LIST} (Newsletter)" in hint
    assert "[audiences.newsletter]" in hint


def test_the_name_of_a_list_is_answered_with_its_id(service: Simulated, clock: StillClock) -> None:
    assert f'list = "{LIST}"' in hint_for(clock, "Newsletter")


def test_the_number_of_a_list_in_the_address_bar_is_answered_with_its_id(service: Simulated, clock: StillClock) -> None:
    def numbered(request: Sent) -> Reply | None:
        status, headers, body = service.forward(request)
        return status, headers, re.sub(rb'"web_id":\d+', b'"web_id":123456', body)

    service.reply = numbered
    assert f'list = "{LIST}"' in hint_for(clock, "123456")


def test_an_account_without_lists_is_said_to_have_none(service: Simulated, clock: StillClock) -> None:
    service.account.world.audiences.clear()
    assert "no audience yet" in hint_for(clock, LIST)


@pytest.mark.parametrize("label", ["VIP", "  VIP ", "VIP\n"])
def test_a_label_keeps_its_letter_case_and_loses_space_around_it(audience: MailchimpAudience, label: str) -> None:
    assert audience.normalise(label) == "VIP"


@pytest.mark.parametrize(
    ("label", "why"), [("", "at least one"), ("a,b", "comma"), ("x" * 101, "at most 100"), ("a\nb", "line break")]
)
def test_a_label_that_no_tag_can_be_called_is_refused_in_a_phrase(
    audience: MailchimpAudience, label: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        audience.normalise(label)


def test_more_changes_than_a_call_takes_are_refused(audience: MailchimpAudience) -> None:
    change = Change(target="newsletter", label="vip", segment="s", subject="a@shop.example", action=Action.ADD)
    with pytest.raises(ValueError, match="500 changes at once, not 501"):
        audience.apply([change] * 501)
