"""What people do to a world between runs: customers, the merchant, the owner of the list, the merchant's other apps."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.chaos.house import House, people

Record = dict[str, Any]

_CONSENTS = ["SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID"]
_STATUSES = ["unsubscribed", "unsubscribed", "cleaned", "subscribed", "archived", "forgotten"]


class Deeds:
    """Does things, and remembers which labels people touched by hand: of those no oracle can tell whose they are.

    Attributes:
        touched: (subject, folded label) of every label that somebody else may have put on or taken off.
        moved: Addresses that came to a customer by a change of address: consent given before it is not theirs.
    """

    def __init__(self, house: House, dice: random.Random, ours: set[str]) -> None:
        """Act in this house; `ours` are the folded labels that syncd ever wrote, growing from outside."""
        self._house = house
        self._dice = dice
        self._ours = ours
        self.touched: set[tuple[str, str]] = set()
        self.moved: set[str] = set()
        self._number = 0
        self._all: list[Callable[[], None]] = [
            self._order,
            self._order,
            self._cancels,
            self._returns,
            self._signs_up,
            self._changes_consent,
            self._changes_address,
            self._is_deleted,
            self._is_merged,
            self._is_tagged_by_hand,
            self._changes_in_the_list,
            self._is_labelled_in_the_list,
            self._comes_to_the_list,
            self._time_passes,
        ]

    def some(self) -> None:
        """Do a few things, or now and then a great many."""
        for _ in range(self._dice.choice([0, 1, 3, 8, 30])):
            self._dice.choice(self._all)()

    def _anybody(self) -> Record | None:
        customers = [it for it in self._house.dump() if it["kind"] == "customer"]
        return self._dice.choice(customers) if customers else None

    def _shop(self, path: str, body: Any = None, method: str = "") -> Any:
        return self._house.control(f"/shops/main{path}", body, method)

    def _order(self) -> None:
        it = self._anybody()
        if it is not None:
            self._shop("/orders", {"customer_id": it["id"], "test": self._dice.random() < 0.1})

    def _some_order(self) -> Record | None:
        orders = [it for it in self._house.dump() if it["kind"] == "order"]
        return self._dice.choice(orders) if orders else None

    def _cancels(self) -> None:
        order = self._some_order()
        if order is not None:
            self._shop(f"/orders/{order['id']}", {"cancel": True}, "PATCH")

    def _returns(self) -> None:
        order = self._some_order()
        if order is not None:
            self._shop(f"/orders/{order['id']}", {"refund": "all"}, "PATCH")

    def _fresh(self) -> str:
        self._number += 1
        return f"Chaos.{self._number}@shop.example"

    def _signs_up(self) -> None:
        email = self._fresh()
        if self._dice.random() < 0.2:
            email = email.lower() if self._dice.random() < 0.5 else email.upper()
        self._shop("/customers", {"email": email, "consent": self._dice.choice(_CONSENTS)})

    def _changes_consent(self) -> None:
        it = self._anybody()
        if it is not None and it["email"]:  # consent is given for an address: a store shows none without one
            self._shop(f"/customers/{it['id']}", {"consent": self._dice.choice(_CONSENTS)}, "PATCH")

    def _changes_address(self) -> None:
        it = self._anybody()
        if it is not None and it["email"]:
            email = self._fresh()
            self.moved.add(email.lower())
            self._shop(f"/customers/{it['id']}", {"email": email}, "PATCH")

    def _is_deleted(self) -> None:
        it = self._anybody()
        if it is not None:
            self._shop(f"/customers/{it['id']}", method="DELETE")

    def _is_merged(self) -> None:
        winner, loser = self._anybody(), self._anybody()
        if winner is not None and loser is not None and winner["id"] != loser["id"]:
            self.touched |= {(str(winner["id"]), tag.lower()) for tag in loser["tags"]}
            if not winner["email"] and loser["email"]:
                self.moved.add(loser["email"].lower())
            self._shop("/customers/merge", {"winner": winner["id"], "loser": loser["id"]})

    def _is_tagged_by_hand(self) -> None:
        it = self._anybody()
        if it is not None:
            tag = self._dice.choice(["VIP", "odd", *sorted(self._ours)])
            self.touched.add((str(it["id"]), tag.lower()))
            act = self._dice.choice(["add_tags", "remove_tags"])
            self._shop(f"/customers/{it['id']}", {act: [tag]}, "PATCH")

    def _member(self) -> Record | None:
        members = people(self._house)
        return self._dice.choice(members) if members else None

    def _list(self, path: str, body: Any, method: str = "") -> None:
        self._house.control(f"/mailchimp/lists/newsletter/members{path}", body, method)

    def _changes_in_the_list(self) -> None:
        it = self._member()
        if it is not None:
            by = self._dice.choice(["self", "admin"])
            self._list(f"/{it['id']}", {"status": self._dice.choice(_STATUSES), "by": by}, "PATCH")

    def _is_labelled_in_the_list(self) -> None:
        it = self._member()
        if it is not None:
            label = self._dice.choice(["friend", *sorted(self._ours)])
            self.touched.add((it["email_address"].lower(), label.lower()))
            self._list(f"/{it['id']}", {self._dice.choice(["add_tags", "remove_tags"]): [label]}, "PATCH")

    def _comes_to_the_list(self) -> None:
        known = {it["email_address"].lower() for it in people(self._house)}
        customer = self._anybody()
        forgotten = any(it["status"] == "forgotten" for it in self._house.contacts())
        email = customer["email"] if customer and self._dice.random() < 0.5 and not forgotten else None
        email = email or f"visitor{self._number}-{self._dice.randrange(10_000)}@else.example"
        if email.lower() not in known:
            status = self._dice.choice(["subscribed", "unsubscribed", "transactional", "cleaned"])
            self._list("", {"email_address": email, "status": status, "tags": ["friend"]})

    def _time_passes(self) -> None:
        self._house.control("/advance", {"seconds": self._dice.choice([60, 3600, 90_000, 700_000])})
