"""A store's customer tags as a target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter

import msgspec

from connectors.shopify import documents
from connectors.shopify.account import Account
from connectors.shopify.bulk_writes import BulkWriter
from connectors.shopify.client import Client
from connectors.shopify.direct_writes import AT_ONCE, DirectWriter
from connectors.shopify.optouts import OptOuts
from connectors.shopify.price import together
from connectors.shopify.wire import EmailAddress, Node, gid, instant
from connectors.shopify.writes import Write, writes
from syncd.model import Action, Change, Contact, ContactStatus, Outcome, OutcomeState
from syncd.ports import Check, Price, Traits

TRAITS = Traits(
    subject="customer",
    batch_size=1_000_000,
    label_max=255,
    label_forbidden=",",
    labels_per_subject=250,
    takes_optouts=True,
)

IDS_AT_ONCE = 250
"""Longest list that the store takes as an argument."""


class _TaggedNode(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    tags: list[str] | None = None
    updated_at: datetime | None = None
    default_email_address: EmailAddress | None = None


class _Nodes(msgspec.Struct, frozen=True):
    nodes: list[_TaggedNode | None]


class ShopifyTags:
    """The tags of one store's customers."""

    traits = TRAITS

    def __init__(self, name: str, client: Client, account: Account, direct: DirectWriter, bulk: BulkWriter) -> None:
        """Write nothing yet."""
        self.name = name
        self._client = client
        self._account = account
        self._direct = direct
        self._bulk = bulk
        self._optouts = OptOuts(client)

    def check(self) -> Check:
        """Say what the shop is and what the app's scopes open, in one call."""
        return self._account.check()

    def normalise(self, label: str) -> str:
        """Return the tag without space around it.

        The store gives a tag the letter case in which it first saw it anywhere; nobody can tell that beforehand, so
        tags are compared with case folded.

        Raises:
            ValueError: The tag is empty, too long, or holds a comma, which parts one tag from the next.
        """
        tag = label.strip()
        if not tag:
            raise ValueError("a customer tag cannot be empty")
        if "," in tag:
            raise ValueError("a customer tag cannot hold a comma: Shopify would make two tags of it")
        if len(tag) > TRAITS.label_max:
            raise ValueError(f"a customer tag has at most {TRAITS.label_max} characters, this one has {len(tag)}")
        return tag

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read customers by id, past the search index, which lags behind the truth."""
        self._bulk.settle()
        numbers = iter([gid("Customer", subject) for subject in subjects if subject.isdecimal()])
        while ids := list(islice(numbers, IDS_AT_ONCE)):
            for node in self._client.read(documents.READ_TAGS, {"ids": ids}, _Nodes, what="tags").nodes:
                if node is not None and node.updated_at is not None:
                    yield _contact(node, node.updated_at)

    def price(self, changes: Sequence[Change]) -> Price:
        """Say what a push takes, by the way it would go at the store's present rate; nothing is asked."""
        todo = writes(change for change in changes if change.action is not Action.OPT_OUT)
        opt_outs = len(changes) - sum(len(write.changes) for write in todo)
        ways = [
            self._direct.price(len(some)) if by_calls else self._bulk.price(some) for some, by_calls in self._ways(todo)
        ]
        return together([*ways, self._direct.price(opt_outs)])

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out changes: a few by themselves, many as a file that the store works through.

        Raises:
            RetriableError: The store stopped answering.
            FatalError: The store takes no writes from this app.
        """
        self._bulk.settle()
        refusals = {id(change): why for change in changes if (why := self._refusal(change))}
        for change in changes:
            if id(change) in refusals:
                yield Outcome(change=change, state=OutcomeState.REFUSED, answer=refusals[id(change)])
        fit = [change for change in changes if id(change) not in refusals]
        todo = writes(change for change in fit if change.action is not Action.OPT_OUT)
        for some, by_calls in self._ways(todo):
            yield from (self._direct if by_calls else self._bulk).carry_out(some)
        yield from self._optouts.carry_out([change for change in fit if change.action is Action.OPT_OUT])

    def _ways(self, todo: Sequence[Write]) -> Iterator[tuple[Sequence[Write], bool]]:
        """Yield mutations and whether they go by calls: all that is no slower so, and what fits into one anyway."""
        if len(todo) <= self._direct.capacity():
            yield todo, True
            return
        groups = [list(group) for _, group in groupby(todo, key=attrgetter("mutation"))]
        if min(map(len, groups)) > AT_ONCE:
            yield todo, False
            return
        for group in groups:
            yield group, len(group) <= AT_ONCE

    def _refusal(self, change: Change) -> str:
        """Return why a change is not sent: the store would do something else than is meant."""
        if not change.subject.isdecimal():
            return "the subject is no customer's id"
        if change.action is Action.OPT_OUT:
            return ""
        try:
            self.normalise(change.label)
        except ValueError as error:
            return str(error)
        return ""


_STATUSES = {
    "SUBSCRIBED": ContactStatus.SUBSCRIBED,
    "UNSUBSCRIBED": ContactStatus.UNSUBSCRIBED,
    "PENDING": ContactStatus.PENDING,
}


def _contact(node: _TaggedNode, changed_at: datetime) -> Contact:
    email = node.default_email_address or EmailAddress()
    return Contact(
        subject=str(Node(node.id).number),
        email=email.email_address or "",
        status=_STATUSES.get(email.marketing_state or "", ContactStatus.TRANSACTIONAL),
        changed_at=instant(changed_at),
        labels=tuple(node.tags or ()),
    )
