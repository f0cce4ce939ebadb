"""The roles that a service may play: a source, a target, a store of both, an audience; and who opens them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal, Protocol

import msgspec

from syncd.model import (
    Change,
    Checkout,
    Companies,
    Contact,
    Credit,
    Customer,
    Kind,
    Metafields,
    Order,
    Outcome,
    Product,
)
from syncd.ports.accounts import Check, Host, Price, Traits
from syncd.ports.feeds import Feed, Page


class SavedSegment(msgspec.Struct, frozen=True):
    """A segment that the store's own people saved there.

    Attributes:
        query: As they wrote it.
    """

    name: str
    query: str


class SavedSegments(Protocol):
    """A store that keeps segments of its own, and says who is in one."""

    def saved(self) -> Iterator[SavedSegment]:
        """Read all saved segments, oldest first.

        Raises:
            RetriableError: The store stopped answering.
        """
        ...

    def members(self, query: str, timezone: str) -> Iterator[Page[int]]:
        """Ask for the ids of the customers whom a query finds now, by the days of a zone (IANA name).

        Whoever takes them for the whole must have read to the end: what breaks off raises.

        Raises:
            FatalError: The store does not understand the query.
            RetriableError: It stopped answering, or gave fewer than it counted.
        """
        ...


class Source(Protocol):
    """A store, as something to read."""

    @property
    def name(self) -> str:
        """The store's name in the settings."""
        ...

    def check(self) -> Check:
        """Make one cheap authenticated call and say what the account gives."""
        ...

    @property
    def customers(self) -> Feed[Customer]:
        """Customers with all addresses, tags, consent and the store's own figures."""
        ...

    @property
    def orders(self) -> Feed[Order]:
        """Orders with all line items, however many."""
        ...

    @property
    def products(self) -> Feed[Product]:
        """Products with tags and collections."""
        ...

    @property
    def checkouts(self) -> Feed[Checkout]:
        """Checkouts that were begun, completed ones included."""
        ...

    @property
    def metafields(self) -> Feed[Metafields]:
        """All metafields of each customer."""
        ...

    @property
    def companies(self) -> Feed[Companies]:
        """The companies of each customer."""
        ...

    @property
    def credit(self) -> Feed[Credit]:
        """The store credit accounts of each customer."""
        ...

    @property
    def segments(self) -> SavedSegments | None:
        """The store's own segments; None where it has no such thing."""
        ...


def feed_of(source: Source, kind: Kind) -> Feed[Any]:
    """Return the feed of a kind of record."""
    feeds: dict[Kind, Feed[Any]] = {
        Kind.CUSTOMERS: source.customers,
        Kind.ORDERS: source.orders,
        Kind.PRODUCTS: source.products,
        Kind.CHECKOUTS: source.checkouts,
        Kind.METAFIELDS: source.metafields,
        Kind.COMPANIES: source.companies,
        Kind.CREDIT: source.credit,
    }
    return feeds[kind]


class Target(Protocol):
    """Something that carries labels."""

    @property
    def name(self) -> str:
        """The store's or audience's name in the settings."""
        ...

    @property
    def traits(self) -> Traits:
        """How it differs from other targets."""
        ...

    def check(self) -> Check:
        """Make one cheap authenticated call and say what the account gives."""
        ...

    def normalise(self, label: str) -> str:
        """Return the label as this service would read it back, so that no endless difference shows up.

        Raises:
            ValueError: The service cannot hold such a label; the message says why, in one phrase.
        """
        ...

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read subjects back, by themselves: those that exist, with all their labels. Never from a search index."""
        ...

    def price(self, changes: Sequence[Change]) -> Price:
        """Say what a push of changes takes, however many, cut as `syncd.plan.batches` cuts them. Nothing is asked."""
        ...

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out at most `traits.batch_size` changes and yield one outcome for each, as it ends.

        Idempotent: adding a label that is there and removing one that is not both end as applied. A change is
        APPLIED only where the answer names it; not named at all is UNKNOWN, never left out. An error leaves the
        changes not yet yielded unknown, save a `CredentialsError` and a `RetriableError` whose `unknown_fate` is
        not set: with these, surely none of them was applied.
        """
        ...


class Audience(Target, Protocol):
    """A mailing list: a target whose contacts have a status of their own, and can be created."""

    @property
    def contacts(self) -> Feed[Contact]:
        """Everybody in the audience, whatever their status, with all their labels."""
        ...


class Store(msgspec.Struct, frozen=True):
    """A store, opened: something to read, and its customer tags to write."""

    source: Source
    tags: Target


class StoreConnector(Protocol):
    """What the entry point of a store's connector names.

    `settings` is a frozen pydantic model (`extra="forbid"`) of the keys of `[stores.NAME]` that are this vendor's own;
    secrets are `SecretStr`, and the settings loader turns `{ env = … }` and its kin into their values first.
    An attribute `identity` of it, where there is one, tells the account from any other: what the mirror holds under a
    name is good for that account only.
    """

    @property
    def role(self) -> Literal["store"]:
        """Where in the settings its kind may stand."""
        ...

    @property
    def settings(self) -> type[Any]:
        """The pydantic model of its own keys."""
        ...

    def open(self, name: str, settings: Any, host: Host) -> Store:
        """Return the store; no request is sent yet."""
        ...


class AudienceConnector(Protocol):
    """What the entry point of an audience's connector names."""

    @property
    def role(self) -> Literal["audience"]:
        """Where in the settings its kind may stand."""
        ...

    @property
    def settings(self) -> type[Any]:
        """The pydantic model of its own keys."""
        ...

    def open(self, name: str, settings: Any, host: Host) -> Audience:
        """Return the audience; no request is sent yet."""
        ...


Connector = StoreConnector | AudienceConnector
