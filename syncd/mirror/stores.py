"""Stores as they last described themselves, the labels in our charge, and what connectors remember."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Action, Change, Contact, Instant, fold


class KnownStore(msgspec.Struct, frozen=True):
    """A store as it last described itself.

    Attributes:
        timezone: IANA name; days of rules and reports are days there.
        orders_visible_from: Orders older than this are invisible to us; None where all are visible.
    """

    store: str
    account: str
    timezone: str
    currency: str
    orders_visible_from: Instant | None
    checked_at: Instant


class FeedState(msgspec.Struct, frozen=True):
    """How far a feed is read and how its last pull ended."""

    owner: str
    feed: str
    complete: bool
    pulled_at: Instant | None
    failed_at: Instant | None
    why: str


class OwnedLabel(msgspec.Struct, frozen=True):
    """A label in our charge at a target, and when its first push was released."""

    target: str
    label: str
    segment: str
    first_push_at: Instant


def describe(mirror: Mirror, store: KnownStore) -> None:
    """Keep what a store says of itself."""
    with mirror.transaction():
        mirror.raw.execute(
            "INSERT OR REPLACE INTO stores (store, account, timezone, currency, orders_visible_from, checked_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                store.store,
                store.account,
                store.timezone,
                store.currency,
                store.orders_visible_from,
                store.checked_at,
            ),
        )


def known(mirror: Mirror) -> dict[str, KnownStore]:
    """Return every store that ever described itself, by name."""
    query = "SELECT store, account, timezone, currency, orders_visible_from, checked_at FROM stores ORDER BY store"
    return {row[0]: KnownStore(*row) for row in mirror.raw.execute(query)}


def feed_states(mirror: Mirror) -> list[FeedState]:
    """Return how far every feed is read."""
    query = "SELECT owner, feed, complete, pulled_at, failed_at, why FROM cursors ORDER BY owner, feed"
    return [FeedState(row[0], row[1], bool(row[2]), *row[3:]) for row in mirror.raw.execute(query)]


def labels(mirror: Mirror) -> dict[tuple[str, str], OwnedLabel]:
    """Return the labels in our charge, by target and folded label."""
    query = "SELECT target, label, segment, first_push_at FROM labels ORDER BY target, label_key"
    return {(row[0], fold(row[1])): OwnedLabel(*row) for row in mirror.raw.execute(query)}


def spellings(mirror: Mirror) -> dict[tuple[str, str], str]:
    """Return the labels in our charge as their targets spell them, by target and folded label."""
    return {pair: it.label for pair, it in labels(mirror).items()}


def take_charge(mirror: Mirror, label: OwnedLabel) -> None:
    """Note that a push of a label begins; when the first one did is never forgotten."""
    with mirror.transaction():
        mirror.raw.execute(
            "INSERT INTO labels (target, label_key, label, segment, first_push_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (target, label_key) DO UPDATE SET label = excluded.label, segment = excluded.segment",
            (label.target, fold(label.label), label.label, label.segment, label.first_push_at),
        )


def give_up(mirror: Mirror, target: str, label: str) -> None:
    """Forget a withdrawn label once syncd owns nobody's any more."""
    with mirror.transaction():
        mirror.raw.execute(
            "DELETE FROM labels WHERE target = ?1 AND label_key = ?2 AND NOT EXISTS "
            "(SELECT 1 FROM ledger WHERE target = ?1 AND label_key = ?2)",
            (target, fold(label)),
        )


def saw_customer(mirror: Mirror, store: str, subject: str, labels_seen: tuple[str, ...]) -> None:
    """Carry the tags of a customer, as an answer or a read-back showed them, into the mirror.

    Only the tags: the time of change stays what was last *read*, for the store's other news of the customer (an
    unsubscribe between our reading and our writing, say) is not in the answer and must still be read.
    Belongs into a transaction of the caller's.
    """
    key = (store, int(subject))
    there = dict(mirror.raw.execute("SELECT tag_key, tag FROM customer_tags WHERE store = ? AND customer_id = ?", key))
    seen = {fold(label): label for label in labels_seen}
    mirror.raw.executemany(
        "DELETE FROM customer_tags WHERE store = ? AND customer_id = ? AND tag_key = ?",
        ((*key, tag_key) for tag_key in there.keys() - seen.keys()),
    )
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO customer_tags (store, customer_id, tag_key, tag) VALUES (?, ?, ?, ?)",
        ((*key, tag_key, label) for tag_key, label in seen.items() if there.get(tag_key) != label),
    )


def carried(mirror: Mirror, change: Change, *, to_customer: bool) -> None:
    """Carry an applied change into the mirror where the answer showed nothing more of the subject.

    Belongs into a transaction of the caller's.
    """
    table, owner, key, label = (
        ("customer_tags", "store", "customer_id", "tag")
        if to_customer
        else ("contact_labels", "target", "subject", "label")
    )
    row = (change.target, int(change.subject) if to_customer else change.subject, fold(change.label))
    mirror.raw.execute(f"DELETE FROM {table} WHERE {owner} = ? AND {key} = ? AND {label}_key = ?", row)
    if change.action is Action.ADD:
        mirror.raw.execute(
            f"INSERT INTO {table} ({owner}, {key}, {label}_key, {label}) VALUES (?, ?, ?, ?)", (*row, change.label)
        )


def saw_contact(mirror: Mirror, target: str, contact: Contact) -> None:
    """Carry a contact, as an answer or a read-back showed it, into the mirror.

    Belongs into a transaction of the caller's.
    """
    from syncd.mirror.shapes import CONTACTS  # noqa: PLC0415  # whoever only looks needs neither
    from syncd.mirror.writing import ANY_AGE, Writer  # noqa: PLC0415

    Writer(mirror, target, CONTACTS).write([contact], ANY_AGE)


class Memo(MutableMapping[str, str]):
    """What a connector remembers, each entry durable at once."""

    def __init__(self, mirror: Mirror, owner: str) -> None:
        """Open the memory of one store or audience."""
        self._mirror = mirror
        self._owner = owner

    def __getitem__(self, key: str) -> str:
        """Return an entry."""
        query = "SELECT value FROM memos WHERE owner = ? AND key = ?"
        found = self._mirror.raw.execute(query, (self._owner, key)).fetchone()
        if found is None:
            raise KeyError(key)
        return str(found[0])

    def __setitem__(self, key: str, value: str) -> None:
        """Keep an entry."""
        insert = "INSERT OR REPLACE INTO memos (owner, key, value) VALUES (?, ?, ?)"
        self._mirror.write(insert, (self._owner, key, value))

    def __delitem__(self, key: str) -> None:
        """Forget an entry."""
        delete = "DELETE FROM memos WHERE owner = ? AND key = ?"
        if self._mirror.write(delete, (self._owner, key)) == 0:
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        """Walk the keys."""
        query = "SELECT key FROM memos WHERE owner = ? ORDER BY key"
        return iter([key for (key,) in self._mirror.raw.execute(query, (self._owner,))])

    def __len__(self) -> int:
        """Count the entries."""
        query = "SELECT count(*) FROM memos WHERE owner = ?"
        return int(self._mirror.raw.execute(query, (self._owner,)).fetchone()[0])
