"""What happens in the demo's world between two syncs: who it happens to, and how it is done to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from syncd.cli.demo.stage import Stage

DAYS = 7
"""How far the world moves on."""

_BEFORE = 30 * 86_400
_READERS = 6
_REGRETS = 41

Members = Callable[[str], list[dict[str, Any]]]
"""Gives the members of a segment, as `syncd members` prints them."""


class Fate(msgspec.Struct, frozen=True):
    """Something that happened to somebody.

    Attributes:
        id: The customer.
        told: What happened, the rest of a sentence that begins with the address.
    """

    id: int
    email: str
    told: str


def fill_lists(stage: Stage) -> dict[str, int]:
    """Put some of the shop's customers into the newsletter's list, as an older way of collecting them would have.

    Some of them unsubscribed there although the shop still says that they want mail: syncd must leave them so.

    Returns:
        How many are there, by status.
    """
    at = stage.now() - _BEFORE
    people = []
    for number, customer in enumerate(it for it in stage.customers() if it["email"] and it["consent"] == "SUBSCRIBED"):
        if number % _READERS == 0:
            status = "unsubscribed" if number % _REGRETS == 0 else "subscribed"
            people.append({"email_address": customer["email"], "status": status, "by": "self", "at": at})
    people = list({it["email_address"].lower(): it for it in people}.values())
    stage.ask("/mailchimp/lists/newsletter/members", {"members": people})
    return Counter(it["status"] for it in people)


def move_on(stage: Stage, members: Members) -> list[Fate]:
    """Let a week pass in which people order, leave, and are deleted."""
    subscribed = {it["email_address"].lower() for it in contacts(stage, "newsletter") if it["status"] == "subscribed"}
    taken: set[int] = set()

    def somebody(segment: str) -> dict[str, Any]:
        """Return the first member who is on the newsletter's list and in no other fate; else just the first one."""
        people = [it for it in members(segment) if it["email"] and it["customer_id"] not in taken]
        found = next((it for it in people if it["email"].lower() in subscribed), people[0])
        taken.add(found["customer_id"])
        return found

    fates = list(_fates(stage, somebody))
    stage.ask("/advance", {"days": DAYS})
    return fates


def _fates(stage: Stage, somebody: Callable[[str], dict[str, Any]]) -> Iterator[Fate]:
    buyer = somebody("not-yet-bought")
    lines = [{"title": "A sofa", "price": "1249.00"}]
    stage.ask("/shops/main/orders", {"customer_id": buyer["customer_id"], "lines": lines})
    yield _fate(buyer, "orders for the first time, for 1,249")

    returning = somebody("lapsed")
    stage.ask("/shops/main/orders", {"customer_id": returning["customer_id"]})
    yield _fate(returning, "orders again after more than half a year")

    leaving = somebody("big-spenders")
    stage.ask(
        f"/mailchimp/lists/newsletter/members/{leaving['email']}", {"status": "unsubscribed", "by": "self"}, "PATCH"
    )
    yield _fate(leaving, "unsubscribes from the mailing list")

    quiet = somebody("lapsed")
    stage.ask(f"/shops/main/customers/{quiet['customer_id']}", {"consent": "UNSUBSCRIBED"}, "PATCH")
    yield _fate(quiet, "takes back their consent in the shop")

    partner = somebody("wholesale")
    stage.ask(f"/shops/main/customers/{partner['customer_id']}", {"remove_tags": ["wholesale"]}, "PATCH")
    yield _fate(partner, "is no longer tagged wholesale by the merchant")

    gone = somebody("repeat-buyers")
    stage.ask(f"/shops/main/customers/{gone['customer_id']}", None, "DELETE")
    yield _fate(gone, "is deleted from the shop")

    fresh = {"email": "new.customer@inbox.example", "first_name": "Robin", "consent": "SUBSCRIBED"}
    made = stage.ask("/shops/main/customers", fresh)
    yield Fate(id=made["id"], email=fresh["email"], told="signs up, and wants mail")


def _fate(person: dict[str, Any], told: str) -> Fate:
    return Fate(id=person["customer_id"], email=person["email"], told=told)


def contacts(stage: Stage, name: str) -> list[dict[str, Any]]:
    """Return everybody of a list, as it truly is."""
    found: list[dict[str, Any]] = stage.ask(f"/mailchimp/lists/{name}/members")["members"]
    return found


def ends(stage: Stage, fates: list[Fate]) -> list[dict[str, Any]]:
    """Return what the shop and the newsletter's list say of the people that something happened to."""
    listed = {it["email_address"].lower(): it for it in contacts(stage, "newsletter") if it["email_address"]}
    shop = {it["id"]: it for it in stage.customers()}
    nobody: dict[str, Any] = {"status": "", "tags": []}
    return [
        {
            "email": fate.email,
            "shop": fate.id in shop,
            "shop_tags": shop.get(fate.id, {}).get("tags", []),
            **{key: listed.get(fate.email.lower(), nobody)[key] for key in ("status", "tags")},
        }
        for fate in fates
    ]
