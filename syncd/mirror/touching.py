"""Triggers that note, in the transaction that changes them, whose rows changed (`syncd.mirror.touched` tells it).

Every writer passes here, be it a pull, an answer to a push, an erasure or a person with `sqlite3`: that is why these
are triggers. They say `ON CONFLICT DO NOTHING` and never `OR IGNORE`, for which the conflict clause of whichever
statement fires them would be taken instead.

`updated_at` alone is no change of a customer, a product or a contact: our own writes move it, and nothing depends on
it. Of an order or checkout every write counts: lines, tags and codes are only ever written together with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from sqlite3 import Connection

import msgspec

RECORDS = {
    "customers": ("store", "customers"),
    "orders": ("store", "orders"),
    "products": ("store", "products"),
    "checkouts": ("store", "checkouts"),
    "metafield_owners": ("store", "metafields"),
    "company_contacts": ("store", "companies"),
    "credit_owners": ("store", "credit"),
    "contacts": ("target", "contacts"),
}
"""The tables of records whose rows are counted, with the column of their owner and the name of their feed."""

_CUSTOMER = (
    "created_at email email_key email_domain email_consent email_consent_at sms_consent phone first_name last_name "
    "language account_state verified_email number_of_orders amount_spent currency product_subscription spend_tier "
    "rfm_group last_order_at email_since"
).split()
_PRODUCT = ("category_id", "category")
"""What rules look at of a product itself; its vendor and type are those of the order's line."""
_CONTACT = ("email", "status")
_HANGING = {
    "customer_tags": "customer_id",
    "customer_addresses": "customer_id",
    "metafield_owners": "id",
    "customer_metafields": "customer_id",
    "company_contacts": "id",
    "customer_companies": "customer_id",
    "credit_owners": "id",
    "customer_credit": "customer_id",
}
"""What hangs on a customer, and the column that names them."""
_OWNERS = frozenset({"metafield_owners", "company_contacts", "credit_owners"})
"""That a customer's were read concerns nobody; what was read does."""
_OF_SUBJECT = ("contact_labels", "undone", "turned_away", "refusals")
_EVENTS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done for every row of a table that is inserted, updated or deleted."""

    table: str
    event: str
    when: str = ""
    acts: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.table}_{self.event}_touches"

    @property
    def statement(self) -> str:
        """The SQL that makes it."""
        when = f" WHEN {self.when}" if self.when else ""
        acts = "; ".join(self.acts)
        return f"CREATE TRIGGER {self.name} AFTER {self.event.upper()} ON {self.table}{when} BEGIN {acts}; END"


def create(raw: Connection) -> None:
    """Make all triggers anew. Belongs into a transaction of the caller's."""
    drop(raw)
    for trigger in TRIGGERS:
        raw.execute(trigger.statement)


def drop(raw: Connection) -> None:
    """Take all triggers away; a step that alters a table below one begins with this and ends with `create`."""
    found = raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_touches' ESCAPE '\\'"
    ).fetchall()
    for (name,) in found:
        raw.execute(f'DROP TRIGGER "{name}"')


def count(raw: Connection, table: str) -> None:
    """Count a table of records anew, owner by owner. Belongs into a transaction of the caller's."""
    owner, feed = RECORDS[table]
    raw.execute("DELETE FROM record_counts WHERE feed = ?", (feed,))
    raw.execute(f"INSERT INTO record_counts SELECT {owner}, '{feed}', count(*) FROM {table} GROUP BY {owner}")


def _note(what: str, owner: str, whom: str, only: str = "1") -> str:
    return f"INSERT INTO touched_{what} SELECT {owner}, seq, {whom} FROM generation WHERE {only} ON CONFLICT DO NOTHING"


def _counted(table: str, event: str) -> tuple[str, ...]:
    if table not in RECORDS or event == "update":
        return ()
    owner, feed = RECORDS[table]
    row, step = ("new", 1) if event == "insert" else ("old", -1)
    return (
        f"INSERT INTO record_counts VALUES ({row}.{owner}, '{feed}', {step}) "
        f"ON CONFLICT (owner, feed) DO UPDATE SET rows = rows + {step}",
    )


def _differs(columns: Iterable[str]) -> str:
    return " OR ".join(f"new.{name} IS NOT old.{name}" for name in columns)


def _triggers() -> Iterator[Trigger]:
    yield from _of_customers()
    for table, key in _HANGING.items():
        yield from _of_hanging(table, key)
    for table in ("orders", "checkouts"):
        yield from _of_purchases(table)
    yield from _of_products()
    yield from _of_subjects()
    yield from _of_doubts()


def _of_customers() -> Iterator[Trigger]:
    """Changes of customers: the address that somebody gave up is noted, the present one is on the row."""
    seen = _note("customers", "new.store", "new.id")
    left = _note("addresses", "old.store", "old.email_key", "old.email_key NOT NULL")
    moved = _note(
        "addresses", "old.store", "old.email_key", "old.email_key NOT NULL AND new.email_key IS NOT old.email_key"
    )
    yield Trigger(table="customers", event="insert", acts=(seen, *_counted("customers", "insert")))
    yield Trigger(table="customers", event="update", when=_differs(_CUSTOMER), acts=(seen, moved))
    gone = _note("customers", "old.store", "old.id")
    yield Trigger(table="customers", event="delete", acts=(gone, left, *_counted("customers", "delete")))


def _of_hanging(table: str, key: str) -> Iterator[Trigger]:
    events = _EVENTS if table not in _OWNERS else ("insert", "delete")
    for event in events:
        row = "old" if event == "delete" else "new"
        yield Trigger(
            table=table, event=event, acts=(_note("customers", f"{row}.store", f"{row}.{key}"), *_counted(table, event))
        )


def _of_purchases(table: str) -> Iterator[Trigger]:
    for event, rows in _EVENTS.items():
        acts = [_note("customers", f"{row}.store", f"{row}.customer_id", f"{row}.customer_id NOT NULL") for row in rows]
        if table == "orders":
            guests = "{row}.customer_id IS NULL AND {row}.email_key NOT NULL"
            acts += [_note("addresses", f"{row}.store", f"{row}.email_key", guests.format(row=row)) for row in rows]
        yield Trigger(table=table, event=event, acts=(*acts, *_counted(table, event)))


def _of_products() -> Iterator[Trigger]:
    for table in ("products", "product_tags", "product_collections"):
        for event in _EVENTS:
            row = "old" if event == "delete" else "new"
            when = _differs(_PRODUCT) if (table, event) == ("products", "update") else ""
            acts = (_note("kinds", f"{row}.store", "'products'"), *_counted(table, event))
            yield Trigger(table=table, event=event, when=when, acts=acts)


def _of_subjects() -> Iterator[Trigger]:
    for table in ("contacts", *_OF_SUBJECT):
        for event in _EVENTS:
            row = "old" if event == "delete" else "new"
            when = _differs(_CONTACT) if (table, event) == ("contacts", "update") else ""
            acts = (_note("subjects", f"{row}.target", f"{row}.subject"), *_counted(table, event))
            yield Trigger(table=table, event=event, when=when, acts=acts)
    # a pair in the ledger is ours from the moment it is there, whatever becomes of its state
    yield Trigger(table="ledger", event="insert", acts=(_note("subjects", "new.target", "new.subject"),))
    yield Trigger(table="ledger", event="delete", acts=(_note("subjects", "old.target", "old.subject"),))


def _of_doubts() -> Iterator[Trigger]:
    for event in _EVENTS:
        row = "old" if event == "delete" else "new"
        acts = (
            _note("addresses", f"{row}.owner", f"{row}.address"),
            _note("subjects", f"{row}.owner", f"{row}.record"),
        )
        yield Trigger(table="consent_flips", event=event, acts=acts)


TRIGGERS: tuple[Trigger, ...] = tuple(_triggers())
