"""The values, and the words. Frozen, no I/O.

One word per idea, everywhere:

source      where customers, orders, products and checkouts are read from: a store
target      where labels are written: a store's customer tags, or an audience
mirror      the local copy of what the sources said, one SQLite file
feed        one kind of record of a service, readable by time of change
pull        reading what changed at the sources into the mirror
push        writing planned changes to the targets
cursor      how far a feed has been read; moves only together with the rows it stands for
segment     a named group of customers, defined by a rule
rule        the query of a segment, parsed
label       a store's customer tag, or an audience's tag: what membership is written as
membership  who is in a segment, with when they entered and left
position    where a subject stands with a label: desired, current, owned
wish        a label that a segment wants carried at a target
desired     who should carry a label; current: who does; owned: to whom syncd gave it
plan        the changes that lead from current to desired
change      one label added to, or removed from, one subject of one target
apply       to carry out changes
opt-out     an unsubscribe in an audience, carried to the stores that feed it
outcome     what came of one change; a refusal is an outcome that stands until something changes
ledger      the record of what syncd owns and what it was about to write
run         one cycle, with its number and everything that happened in it
hold        a part of a plan that waits for a person
limit       how much of a label may change without one
"""

from syncd.model.change import (
    LABELLED,
    Action,
    Change,
    Contact,
    ContactStatus,
    NewContact,
    Outcome,
    OutcomeState,
)
from syncd.model.hold import Hold, Lately
from syncd.model.money import decimal_text, exponent, minor_units
from syncd.model.position import Bar, Position, Wish
from syncd.model.records import (
    ON_DEMAND,
    Address,
    Checkout,
    Collection,
    Companies,
    Credit,
    CreditAccount,
    Customer,
    Instant,
    Kind,
    LineItem,
    Metafield,
    Metafields,
    Order,
    Product,
    fold,
    identity,
)

__all__ = [
    "LABELLED",
    "ON_DEMAND",
    "Action",
    "Address",
    "Bar",
    "Change",
    "Checkout",
    "Collection",
    "Companies",
    "Contact",
    "ContactStatus",
    "Credit",
    "CreditAccount",
    "Customer",
    "Hold",
    "Instant",
    "Kind",
    "Lately",
    "LineItem",
    "Metafield",
    "Metafields",
    "NewContact",
    "Order",
    "Outcome",
    "OutcomeState",
    "Position",
    "Product",
    "Wish",
    "decimal_text",
    "exponent",
    "fold",
    "identity",
    "minor_units",
]
