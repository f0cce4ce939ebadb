"""Consent from end to end: another app that writes it, a forgotten contact, a changed address; audit and approve."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.acceptance.place import Place

SEGMENTS = """
[segments.buyers]
query = "number_of_orders >= 1"
audiences = ["newsletter"]
audience_tag = "Buyer"
limits = { min_size = 1000 }
"""
FEW = {"min_size": 3, "max_consent_changes": "5%"}


@pytest.fixture
def synced(place: Place) -> Place:
    place.settings(SEGMENTS, limits=FEW)
    ended = place.run("sync", "--yes", "--json")
    assert ended.code == 0, ended.err
    return place


def customers(place: Place, consent: str) -> list[dict[str, Any]]:
    """Return buyers with an address of their own and this consent, who are in no audience."""
    known = {it["email_address"].lower() for it in place.contacts()}
    found = [it for it in place.dump() if it["kind"] == "customer" and it["consent"] == consent and it["email"]]
    return [it for it in found if it["email"].lower() not in known and it["number_of_orders"]]


def edit(place: Place, customer: dict[str, Any], **fields: Any) -> None:
    place.control(f"/shops/main/customers/{customer['id']}", fields, "PATCH")


def statuses(place: Place) -> dict[str, str]:
    return {it["email_address"].lower(): it["status"] for it in place.contacts()}


def test_what_another_app_wrote_for_many_is_held_shown_and_believed_only_when_approved(synced: Place) -> None:
    many = customers(synced, "NOT_SUBSCRIBED")[:8]
    assert len(many) == 8
    for customer in many:
        edit(synced, customer, consent="SUBSCRIBED")
    before = statuses(synced)

    held = synced.run("sync", "--json")

    assert held.code == 3, held.err
    (row,) = held.json["held"]
    assert (row["target"], row["people"]) == ("main", 8)
    assert statuses(synced) == before
    assert synced.run("status", "--json").code == 3
    assert synced.run("audit", "newsletter", "--json").json["counts"]["newsletter"]["doubted"] == 8
    told = synced.run("explain", many[0]["email"], "buyers")
    assert "not believed before somebody has looked" in " ".join(told.out.split())
    assert "doubted: it counts as NOT_SUBSCRIBED" in told.out
    approved = synced.run("approve", str(row["run"]), "--json").json
    assert approved["believed"] == [{"target": "main", "people": 8}]
    assert synced.run("sync", "--json").code == 0
    after = statuses(synced)
    assert {after[it["email"].lower()] for it in many} == {"subscribed"}


def test_the_audit_lists_everybody_as_csv_and_counts_them_in_words(synced: Place) -> None:
    listed = list(csv.DictReader(io.StringIO(synced.run("audit", "--csv").out)))
    document = synced.run("audit", "--json").json
    words = synced.run("audit", "--sample", "1").out

    assert [row["address"] for row in listed] == [it["address"] for it in document["people"]]
    assert sum(document["counts"]["newsletter"].values()) == len(listed) > 0
    assert "syncd audit --csv" in words
    assert synced.run("audit", "nowhere").code == 2


def test_a_changed_address_is_not_subscribed_on_the_strength_of_the_old_one(synced: Place) -> None:
    contact = next(it for it in synced.contacts() if it["status"] == "subscribed" and "Buyer" in str(it["tags"]))
    owner = next(
        it
        for it in synced.dump()
        if it["kind"] == "customer" and (it["email"] or "").lower() == contact["email_address"].lower()
    )
    edit(synced, owner, email="somebody.else@people.example")

    assert synced.run("sync", "--json").code == 0

    assert "somebody.else@people.example" not in statuses(synced)
    told = synced.run("explain", "somebody.else@people.example", "buyers").out
    assert "given for another address" in told


def test_a_forgotten_contact_is_refused_once_and_history_names_the_way_back(synced: Place) -> None:
    contact = next(it for it in synced.contacts() if it["status"] == "subscribed" and "Buyer" in str(it["tags"]))
    synced.control(f"/mailchimp/lists/newsletter/members/{contact['id']}?permanent=true", method="DELETE")
    refused = synced.run("sync", "--full", "--json").json["refused"]
    again = synced.run("sync", "--full", "--json").json["refused"]
    assert (refused, again) == (1, 0)
    (standing,) = synced.run("history", contact["email_address"], "--json").json["refusals"]
    assert "sign-up form: http://eepurl.com/" in standing["answer"]
