"""A store in memory, as syncd sees it: a feed for each kind of record, and the customers' tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from connectors.memory.feed import MemoryFeed
from connectors.memory.segments import MemorySegments
from connectors.memory.target import answered, normalised, price, refused
from connectors.memory.world import World
from syncd.errors import CredentialsError, FatalError
from syncd.model import (
    Action,
    Change,
    Checkout,
    Companies,
    Contact,
    ContactStatus,
    Credit,
    Customer,
    Kind,
    Metafields,
    Order,
    Outcome,
    OutcomeState,
    Product,
    fold,
)
from syncd.ports import Check, Feed, Price, Store, Traits

TAGS = Traits(
    subject="customer",
    batch_size=100,
    label_max=255,
    label_forbidden=",",
    labels_per_subject=250,
    takes_optouts=True,
)


def open_store(
    name: str, world: World, *, calls: Counter[str] | None = None, page_size: int = 250, traits: Traits = TAGS
) -> Store:
    """Return the port over a world.

    Args:
        name: The store's name in the settings.
        world: What is truly there.
        calls: Counts each call by what it was for.
        page_size: Most rows in a page.
        traits: Of the tags; a smaller batch makes for more interleavings.
    """
    counted = Counter[str]() if calls is None else calls
    return Store(source=MemorySource(name, world, counted, page_size), tags=MemoryTags(name, world, counted, traits))


class MemorySource:
    """The records of a world."""

    def __init__(self, name: str, world: World, calls: Counter[str], page_size: int) -> None:
        """Read nothing yet."""
        self.name = name
        self._world = world
        self._calls = calls
        self._page_size = page_size

    def check(self) -> Check:
        """Describe the shop."""
        return _check(self.name, self._world, self._calls)

    @property
    def customers(self) -> Feed[Customer]:
        """The customers."""
        return self._feed(Kind.CUSTOMERS)

    @property
    def orders(self) -> Feed[Order]:
        """The orders."""
        return self._feed(Kind.ORDERS)

    @property
    def products(self) -> Feed[Product]:
        """The products."""
        return self._feed(Kind.PRODUCTS)

    @property
    def checkouts(self) -> Feed[Checkout]:
        """The checkouts."""
        return self._feed(Kind.CHECKOUTS)

    @property
    def metafields(self) -> Feed[Metafields]:
        """The customers' metafields."""
        return self._feed(Kind.METAFIELDS)

    @property
    def companies(self) -> Feed[Companies]:
        """The customers' companies."""
        return self._feed(Kind.COMPANIES)

    @property
    def credit(self) -> Feed[Credit]:
        """The customers' store credit."""
        return self._feed(Kind.CREDIT)

    @property
    def segments(self) -> MemorySegments | None:
        """The world's own answers; None where it has no segments."""
        if self._world.segments is None:
            return None

        def call() -> None:
            self._calls["segments"] += 1
            self._world.faults.meet(f"the store {self.name}")

        return MemorySegments(self.name, self._world.segments, call, self._page_size)

    def _feed(self, kind: Kind) -> MemoryFeed[Any]:
        def call() -> None:
            self._calls[kind.value] += 1
            self._world.faults.meet(f"the store {self.name}")
            for missing in self._world.missing:
                if kind in missing.kinds:
                    raise FatalError(f"the store {self.name} does not give its {kind}: {missing.what} is missing")

        world = self._world
        return MemoryFeed(
            lambda: world.listed(kind), attrgetter("updated_at"), call, lambda: _break_off(world), self._page_size
        )


class MemoryTags:
    """The customers' tags of a world."""

    def __init__(self, name: str, world: World, calls: Counter[str], traits: Traits) -> None:
        """Write nothing yet."""
        self.name = name
        self.traits = traits
        self._world = world
        self._calls = calls

    def check(self) -> Check:
        """Describe the shop."""
        return _check(self.name, self._world, self._calls)

    def normalise(self, label: str) -> str:
        """Return the tag without space around it."""
        return normalised(label, self.traits)

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read customers by their ids, as they truly are."""
        self._calls["read"] += 1
        self._world.faults.meet(f"the store {self.name}")
        for subject in subjects:
            customer = self._world.customer(int(subject)) if subject.isdecimal() else None
            if customer is not None:
                yield _as_contact(customer)

    def price(self, changes: Sequence[Change]) -> Price:
        """Say how many calls a push takes."""
        return price(changes, self.traits)

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out changes of tags."""
        self._calls["write"] += 1
        world = self._world
        world.faults.meet(f"the store {self.name}")
        if any(missing.blocks_write for missing in world.missing):
            raise CredentialsError(f"the store {self.name} does not let this key write tags")
        faults, world.faults = world.faults, msgspec.structs.replace(world.faults, mishap=None)
        yield from answered(changes, self._carry_out, faults, self.traits, f"the store {self.name}")

    def _carry_out(self, change: Change) -> Outcome:
        number = int(change.subject) if change.subject.isdecimal() else 0
        customer = self._world.customer(number)
        if customer is None:
            return refused(change, "Customer does not exist")
        if change.action is Action.OPT_OUT:
            return self._opt_out(customer, change)
        tags = tuple(tag for tag in customer.tags if fold(tag) != fold(change.label))
        if change.action is Action.ADD:
            tags = (*tags, change.label)
        most = self.traits.labels_per_subject
        if most is not None and len(tags) > max(most, len(customer.tags)):
            return refused(change, f"Tags cannot be more than {most}")
        after = self._world.write_tags(customer, tags)
        return Outcome(change=change, state=OutcomeState.APPLIED, changed_at=after.updated_at, labels=after.tags)

    def _opt_out(self, customer: Customer, change: Change) -> Outcome:
        if change.opted_out_at is not None and (customer.email_consent_at or 0) > change.opted_out_at:
            return refused(change, "The store's own consent is newer")
        after = self._world.opt_out(customer, change.opted_out_at)
        return Outcome(change=change, state=OutcomeState.APPLIED, changed_at=after.updated_at)


_STATUSES = {
    "SUBSCRIBED": ContactStatus.SUBSCRIBED,
    "UNSUBSCRIBED": ContactStatus.UNSUBSCRIBED,
    "PENDING": ContactStatus.PENDING,
}


def _as_contact(customer: Customer) -> Contact:
    return Contact(
        subject=str(customer.id),
        email=customer.email or "",
        status=_STATUSES.get(customer.email_consent or "", ContactStatus.TRANSACTIONAL),
        changed_at=customer.updated_at,
        labels=customer.tags,
    )


def _check(name: str, world: World, calls: Counter[str]) -> Check:
    calls["check"] += 1
    world.faults.meet(f"the store {name}")
    return Check(account=name, timezone=world.timezone, currency=world.currency, missing=world.missing)


def _break_off(world: World) -> int | None:
    faults = world.faults
    world.faults = msgspec.structs.replace(faults, break_off=None)
    return faults.break_off
