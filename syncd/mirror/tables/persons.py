"""How the rows of every table are about a person: what forgetting and export go by.

A table that is not here can be neither forgotten nor handed over, so a test holds this list against the tables.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What in a table's rows names a person; each is enough.

    Attributes:
        title: What the rows are called in an export.
        customers: Pairs of columns: the store, and a customer's id there.
        subjects: The columns of the target and of its subject: a customer's id as text, or an address.
        addresses: Columns with the identity of an address.
        blanks: Columns to be emptied (0 where a number must be) where the row itself stays, for others count on it.
        shown: Whether a service shows the rows of an address by itself: they stay for as long as it does, unless the
            person is to be forgotten.
        held: Whether it is part of what is told about a person; what only serves to find them again is not.
    """

    title: str = ""
    customers: tuple[tuple[str, str], ...] = ()
    subjects: tuple[str, str] | None = None
    addresses: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    shown: bool = False
    held: bool = True


class Hanging(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that hang on those of another table.

    Attributes:
        title: What they are called in an export, within the row they hang on; without one they are no part of it.
        parent: That table, or a view.
        keys: Pairs of columns: here, and in the parent.
        blanks: Columns to be emptied where the row stays; without any, the row goes.
        where: Which of them, in SQL; all without it.
    """

    title: str
    parent: str
    keys: tuple[tuple[str, str], ...]
    blanks: tuple[str, ...] = ()
    where: str = ""


_CUSTOMER = (("store", "customer_id"),)
_RECORD = (("store", "id"),)
_SUBJECT = ("target", "subject")
_ORDER = (("store", "store"), ("order_id", "id"))

PERSONS: Mapping[str, About | Hanging] = {
    "customers": About(title="customers", customers=_RECORD, addresses=("email_key",)),
    "customer_addresses": About(title="addresses", customers=_CUSTOMER),
    "customer_tags": About(title="tags", customers=_CUSTOMER),
    "metafield_owners": About(customers=_RECORD, held=False),
    "customer_metafields": About(title="metafields", customers=_CUSTOMER),
    "company_contacts": About(customers=_RECORD, held=False),
    "customer_companies": About(title="companies", customers=_CUSTOMER),
    "credit_owners": About(customers=_RECORD, held=False),
    "customer_credit": About(title="store_credit", customers=_CUSTOMER),
    "order_tags": Hanging(title="tags", parent="orders", keys=_ORDER),
    "order_discounts": Hanging(title="discount_codes", parent="orders", keys=_ORDER),
    "lines": Hanging(  # the title of a line without a product is whatever was typed for this one buyer
        title="lines", parent="orders", keys=_ORDER, blanks=("title", "sku"), where="product_id IS NULL"
    ),
    "orders": About(
        title="orders",
        customers=_CUSTOMER,
        addresses=("email_key",),
        blanks=("customer_id", "email", "email_key", "name"),
        shown=True,
    ),
    "orders_moved": About(title="orders_moved", customers=(("store", "former"), ("store", "later"))),
    "checkouts": About(title="checkouts", customers=_CUSTOMER, blanks=("customer_id",)),
    # a view tells what the bits of a mask mean; in a copy of an older version it is a table
    "masks": Hanging(title="", parent="members", keys=(("shelf", "shelf"), ("customer_id", "customer_id"))),
    "members": About(title="segments", customers=_CUSTOMER),
    # a view, too; how many entered and left stays true
    "movements": About(title="entered_and_left", customers=_CUSTOMER),
    "moves": About(customers=_CUSTOMER, blanks=("customer_id",), held=False),
    "contacts": About(title="contacts", subjects=_SUBJECT, shown=True),
    "contact_labels": About(title="contact_labels", subjects=_SUBJECT, shown=True),
    "ledger": About(title="labels_given", subjects=_SUBJECT),
    "released": About(title="labels_on_their_way", subjects=_SUBJECT),
    "refusals": About(title="refusals", subjects=_SUBJECT),
    "turned_away": About(title="turned_away", subjects=_SUBJECT),
    "undone": About(title="undone", subjects=_SUBJECT),
    "run_changes": About(title="changes", subjects=_SUBJECT),
    "consent_changes": About(title="consent_changes", subjects=("owner", "record"), addresses=("address",), shown=True),
    "consent_flips": About(title="consent_doubts", subjects=("owner", "record"), addresses=("address",), shown=True),
    "exclusions": About(title="exclusions", addresses=("entry",), shown=True),
    # how far a feed is read is told by the last record's id
    "cursors": About(customers=(("owner", "id"),), blanks=("id",), held=False),
    "departed": About(subjects=("owner", "subject"), addresses=("address",), held=False),
    # what a plan left them out for, or has still to do, it finds out again
    "unsettled": About(subjects=_SUBJECT, held=False),
    "left_out": About(subjects=_SUBJECT, held=False),
    # without them a rank is made anew
    "ranks": Hanging(title="", parent="contenders", keys=(("rank", "rank"),)),
    "contenders": About(customers=_CUSTOMER, held=False),
    # last: erasing rows of the tables above leaves notes
    "touched_customers": About(customers=_CUSTOMER, held=False),
    "touched_addresses": About(addresses=("address",), held=False),
    "touched_subjects": About(subjects=_SUBJECT, held=False),
}
"""What is about a person, by table or view; what hangs on a table before that table."""

NOBODY = frozenset(
    "stores products product_tags product_collections segments labels runs holds memos looks drift care pushes "
    "zone_offsets exclusion_lists forgotten skipped beginnings touched_kinds generation record_counts set_aside "
    "planned left_out_counts holdings".split()
)
"""Tables without a person in them. `forgotten` and `skipped` hold hashes, which tell nothing without the key."""
