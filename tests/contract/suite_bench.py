"""What the contract suite needs of a service, beside the port: the other side, where merchants and people are.

A *bench* is one connector with the service it speaks to. The suite asks everything through the port and does
everything else through the bench; each connector has one implementation (`suite_memory.py`, …).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec.structs import replace

from syncd.model import Action, Change, Contact, ContactStatus, Instant, NewContact, Outcome, fold
from syncd.ports import Audience, Feed, Source, Target


class FeedBench(Protocol):
    """One feed, and the records behind it. Records are known to the suite by number, from 1 on."""

    @property
    def feed(self) -> Feed[Any]: ...

    @property
    def page(self) -> int: ...

    def put(self, numbers: Iterable[int]) -> None:
        """Make these records, or change them; all at the present moment of the service."""

    def drop(self, number: int) -> None:
        """Delete a record for good."""

    def number(self, row: Any) -> int:
        """Return the suite's number of a row that came through the feed."""

    def changed_at(self, row: Any) -> Instant:
        """Return the row's time of change."""

    def wait(self, seconds: int = 1) -> None:
        """Let time pass at the service."""

    def now(self) -> Instant:
        """Return the service's present."""


class Bench(Protocol):
    """One connector and its service."""

    @property
    def feeds(self) -> Mapping[str, FeedBench]: ...

    @property
    def target(self) -> Target: ...

    @property
    def secret(self) -> str: ...

    @property
    def calls(self) -> Counter[str]: ...

    def wait(self, seconds: int = 1) -> None:
        """Let time pass at the service."""

    def subject(self, number: int) -> str:
        """Make the subject of this number where it is not there, and return its name."""

    def strangers(self) -> list[str]:
        """Return subjects that the service does not know: a plausible one first, then malformed ones."""

    def tag_by_hand(self, subject: str, *labels: str) -> None:
        """Let the merchant give labels."""

    def labels_of(self, subject: str) -> set[str]:
        """Return what the subject truly carries, in the service's spelling."""

    def refuse_key(self) -> None:
        """Make the service refuse the key from now on."""

    def cut_off(self) -> None:
        """Make the service unreachable from now on."""

    def lose_answers(self) -> None:
        """Make the service carry out what is written to subjects from now on, and break off before it answers."""

    def restore(self) -> None:
        """Undo `refuse_key`, `cut_off` and `lose_answers`."""


class Interruptible(Protocol):
    """A service that can go away in the middle of things."""

    def cut_off_after(self, requests: int, *, carried_out: bool, for_good: bool = True) -> None:
        """Answer so many requests more; carry out the next one or not, but never answer it.

        Those after it are not answered either, where it is for good, and as always where it is not.
        """

    def was_cut_off(self) -> bool:
        """Whether it came to that since `cut_off_after`."""

    def restore(self) -> None:
        """Be there again."""


class StoreBench(Bench, Protocol):
    """A store."""

    @property
    def source(self) -> Source: ...

    def put_customer_with_addresses(self, number: int, addresses: int) -> None:
        """Make a customer with so many addresses, in different cities."""

    def put_order_with_lines(self, number: int, lines: int) -> None:
        """Make an order with so many lines, of one unit each."""

    def put_consent(self, number: int, consent: str, at: Instant) -> None:
        """Let a customer, made where missing, consent to marketing mail, or not, at that hour."""

    def consent_of(self, number: int) -> tuple[str | None, Instant | None]:
        """Return what a customer truly consents to, and since when."""


class AudienceBench(Bench, Protocol):
    """A mailing list."""

    @property
    def audience(self) -> Audience: ...

    def put_contact(self, email: str, status: ContactStatus, *labels: str) -> None:
        """Bring somebody onto the list as the owner can: any status, any labels."""

    def forget(self, email: str) -> None:
        """Delete a contact for good."""

    def status_of(self, email: str) -> ContactStatus | None:
        """Return the true status; None where there is no such contact."""

    def addresses(self) -> list[str]:
        """Return the addresses of all contacts, archived ones included."""

    def first_name_of(self, email: str) -> str:
        """Return what the list's field FNAME holds."""

    def mails(self) -> Counter[str]:
        """Return how many mails the service sent because of syncd, by kind: `confirmation`, `welcome`.

        Those that a label set off are not counted: whether one does is the merchant's own choice.
        """

    def set_off(self) -> int:
        """Return how many automations syncd's labels set off so far, where one hangs on each label."""


class Quiet:
    """A target all of whose additions come quietly (`Change.quiet`); everything else is the target's own."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        loud = {(it.subject, it.label, it.action): it for it in changes}
        for outcome in self._target.apply([replace(it, quiet=it.action is Action.ADD) for it in changes]):
            it = outcome.change
            yield replace(outcome, change=loud[it.subject, it.label, it.action])


def add(target: Target, subject: str, label: str, create: NewContact | None = None, email: str = "") -> Change:
    return Change(
        target=target.name, label=label, segment="s", subject=subject, action=Action.ADD, create=create, email=email
    )


def remove(target: Target, subject: str, label: str, create: NewContact | None = None) -> Change:
    return Change(target=target.name, label=label, segment="s", subject=subject, action=Action.REMOVE, create=create)


def everything(feed: Feed[Any], since: Instant | None = None, expected: int | None = None) -> list[Any]:
    return [row for page in feed.pages(since, expected) for row in page.rows]


def key_of(row: Any) -> int | str:
    """Return what a row is mirrored by: the number of a record, the subject of a contact."""
    return row.subject if isinstance(row, Contact) else int(row.id)


def ids_of(feed: Feed[Any]) -> list[int | str]:
    return [key for page in feed.ids() for key in page.rows]


def read_one(target: Target, subject: str) -> Contact:
    (contact,) = target.read([subject])
    return contact


def folded(labels: Iterable[str]) -> set[str]:
    return {fold(label) for label in labels}
