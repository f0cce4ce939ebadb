"""How many calls a push takes: at most one for five hundred changes, and three."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pytest

from connectors.mailchimp.audience import TRAITS, MailchimpAudience
from syncd.model import Action, Change, ContactStatus, NewContact, OutcomeState
from syncd.plan.batches import batches
from syncd.ports import Host
from tests.unit.mailchimp.simulated import Simulated

NEW = NewContact(status=ContactStatus.SUBSCRIBED)


def people(what: str, count: int) -> list[str]:
    return [f"{what}{number}@people.example" for number in range(count)]


def change(subject: str, action: Action = Action.ADD, label: str = "vip", *, new: bool = False) -> Change:
    create = NEW if new else None
    return Change(
        target="newsletter", label=label, segment="s", subject=subject, action=action, email=subject, create=create
    )


def push(audience: MailchimpAudience, changes: Sequence[Change]) -> None:
    """Carry changes out as a push does: batch by batch, and nobody is made twice."""
    for batch in batches([], changes, TRAITS):
        assert {outcome.state for outcome in audience.apply(batch)} == {OutcomeState.APPLIED}


@pytest.mark.parametrize(("new", "there", "gone"), [(1, 1, 1), (2000, 0, 0), (0, 1500, 0), (700, 620, 510), (40, 0, 3)])
@pytest.mark.parametrize("first", [True, False])
def test_a_push_of_a_label_takes_a_call_for_five_hundred_changes_and_at_most_three(
    service: Simulated,
    audience: MailchimpAudience,
    host: Host,
    new: int,
    there: int,
    gone: int,
    *,
    first: bool,
) -> None:
    service.put(*people("there", there))
    service.put(*people("gone", gone), *([] if first else ["old@people.example"]), tags=["vip"])
    changes = [
        *(change(email, new=True) for email in people("new", new)),
        *(change(email) for email in people("there", there)),
        *(change(email, Action.REMOVE) for email in people("gone", gone)),
    ]
    push(audience, changes)
    assert host.calls.total() <= ceil(len(changes) / 500) + 3


def test_two_thousand_newcomers_are_made_and_tagged_in_six_calls(
    service: Simulated, audience: MailchimpAudience, host: Host
) -> None:
    push(audience, [change(email, new=True) for email in people("new", 2000)])
    assert host.calls == {"labels": 1, "contacts": 1, "write": 4}
    assert all(it["tags"] == ["vip"] for it in service.control("GET", "/lists/a1b2c3d4e5/members")["members"])


def test_every_label_takes_its_own_calls_and_no_more(
    service: Simulated, audience: MailchimpAudience, host: Host
) -> None:
    """Five labels of 300 people each: a batch that held two of them would take two calls."""
    labels = [f"label {number}" for number in range(5)]
    service.put(*people("there", 300), tags=["label 0", *labels[1:]])
    changes = [change(email, Action.REMOVE, label) for label in labels for email in people("there", 300)]
    push(audience, changes)
    assert host.calls == {"labels": 1, "write": 5}
