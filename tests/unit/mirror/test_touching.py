"""The triggers: whatever statement fires them, they note and count; and no table of records is without."""

from __future__ import annotations

import re

import pytest

from syncd.mirror import shapes, touching
from syncd.mirror.database import Mirror
from syncd.mirror.shelves import Shelf
from tests.unit.mirror.looked_at import marks


@pytest.mark.parametrize("insert", ["INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE"])
def test_a_note_is_left_whatever_the_statement_says_of_conflicts(mirror: Mirror, insert: str) -> None:
    upsert = "INSERT INTO customer_tags VALUES ('main', 2, 'k', ?) ON CONFLICT DO UPDATE SET tag = excluded.tag"
    for time in ("1", "2"):  # the second time, the notes are there already
        mirror.raw.execute(f"{insert} INTO customer_tags VALUES ('main', 1, ?, 'K')", (time,))
        mirror.raw.execute(f"{insert} INTO contact_labels VALUES ('news', 'a@x.example', ?, 'K')", (time,))
        mirror.raw.execute(upsert, (time,))

    assert marks(mirror) == {1, 2, ("subject", "news", "a@x.example")}


def test_feeds_are_counted_right_whatever_the_statement_says_of_conflicts(mirror: Mirror) -> None:
    row = "INTO contacts VALUES ('news', ?, ?, 'subscribed', 1)"
    for conflict in ("INSERT OR IGNORE", "INSERT OR REPLACE"):
        for address in ("a@x.example", "z@x.example"):
            mirror.raw.execute(f"{conflict} {row}", (address, address))

    for feed, shape in shapes.FEEDS.items():
        owner = "news" if feed == "contacts" else "main"
        counted = mirror.raw.execute(f"SELECT count(*) FROM {shape.table}").fetchone()[0]  # noqa: S608
        assert Shelf(mirror, owner, feed, shape).count() == counted
    assert Shelf(mirror, "news", "contacts", shapes.CONTACTS).count() == 3


def test_every_table_of_records_is_looked_after_or_written_with_one_that_is() -> None:
    looked_after = {trigger.table for trigger in touching.TRIGGERS}
    tables = {table for shape in shapes.FEEDS.values() for table in shape.tables}
    with_their_order = {child.table for child in shapes.ORDERS.children}

    assert tables - looked_after == with_their_order
    for table in looked_after - {"ledger", "metafield_owners", "company_contacts", "credit_owners"}:
        events = {trigger.event for trigger in touching.TRIGGERS if trigger.table == table}
        assert events == {"insert", "update", "delete"}, table


def test_a_column_of_a_customer_is_told_apart_from_the_time_of_change_alone() -> None:
    trigger = next(it for it in touching.TRIGGERS if it.name == "customers_update_touches")

    compared = set(re.findall(r"new\.(\w+) IS NOT", trigger.when))
    written = {*shapes.CUSTOMERS.columns, *shapes.CUSTOMERS.since}
    assert compared == written - {"id", "updated_at"}


def test_the_file_has_the_triggers_that_are_declared(mirror: Mirror) -> None:
    there = dict(mirror.raw.execute("SELECT name, sql FROM sqlite_master WHERE name GLOB '*_touches'"))

    assert there == {it.name: it.statement for it in touching.TRIGGERS}
