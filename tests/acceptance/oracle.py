"""Who belongs where, worked out from the truth of the simulated shop by plain means: nothing of syncd is used here.

Written from the decisions in docs/segments.md: a date is a day of the shop's zone; an order counts if it is neither a
test nor cancelled; `number_of_orders` and `amount_spent` are the store's own figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]


class Truth:
    """A shop's records, as the sandbox's dump tells them."""

    def __init__(self, dump: list[Record]) -> None:
        """Sort the records."""
        self.shop = dump[0]
        self.customers = {it["id"]: it for it in dump if it["kind"] == "customer"}
        self.zone = ZoneInfo(self.shop["timezone"])
        self.today = self.day(self.shop["now"])
        self.orders: dict[int, list[Record]] = defaultdict(list)
        self.baskets: dict[int, list[Record]] = defaultdict(list)
        for it in dump:
            if it["kind"] == "order" and not it["test"] and it["cancelled_at"] is None:
                self.orders[it["customer_id"]].append(it)
            if it["kind"] == "checkout" and it["completed_at"] is None:
                self.baskets[it["customer_id"]].append(it)

    def day(self, instant: int) -> date:
        """Return the day of an instant in the shop's zone."""
        return datetime.fromtimestamp(instant, UTC).astimezone(self.zone).date()

    def ago(self, days: int) -> date:
        """Return the day so many days ago."""
        return self.today - timedelta(days=days)

    def last_order(self, customer: Record) -> date | None:
        """Return the day of a customer's last order that counts."""
        return max((self.day(it["processed_at"]) for it in self.orders[customer["id"]]), default=None)

    def last_basket(self, customer: Record) -> date | None:
        """Return the day of the newest checkout that was not completed."""
        return max((self.day(it["created_at"]) for it in self.baskets[customer["id"]]), default=None)

    def members(self, segment: str) -> set[int]:
        """Return the ids of a segment's members."""
        rule = RULES[segment]
        return {it["id"] for it in self.customers.values() if rule(self, it)}

    def tags(self) -> dict[int, set[str]]:
        """Return everybody's tags."""
        return {it["id"]: set(it["tags"]) for it in self.customers.values()}

    def addresses(self, members: set[int]) -> set[str]:
        """Return the addresses of customers, as an audience knows them."""
        emails = (self.customers[it]["email"] for it in members)
        return {email.strip().lower() for email in emails if email}

    def consented(self) -> set[str]:
        """Return the addresses of which a record says SUBSCRIBED and none says otherwise."""
        said: dict[str, set[str]] = defaultdict(set)
        for it in self.customers.values():
            if it["email"]:
                said[it["email"].strip().lower()].add(it["consent"])
        against = {"UNSUBSCRIBED", "REDACTED", "INVALID"}
        return {email for email, consents in said.items() if "SUBSCRIBED" in consents and not consents & against}


def _repeat(truth: Truth, it: Record) -> bool:
    last = truth.last_order(it)
    return it["number_of_orders"] >= 2 and last is not None and last >= truth.ago(365)


def _lapsed(truth: Truth, it: Record) -> bool:
    last = truth.last_order(it)
    return it["consent"] == "SUBSCRIBED" and last is not None and last < truth.ago(180)


def _basket(truth: Truth, it: Record) -> bool:
    last = truth.last_basket(it)
    return last is not None and last >= truth.ago(30)


def _berlin_or_paris(_: Truth, it: Record) -> bool:
    places = {(each["country_code"], each["city"]) for each in it["addresses"]}
    return bool(places & {("DE", "Berlin"), ("FR", "Paris")})


def _canada(truth: Truth, it: Record) -> bool:
    recent = any(truth.day(order["processed_at"]) >= truth.ago(90) for order in truth.orders[it["id"]])
    return recent and any(each["country_code"] == "CA" for each in it["addresses"])


RULES: dict[str, Callable[[Truth, Record], bool]] = {
    "repeat-buyers": _repeat,
    "big-spenders": lambda _, it: it["amount_spent"] >= 1000_00,
    "new-this-month": lambda truth, it: truth.day(it["created_at"]) >= truth.ago(30),
    "lapsed": _lapsed,
    "not-yet-bought": lambda _, it: it["consent"] == "SUBSCRIBED" and it["number_of_orders"] == 0,
    "left-a-basket": _basket,
    "berlin-or-paris": _berlin_or_paris,
    "canadians-this-quarter": _canada,
    "wholesale": lambda _, it: any(tag.lower() == "wholesale" for tag in it["tags"]),
}
"""The demo's segments."""
