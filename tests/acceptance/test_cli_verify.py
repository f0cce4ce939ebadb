"""`syncd verify`: ours against the store's own answer, which the sandbox works out by a reading of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox import SANDBOX, Options
from syncd.cli.demo.folder import SETTINGS
from tests.acceptance.place import Place

BOTH_CAN_HOLD = (
    "number_of_orders = 0",
    "number_of_orders BETWEEN 2 AND 4",
    "amount_spent > 99.99",
    "amount_spent = 0",
    "email_subscription_status != 'SUBSCRIBED'",
    "email_subscription_status = 'UNSUBSCRIBED' OR email_subscription_status = 'PENDING' AND number_of_orders > 1",
    "sms_subscription_status = 'NOT_SUBSCRIBED'",
    "customer_tags CONTAINS 'vIp'",
    "customer_tags CONTAINS 'O\\'Reilly\\'s friends' OR customer_tags CONTAINS 'ÉTÉ'",
    "customer_tags NOT CONTAINS 'wholesale' AND customer_tags IS NOT NULL",
    "customer_tags IS NULL",
    "customer_countries CONTAINS 'FR' OR customer_regions CONTAINS 'US-CA'",
    "customer_countries IS NULL",
    "customer_countries NOT CONTAINS 'DE'",
    "customer_cities CONTAINS 'US-CA-LosAngeles' OR customer_cities CONTAINS 'DE-Berlin'",
    "customer_email_domain = 'inbox.example'",
    "customer_email_domain != 'inbox.example'",
    "customer_language = 'en' OR customer_language = 'en-CA'",
    "customer_account_status = 'INVITED'",
    "product_subscription_status = 'SUBSCRIBED' OR product_subscription_status = 'CANCELED'",
    "predicted_spend_tier != 'HIGH'",
    "rfm_group = 'CHAMPIONS' OR rfm_group = 'NEW'",
    "customer_added_date > -1y",
    "customer_added_date = today OR customer_added_date = yesterday",
    "customer_added_date <= 2026-01-31",
    "first_order_date BETWEEN -12m AND -3m",
    "last_order_date < -180d",
    "last_order_date >= -7d",
    "last_order_date != today",
    "last_order_date IS NULL",
    "last_order_date > 2026-07-01T12:00:00",
    "abandoned_checkout_date >= -90d",
    "abandoned_checkout_date IS NOT NULL AND last_order_date IS NULL",
    "orders_placed MATCHES ()",
    "orders_placed NOT MATCHES (date >= -90d)",
    "orders_placed MATCHES (date BETWEEN -60d AND yesterday, count >= 2)",
    "orders_placed MATCHES (amount > 200, count = 1)",
    "orders_placed MATCHES (sum_amount >= 500, date > -1y)",
    "orders_placed MATCHES (count = 0)",
    "orders_placed MATCHES (app_id IN (129785, 1354745))",
    "products_purchased MATCHES (count > 5)",
    "products_purchased MATCHES (quantity >= 3, date >= -12m)",
    "products_purchased MATCHES (id IN ({first}, {second}), sum_quantity >= 2)",
    "products_purchased NOT MATCHES (id = {first})",
    "products_purchased MATCHES (id NOT IN ({first}))",
    "products_purchased MATCHES (tag = '{tag}', date < -1m)",
    "products_purchased MATCHES (category = '{category}')",
    "number_of_orders > 1 AND (amount_spent > 50 OR customer_tags CONTAINS 'vip')",
)
ONLY_OURS = '[segments.average]\nquery = "average_order_amount > 50"\n'


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A shop with records near midnight, in its winter and its summer time, and other oddities, pulled."""
    with SANDBOX.start(Options(customers=300, bulk_seconds=0.0)) as running:
        place = Place(tmp_path_factory.mktemp("odd"), running)
        _make_odd(place)
        place.settings(_tables(place))
        assert place.run("sync", "--pull-only").code == 0
        yield place


def _tables(place: Place) -> str:
    products = [it for it in place.dump() if it["kind"] == "product"]
    tag = next(tag for it in products for tag in it["tags"])
    category = next(it["category"] for it in products if it["category"]).rpartition(" > ")[0]
    words = {"first": str(products[0]["id"]), "second": str(products[1]["id"]), "tag": tag}
    words["category"] = category
    queries = [re.sub(r"\{(\w+)\}", lambda found: words[found[1]], query) for query in BOTH_CAN_HOLD]
    return ONLY_OURS + "".join(f'[segments.s{n}]\nquery = """{query}"""\n' for n, query in enumerate(_toml(queries)))


def _toml(queries: list[str]) -> Iterator[str]:
    return (query.replace("\\", "\\\\") for query in queries)


def _make_odd(place: Place) -> None:
    shop = place.dump()[0]
    zone = ZoneInfo(shop["timezone"])
    today = datetime.fromtimestamp(shop["now"], UTC).astimezone(zone).date()
    people = itertools.cycle(it["id"] for it in place.dump() if it["kind"] == "customer")
    days = [today - timedelta(days=n) for n in (0, 1, 7, 30, 60, 90, 180, 365)]
    days += [datetime(2026, 3, 29, tzinfo=zone).date(), datetime(2026, 10, 25, tzinfo=zone).date()]
    for day in days:
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        for at in (midnight - 1, midnight, midnight + 3599):
            if at < shop["now"]:
                order = {"customer_id": next(people), "processed_at": at, "created_at": at}
                place.control("/shops/main/orders", order)
    place.control("/shops/main/customers", {"email": None, "tags": ["ViP", "Ünï"]})
    place.control("/shops/main/customers", {"email": "Odd@INBOX.example", "consent": "SUBSCRIBED"})


def test_everything_that_both_can_hold_agrees(odd: Place) -> None:
    ended = odd.run("verify", "--json")
    told = {it["segment"]: it for it in ended.json["segments"]}
    queries = dict(zip([f"s{n}" for n in range(len(BOTH_CAN_HOLD))], BOTH_CAN_HOLD, strict=True))
    differing = {queries[name]: it for name, it in told.items() if name in queries and not it.get("agree")}
    assert differing == {}
    assert (ended.code, ended.json["moved"]) == (0, [])
    assert "could not hold it" in told["average"]["skipped"]
    assert sum(it.get("ours", 0) > 0 for it in told.values()) > len(BOTH_CAN_HOLD) - 5


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_the_zone_of_the_settings_counts_on_both_sides(odd: Place, zone: str) -> None:
    text = odd.file.read_text()
    try:
        odd.file.write_text(f'[syncd]\ntimezone = "{zone}"\n{text}')
        ended = odd.run("verify", "--json")
    finally:
        odd.file.write_text(text)
    assert [it["segment"] for it in ended.json["segments"] if it.get("agree") is False] == []
    assert ended.code == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_put_together_from_such_clauses_agrees(odd: Place, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  # dice for a test, no secret
    clauses = re.findall(r'query = """(.*?)"""', odd.file.read_text())
    queries = [_joined(dice, clauses) for _ in range(120)]
    text = odd.file.read_text()
    try:
        tables = "".join(f'[segments.r{n}]\nquery = """{query}"""\n' for n, query in enumerate(queries))
        odd.file.write_text(text.partition(ONLY_OURS)[0] + tables)
        ended = odd.run("verify", "--json")
    finally:
        odd.file.write_text(text)
    told = ended.json["segments"]
    assert [queries[int(it["segment"][1:])] for it in told if not it["skipped"] and not it.get("agree")] == []
    assert sum(it.get("agree", False) for it in told) == len(queries)


def _joined(dice: Random, clauses: list[str]) -> str:
    """Return two to four clauses, joined and nested as they come."""
    parts = [f"({each})" if dice.random() < 0.4 else each for each in dice.sample(clauses, dice.randint(2, 4))]
    query = parts[0]
    for part in parts[1:]:
        query = f"{query} {dice.choice(['AND', 'OR'])} {part}"
        if dice.random() < 0.3:
            query = f"({query})"
    return query


def test_the_demos_segments_agree(place: Place) -> None:
    place.settings(SETTINGS.partition("[segments.")[2].join(("[segments.", "")).replace('"partners"', '"newsletter"'))
    assert place.run("sync", "--pull-only").code == 0
    ended = place.run("verify")
    assert (ended.code, ended.err) == (0, "")
    assert "9 segments compared: the store says the same of everybody" in ended.out


def test_a_difference_is_told_by_person_with_what_the_store_has_changed_since(place: Place) -> None:
    assert place.run("sync", "--pull-only").code == 0
    customer = next(it for it in place.dump() if it["kind"] == "customer" and it["number_of_orders"] < 2)["id"]
    for _ in range(2):
        place.control("/shops/main/orders", {"customer_id": customer})
    ended = place.run("verify", "repeat-buyers", "--json")
    (told,) = ended.json["segments"]
    assert (ended.code, told["only_ours"], told["only_theirs"]) == (1, [], [customer])
    assert {it["kind"] for it in ended.json["moved"]} == {"customers"}
    shown = place.run("verify", "repeat-buyers")
    assert f"syncd explain {customer} repeat-buyers" in shown.out
    assert "customers of main changed there since they were read" in shown.out
    assert place.run("sync", "--pull-only").code == 0
    assert place.run("verify").code == 0


def test_the_list_of_segments_says_which_the_store_could_not_hold(place: Place) -> None:
    place.settings(ONLY_OURS + '[segments.many]\nquery = "number_of_orders > 1"\n')
    told = {it["segment"]: it["beyond"] for it in place.run("segments", "--json").json["segments"]}
    assert told["many"] is None
    assert "average_order_amount" in told["average"]
    assert "What the store itself could not hold: average" in place.run("segments").out


def test_before_the_first_pull_nothing_is_compared(place: Place) -> None:
    ended = place.run("verify", "--json")
    assert ended.code == 0
    assert {it["skipped"] for it in ended.json["segments"]} == {"what it looks at was never read: type `syncd sync`"}


def test_a_store_that_does_not_answer_is_told(place: Place) -> None:
    assert place.run("sync", "--pull-only").code == 0
    place.control("/shops/main", {"faults": [{"only": "SegmentMembers", "status": 403, "calls": 9}]}, "PATCH")
    ended: Any = place.run("verify", "--json")
    assert ended.code == 4
    assert ended.json["segments"][0]["error"]["kind"] == "credentials"
    assert "refuses this app" in place.run("verify").out
