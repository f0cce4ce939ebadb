"""The consent mutation of the simulated store: the word with the latest date counts, and three states may be sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.world.records import Customer

UPDATE = (
    "mutation($i: CustomerEmailMarketingConsentUpdateInput!) { customerEmailMarketingConsentUpdate(input: $i) { "
    "customer { id updatedAt defaultEmailAddress { marketingState marketingUpdatedAt } } "
    "userErrors { field message code } } }"
)


@pytest.fixture
def person(bench: Any) -> Customer:
    """Return a customer who consents since an hour ago."""
    found: Customer = next(it for it in bench.shop.customers.values() if it.email)
    found.consent, found.consent_at = "SUBSCRIBED", bench.clock.now() - 3600
    return found


def updated(bench: Any, person: Customer, state: str, at: int | None = None) -> Any:
    consent: dict[str, Any] = {"marketingState": state}
    if at is not None:
        consent["consentUpdatedAt"] = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"customerId": f"gid://shopify/Customer/{person.id}", "emailMarketingConsent": consent}
    return bench.ask(UPDATE, i=given)["customerEmailMarketingConsentUpdate"]


def test_a_later_word_counts_and_is_dated_as_it_was_given(bench: Any, person: Customer) -> None:
    at = bench.clock.now() - 60
    shown = updated(bench, person, "UNSUBSCRIBED", at)["customer"]["defaultEmailAddress"]
    assert shown["marketingState"] == "UNSUBSCRIBED"
    assert (person.consent, person.consent_at) == ("UNSUBSCRIBED", at)


def test_an_older_word_changes_nothing_and_the_answer_shows_it(bench: Any, person: Customer) -> None:
    before = (person.consent_at, person.updated_at)
    answer = updated(bench, person, "UNSUBSCRIBED", bench.clock.now() - 7200)
    assert answer["customer"]["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert answer["userErrors"] == []
    assert (person.consent_at, person.updated_at) == before


def test_a_word_without_a_date_is_of_now(bench: Any, person: Customer) -> None:
    updated(bench, person, "PENDING")
    assert (person.consent, person.consent_at) == ("PENDING", bench.clock.now())


@pytest.mark.parametrize("state", ["NOT_SUBSCRIBED", "REDACTED", "INVALID"])
def test_states_that_are_the_stores_own_are_refused(bench: Any, person: Customer, state: str) -> None:
    answer = updated(bench, person, state)
    assert answer["customer"] is None
    assert [error["code"] for error in answer["userErrors"]] == ["INVALID"]
    assert person.consent == "SUBSCRIBED"


def test_a_customer_without_an_address_is_refused(bench: Any, person: Customer) -> None:
    person.email = None
    answer = updated(bench, person, "UNSUBSCRIBED")
    assert "unique email address" in answer["userErrors"][0]["message"]


def test_who_is_not_there_is_refused(bench: Any, person: Customer) -> None:
    del bench.shop.customers[person.id]
    assert updated(bench, person, "UNSUBSCRIBED")["userErrors"][0]["message"] == "Customer not found"
