"""200 people whom Mailchimp will not have, among 10,000: the others are labelled in one run, nobody is asked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.faults.plan import STANDING
from connectors.sandbox.running import Running
from connectors.sandbox.world.records import Customer
from tests.acceptance.place import Place

PEOPLE = 10_000
BAD = 200
EVERYBODY = """
[segments.everybody]
query = "customer_added_date >= 2020-01-01"
audiences = ["newsletter"]
audience_tag = "everybody"
"""


def address(number: int) -> str:
    return f"person{number}@people.example"


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A shop of 10,000 people who consent, and nothing else."""
    with SANDBOX.start(Options(customers=0, bulk_seconds=0.0)) as running:
        shop, now = running.app.stores["main"].shop, running.app.clock.now()
        for number in range(1, PEOPLE + 1):
            shop.customers[number] = Customer(
                id=number, created_at=now - 1000, updated_at=now - 1000, email=address(number), consent="SUBSCRIBED"
            )
        shop.changed("customers")
        yield running


@pytest.fixture
def place(tmp_path: Path, sandbox: Running) -> Place:
    made = Place(tmp_path, sandbox)
    made.settings(EVERYBODY, newsletter={"new_contacts": "transactional"})
    return made


def bad() -> dict[str, str]:
    """Every fiftieth, with one reason after the other."""
    return {address(number): STANDING[number // 50 % len(STANDING)] for number in range(50, PEOPLE + 1, 50)}


@pytest.mark.slow
def test_200_bad_members_among_10_000_are_refused_with_their_reasons_and_the_rest_is_applied_in_one_run(
    place: Place,
) -> None:
    refused = bad()
    assert len(refused) == BAD
    refuse = [{"email_address": email, "reason": reason} for email, reason in refused.items()]
    place.control("/mailchimp/", {"refuse": refuse}, "PATCH")

    ended = place.run("sync", "--yes", "--json")
    assert ended.code == 0, ended
    report = ended.json
    assert (report["result"], report["refused"], report["failed"], report["unknown"]) == ("done", BAD, 0, 0)
    assert report["applied"]["add"] == PEOPLE - BAD
    labelled = {it["email_address"] for it in place.contacts() if it["tags"] == ["everybody"]}
    assert labelled == {address(number) for number in range(1, PEOPLE + 1)} - refused.keys()
    calls = report["calls"]["newsletter"]
    assert calls["write"] == PEOPLE / 500  # the tags come with the contacts
    assert sum(calls.values()) <= 40, calls

    told = Counter(
        it["answer"]
        for it in place.run("runs", str(report["run"]), "--json").json["changes"]
        if it["state"] == "refused"
    )
    assert told.total() == BAD
    assert len(told) == len(STANDING)

    again = place.run("sync", "--json")
    assert (again.code, again.json["result"]) == (0, "done")
    assert "write" not in again.json["calls"]["newsletter"]

    place.control("/shops/main/customers/50", {"email": "corrected@people.example"}, "PATCH")
    corrected = place.run("sync", "--json")
    assert (corrected.code, corrected.json["applied"]["add"]) == (0, 1)
    statuses = {it["email_address"]: it["status"] for it in place.contacts()}
    assert statuses["corrected@people.example"] == "transactional"  # the consent was for the old address
