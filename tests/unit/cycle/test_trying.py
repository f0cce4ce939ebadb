"""`[[tests]]`: people described in a few keys, read as a sync would read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config import Settings, load
from syncd.cycle.trying import Tried, try_all
from tests.support.household import CONNECTORS

NOW = 1_795_000_000
"""18 November 2026, 11:06 in UTC, past midnight in Auckland."""
Try = Callable[..., list[Tried]]


@pytest.fixture
def attempt(tmp_path: Path) -> Try:
    def run(text: str, head: str = "") -> list[Tried]:
        return list(try_all(settings := _settings(tmp_path, text, head), settings.tests, NOW))

    return run


def _settings(folder: Path, text: str, head: str) -> Settings:
    path = folder / "syncd.toml"
    path.write_text(f'{head}\n[stores.main]\nkind = "memory"\n{text}', encoding="utf-8")
    return load(path, CONNECTORS, environ={})


def member(attempt: Try, query: str, person: str, head: str = "") -> bool:
    (tried,) = attempt(f'[segments.x]\nquery = """{query}"""\n[[tests]]\nin = ["x"]\n{person}\n', head)
    (expectation,) = tried.expectations
    assert tried.ok is expectation.ok is expectation.member is expectation.reason.holds
    return expectation.member


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("customer_tags CONTAINS 'vip'", 'tags = ["VIP", "b"]', 'tags = ["vips"]'),
        ("number_of_orders > 1", "number_of_orders = 2", "number_of_orders = 1"),
        ("number_of_orders = 2", 'orders = [{}, { date = "-1y" }]', "orders = [{}, { cancelled = true }]"),
        ("number_of_orders = 0", "orders = [{ test = true }]", "orders = [{}]"),
        ("amount_spent = 70.50", 'orders = [{ amount = "50.50" }, { amount = 20 }]', "orders = [{ amount = 70 }]"),
        ("amount_spent >= 100", 'amount_spent = "100.00"\norders = [{ amount = 5 }]', "amount_spent = 99"),
        ("customer_email_domain = 'x.example'", 'email = "Ada@X.example"', 'email = "ada@y.example"'),
        ("email_subscription_status = 'SUBSCRIBED'", 'email_subscription_status = "SUBSCRIBED"', ""),
        ("sms_subscription_status = 'REDACTED'", 'sms_subscription_status = "REDACTED"', ""),
        ("customer_account_status = 'ENABLED'", 'customer_account_status = "ENABLED"', ""),
        ("customer_language = 'fr-CA'", 'customer_language = "fr-CA"', 'customer_language = "fr"'),
        ("product_subscription_status = 'PAUSED'", 'product_subscription_status = "PAUSED"', ""),
        ("predicted_spend_tier = 'HIGH'", 'predicted_spend_tier = "HIGH"', 'predicted_spend_tier = "LOW"'),
        ("rfm_group = 'LOYAL'", 'rfm_group = "LOYAL"', 'rfm_group = "NEW"'),
        ("customer_countries CONTAINS 'CA'", 'country = "CA"', ""),
        ("customer_regions CONTAINS 'CA-ON'", 'country = "CA"\nregion = "ON"', 'region = "ON"'),
        ("customer_regions CONTAINS 'CA-ON'", 'region = "CA-ON"', 'region = "US-CA"'),
        ("customer_cities CONTAINS 'US-CA-LosAngeles'",
         'region = "US-CA"\ncity = "Los Angeles"', 'city = "Los Angeles"'),
        ("customer_cities CONTAINS 'FR-Paris'",
         'addresses = [{ country = "CA" }, { country = "FR", city = "Paris" }]', ""),
        ("customer_within_distance MATCHES (coordinates = (45.42, -75.69), distance_km = 9)",
         "coordinates = [45.4, -75.7]", "coordinates = [48.9, 2.4]"),
        ("customer_added_date >= -10d", 'added = "-10d"', 'added = "-11d"'),
        ("customer_added_date = 2026-10-01", "added = 2026-10-01", "added = 2026-10-02"),
        ("customer_added_date = 2026-10-01T08:30:00", "added = 2026-10-01T08:30:00", 'added = "2026-10-01T08:30:01"'),
        ("customer_added_date = today", "", 'added = "yesterday"'),
        ("abandoned_checkout_date >= -3d", 'abandoned_checkout = "-3d"', 'abandoned_checkout = "-4d"'),
        ("last_order_date < -180d", 'orders = [{ date = "-200d" }]', 'orders = [{ date = "-200d" }, { date = "-5d" }]'),
        ("orders_placed MATCHES (tag = 'gift', discount_code = 'welcome', source = 'pos', financial_status = 'PAID', "
         "app_id = 5, location_id = 6)",
         'orders = [{ tags = ["Gift"], discount_codes = ["WELCOME"], source = "pos", financial_status = "PAID", '
         "app_id = 5, location_id = 6 }]",
         'orders = [{ tags = ["Gift"] }]'),
        ("products_purchased MATCHES (vendor = 'Acme', type = 'Shirts', tag = 'summer', collection = 'New', "
         "title = 'Shirt', id = 7, category = 'sg-4', quantity >= 2)",
         'orders = [{ products = [{ vendor = "Acme", type = "Shirts", tags = ["Summer"], collections = ["New"], '
         'title = "Shirt", id = 7, category = "sg-4-17", quantity = 2 }] }]',
         'orders = [{ products = [{ vendor = "Acme" }] }]'),
        ("products_purchased MATCHES (sum_quantity = 3)",
         'orders = [{ products = [{ title = "a" }, { title = "b", quantity = 2 }] }]', "orders = [{}]"),
        ("orders_placed MATCHES (currency = 'CAD', amount >= 5)",
         'currency = "CAD"\norders = [{ amount = "5.00" }]', 'currency = "EUR"\norders = [{ amount = 5 }]'),
        ("amount_spent = 5", 'orders = [{ amount = 5 }, { amount = 9, currency = "USD" }]', "orders = [{}]"),
        ("metafields.facts.size > 40", "metafields = { facts = { size = 42 } }",
         "metafields = { other = { size = 42 } }"),
        ("metafields.facts.weight = 1.5", "metafields = { facts = { weight = 1.5 } }", ""),
        ("metafields.facts.vip = 'true'", "metafields = { facts = { vip = true } }", ""),
        ("metafields.facts.likes = 'tea'", 'metafields = { facts = { likes = ["milk", "tea"] } }', ""),
        ("metafields.facts.born < 2000-01-01", 'metafields.facts.born = "1990-02-28"',
         "metafields.facts.born = 2001-02-28"),
        ("metafields.facts.seen = 2026-11-01", "metafields.facts.seen = 2026-11-01T08:30:00", ""),
        ("anniversary('metafields.facts.born') = today", "metafields.facts.born = 1990-11-18",
         'metafields.facts.born = "18-11"'),
        ("companies IS NOT NULL", "companies = [5]", "companies = []"),
        ("store_credit_accounts MATCHES (balance >= 20)", 'store_credit = "20.00"', "store_credit = 19"),
        ("spend_percentile >= 90",
         "spend_percentile = 90\nnumber_of_orders = 1", "spend_percentile = 89\nnumber_of_orders = 1"),
        ("value_tier = 'HIGH'",
         "spend_percentile = 80\nnumber_of_orders = 1", "spend_percentile = 79\nnumber_of_orders = 1"),
        ("purchase_frequency = 'REGULAR'",
         "orders_percentile = 70\nnumber_of_orders = 2", "orders_percentile = 90\nnumber_of_orders = 2"),
        ("recency_score = 5", "recency_percentile = 80\norders = [{}]", "recency_percentile = 80"),
        ("frequency_score = 1",
         "orders_percentile = 19\nnumber_of_orders = 1", "orders_percentile = 20\nnumber_of_orders = 1"),
    ],
)  # fmt: skip
def test_what_a_test_says_of_a_person_is_what_segments_see(attempt: Try, query: str, inside: str, outside: str) -> None:
    assert member(attempt, query, inside)
    assert not member(attempt, query, outside)


def test_days_are_those_of_the_settings_zone(attempt: Try) -> None:
    auckland = '[syncd]\ntimezone = "Pacific/Auckland"\n'
    assert member(attempt, "customer_added_date = 2026-11-18", "")
    assert member(attempt, "customer_added_date = 2026-11-19", "", auckland)
    assert member(attempt, "last_order_date = last_week", 'orders = [{ date = "2026-11-15" }]')
    sunday = '[syncd]\nweek_starts = "sunday"\n'
    assert not member(attempt, "last_order_date = last_week", 'orders = [{ date = "2026-11-15" }]', sunday)


def test_a_test_may_have_a_day_of_its_own(attempt: Try) -> None:
    person = 'today = 2024-02-29\norders = [{ date = "-1y" }]'
    assert member(attempt, "last_order_date = 2023-02-28", person)
    (tried,) = attempt('[segments.x]\nquery = "number_of_orders = 0"\n[[tests]]\ntoday = "2024-02-29"\nin = ["x"]\n')
    assert tried.today == "2024-02-29"


TEXT = """
[segments.buyers]
query = "number_of_orders > 0"
[segments.loyal]
query = "segments CONTAINS 'buyers' AND customer_tags CONTAINS 'loyal'"

[[tests]]
name = "as it should be"
in = ["loyal", "buyers"]
orders = [{}]
tags = ["loyal"]

[[tests]]
in = ["loyal"]
not_in = ["buyers"]
orders = [{}]
"""


def test_segments_that_ask_for_others_are_read_as_a_sync_would(attempt: Try) -> None:
    good, _ = attempt(TEXT)
    assert good.ok
    assert good.name == "as it should be"


def test_what_does_not_come_as_expected_is_told_with_the_clauses_that_decided(attempt: Try) -> None:
    _, bad = attempt(TEXT)
    assert (bad.ok, bad.name, bad.today) == (False, "test 2", "2026-11-18")
    assert [(it.segment, it.expected, it.member) for it in bad.expectations] == [
        ("loyal", True, False),
        ("buyers", False, True),
    ]
    loyal, buyers = bad.expectations
    assert [(clause.text, clause.value) for clause in loyal.reason.clauses() if clause.decides] == [
        ("customer_tags CONTAINS 'loyal'", "none")
    ]
    assert [clause.value for clause in buyers.reason.clauses()] == ["1"]


def test_a_failing_test_knows_its_line(attempt: Try) -> None:
    assert [tried.fixture.line for tried in attempt(TEXT)] == [10, 16]


def test_the_examples_of_the_documentation_come_as_expected(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "segments.md").read_text(encoding="utf-8")
    (block,) = [it for it in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[[tests]]" in it]
    query = re.search(r'query = "(number_of_orders > 1 AND [^"]*)"', page)
    assert query is not None
    settings = _settings(tmp_path, f'[segments.repeat-buyers]\nquery = "{query[1]}"\n{block}', "")
    assert [tried.ok for tried in try_all(settings, settings.tests, NOW)] == [True, True]


def test_a_person_by_address_is_the_one_described(attempt: Try) -> None:
    text = '[segments.x]\nquery = "number_of_orders = 1 AND amount_spent = 5"\nby = "email"\n'
    (tried,) = attempt(text + '[[tests]]\nin = ["x"]\nemail = "a@x.example"\norders = [{ amount = 5 }]\n')
    assert tried.ok
