"""The control of a shop's customers."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.control import bodies
from connectors.sandbox.control.records import Desk, told
from connectors.sandbox.exchange import Request
from connectors.sandbox.world import change
from connectors.sandbox.world.records import Address, Customer


class PeopleDesk(Desk):
    """Answers what is about customers."""

    def new_customer(self, request: Request, _: list[str]) -> dict[str, Any]:
        """Take in a customer."""
        now = self.clock.now()
        customer = Customer(id=self.shop.maker.id("Customer"), created_at=now, updated_at=now)
        self._apply(customer, bodies.read(request.body, bodies.CustomerEdit), now)
        self.shop.customers[customer.id] = customer
        self.shop.changed("customers")
        return told("customer", customer)

    def edit_customer(self, request: Request, parts: list[str]) -> dict[str, Any]:
        """Change a customer."""
        customer = self.record(parts)
        self._apply(customer, bodies.read(request.body, bodies.CustomerEdit), self.clock.now())
        return told("customer", customer)

    def _apply(self, customer: Customer, edit: bodies.CustomerEdit, now: int) -> None:
        values = edit.given("tags", "add_tags", "remove_tags")
        if "created_at" in values:
            values["created_at"] = bodies.instant(values["created_at"])
        if "addresses" in values:
            values["addresses"] = tuple(self._address(address) for address in values["addresses"])
        change.edit_customer(self.shop, customer, values, now)
        if isinstance(edit.tags, list):
            change.replace_tags(self.shop, customer, edit.tags, now)
        change.add_tags(self.shop, customer, edit.add_tags, now)
        change.remove_tags(self.shop, customer, edit.remove_tags, now)

    def _address(self, given: bodies.NewAddress) -> Address:
        values = given.given() | {"country": given.country or given.country_code}
        return Address(id=self.shop.maker.id("MailingAddress"), **values)

    def delete_customer(self, _: Request, parts: list[str]) -> dict[str, Any]:
        """Remove a customer."""
        customer = self.record(parts)
        change.delete_customer(self.shop, customer, self.clock.now())
        return {"deleted": customer.id}

    def merge(self, request: Request, _: list[str]) -> dict[str, Any]:
        """Make two customers one."""
        wish = bodies.read(request.body, bodies.Merge)
        winner, loser = (self.record(["customers", str(number)]) for number in (wish.winner, wish.loser))
        change.merge_customers(self.shop, winner, loser, self.clock.now())
        return told("customer", winner)
