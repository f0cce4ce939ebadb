"""What a connector must offer, and what it is given. Vendor names, JSON and exceptions stop behind these.

A *store* is a source with a feed for each kind of record and a target of customer tags. An *audience* is a target
whose contacts are a feed of their own. Differences between services are declared (`Traits`), never asked for by name.

Every method may raise the errors of `syncd.errors`, and only those: `RetriableError` where the connector's own
retries are used up, `CredentialsError` where the key is refused, `FatalError` for the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from enum import StrEnum
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from syncd.clock import Clock
from syncd.model import (
    Change,
    Checkout,
    Companies,
    Contact,
    Credit,
    Customer,
    Instant,
    Kind,
    Metafields,
    Order,
    Outcome,
    Product,
)

T = TypeVar("T")


class Cursor(msgspec.Struct, frozen=True, order=True):
    """How far a feed has been read: every row up to this time of change (and, within that second, this id).

    Attributes:
        at: In the service's own clock.
        id: The last row's numeric id, 0 where the service has none.
    """

    at: Instant
    id: int = 0


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some rows, and how far the feed is read once they are stored.

    Attributes:
        rows: In any order within the page.
        cursor: To be saved in the transaction that stores the rows; None where reading must start over if it breaks
            off after this page (the inner pages of an unsorted export).
    """

    rows: Sequence[T]
    cursor: Cursor | None = None


class Peek(msgspec.Struct, Generic[T], frozen=True):
    """The newest rows of a window, and how many the service counts in it.

    Attributes:
        rows: The newest rows at or after the window's start, newest first; at most one page.
        window: How many rows the service counts at or after the window's start.
        whole: How many rows the service counts in all; None where it does not tell in the same call.
    """

    rows: Sequence[T]
    window: int
    whole: int | None = None


class Feed(Protocol[T]):
    """One kind of record of a service, readable by time of change."""

    def peek(self, since: Instant) -> Peek[T]:
        """Return the newest rows changed at or after `since`, and the counts, in a single call."""
        ...

    def pages(self, since: Instant | None, expected: int | None = None) -> Iterator[Page[T]]:
        """Read all rows changed at or after `since` (all there are, with None), oldest change first where it can.

        The last page carries a cursor. `expected` is the number of rows to come, where known: the connector chooses
        its way (pages, or an export) by it. A row may come twice; a row that changes while being read comes again.

        Raises:
            RetriableError: The service stopped answering; rows yielded so far are good.
        """
        ...

    def count(self) -> int:
        """Return how many rows there are, by the service's own exact count."""
        ...

    def ids(self) -> Iterator[Page[Any]]:
        """Read the keys of all rows that exist (numeric ids; the subjects of contacts).

        What is mirrored and not among them was deleted or merged.
        """
        ...


class Missing(msgspec.Struct, frozen=True):
    """Something the account does not give us.

    Attributes:
        what: In the service's own words (`scope read_all_orders`).
        costs: What that means for the user, one phrase.
        kinds: The kinds of record that cannot be read at all for want of it.
        visible_from: Orders older than this are invisible, where that is what it costs.
        blocks_write: Whether labels cannot be written for want of it.
        fix: What to do about it, one sentence.
    """

    what: str
    costs: str
    kinds: frozenset[Kind] = frozenset()
    visible_from: Instant | None = None
    blocks_write: bool = False
    fix: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What one cheap authenticated call says of an account.

    Attributes:
        account: How the service names it (the shop's or the list's name).
        timezone: IANA name of the shop's zone; None for an audience.
        currency: ISO 4217 code of the shop's currency; None for an audience.
        missing: What the account does not give, worst first.
        notes: Facts worth knowing (`double opt-in is on`).
    """

    account: str
    timezone: str | None = None
    currency: str | None = None
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """How a target differs from others. The planner reads this; nobody asks for a vendor's name.

    Attributes:
        subject: What a label is attached to.
        batch_size: How many changes `apply` takes at once; what is in flight together.
        label_max: Longest label in characters.
        label_forbidden: Characters a label cannot hold.
        labels_per_subject: Most labels a subject can carry; None for no limit.
        starts_automations: Whether a label's arrival can set off mail of the merchant's; a change may then be `quiet`.
        takes_optouts: Whether `apply` takes `Action.OPT_OUT`: it notes that a customer no longer consents to marketing
            mail, unless what the store knows of their consent is newer. `read` then tells such a customer's status as
            unsubscribed.
    """

    subject: Literal["customer", "email"]
    batch_size: int
    label_max: int
    label_forbidden: str = ""
    labels_per_subject: int | None = None
    starts_automations: bool = False
    takes_optouts: bool = False


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


class Progress(msgspec.Struct, frozen=True):
    """How far a long piece of work is.

    Attributes:
        task: What is being done, for people (`orders of main`).
        done: Rows, changes or whatever it counts.
        total: How many in all; None while unknown.
    """

    task: str
    done: int
    total: int | None = None


class Reach(StrEnum):
    """Whether a service can be reached: told when it goes, when it is back, and at its first answer of all."""

    GONE = "gone"
    BACK = "back"


class Allowance(msgspec.Struct, kw_only=True):
    """How a service holds a connector back. The connector keeps it up to date, others only read it.

    Attributes:
        waits: How often something was waited for because the service asked for it, or no points were left.
        waited: Seconds of that, in all.
        left: Points left of what the service allows, as it last said; None where it tells of none.
    """

    waits: int = 0
    waited: float = 0.0
    left: float | None = None

    def wait(self, seconds: float) -> None:
        """Note that something is waited for; nothing is no wait."""
        if seconds > 0:
            self.waits += 1
            self.waited += seconds


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What syncd gives a connector.

    Attributes:
        clock: The time, and the only way to wait.
        memo: Small durable memory of this connector's own (ids of what it made; exports in flight). Text to text.
        progress: To be told how far long work is.
        reach: To be told when the service is given up for a while and when it answers (again), with a sentence.
        calls: Requests made, by what they were for; the connector counts each one it sends (`customers`, `write`).
        allowance: How the service holds the connector back; the connector keeps it up to date.
        offline: True where nothing may be sent (`syncd check --offline`).
    """

    clock: Clock
    memo: MutableMapping[str, str]
    progress: Callable[[Progress], None] = lambda _: None
    reach: Callable[[Reach, str], None] = lambda *_: None
    calls: Counter[str] = msgspec.field(default_factory=Counter)
    allowance: Allowance = msgspec.field(default_factory=Allowance)
    offline: bool = False


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
