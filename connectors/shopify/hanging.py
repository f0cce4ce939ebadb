"""What hangs on customers and is asked for by itself: metafields, companies, store credit.

Each is a reading of its own, with the customer's time of change: whoever has no segment about it pays nothing for it,
and what the store refuses (companies without B2B, credit without its scope) costs only the segments about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from connectors.shopify.wire import Connection, Money, Node, instant, number
from syncd.model import Companies, Credit, CreditAccount, Metafield, Metafields, minor_units


class MetafieldNode(Node, kw_only=True, gc=False):
    """A metafield of a customer; its value is text, whatever its type."""

    namespace: str
    key: str
    type: str
    value: str


class MetafieldOwner(Node, kw_only=True, gc=False):
    """A customer, as the owner of metafields."""

    updated_at: datetime
    children: Connection[MetafieldNode] | None = None


class CompanyContact(msgspec.Struct, gc=False):
    """What a customer is in one company."""

    company: Node | None = None


class CompanyCustomer(Node, kw_only=True, gc=False):
    """A customer, as a contact of companies."""

    updated_at: datetime
    company_contact_profiles: list[CompanyContact]


class CreditAccountNode(Node, kw_only=True, gc=False):
    """A store credit account."""

    balance: Money


class CreditOwner(Node, kw_only=True, gc=False):
    """A customer, as the owner of store credit."""

    updated_at: datetime
    children: Connection[CreditAccountNode] | None = None


def metafields(node: MetafieldOwner, below: Sequence[MetafieldNode]) -> Metafields:
    """Return a customer's metafields, in one order."""
    each = sorted(below, key=lambda it: (it.namespace, it.key))
    return Metafields(
        id=number(node.id),
        updated_at=instant(node.updated_at),
        values=tuple(value for it in each for value in _values(it)),
    )


def companies(node: CompanyCustomer, _: Sequence[Any]) -> Companies:
    """Return a customer's companies, in one order."""
    found = {it.company.number for it in node.company_contact_profiles if it.company is not None}
    return Companies(id=number(node.id), updated_at=instant(node.updated_at), companies=tuple(sorted(found)))


def credit(node: CreditOwner, below: Sequence[CreditAccountNode]) -> Credit:
    """Return a customer's store credit, in one order."""
    accounts = sorted((_account(it) for it in below), key=lambda it: it.id)
    return Credit(id=number(node.id), updated_at=instant(node.updated_at), accounts=tuple(accounts))


def _values(it: MetafieldNode) -> Iterator[Metafield]:
    """Yield the value, or each element of a list (`["a","b"]`); a list that is no JSON stays one text."""
    kind = it.type.removeprefix("list.")
    elements = _elements(it.value) if kind != it.type else None
    texts = [it.value] if elements is None else [_text(element) for element in elements]
    for place, text in enumerate(texts):
        yield Metafield(namespace=it.namespace, key=it.key, type=kind, value=text, place=place)


def _elements(text: str) -> list[Any] | None:
    try:
        return msgspec.json.decode(text, type=list[Any])
    except msgspec.DecodeError:
        return None


def _text(element: Any) -> str:
    return element if isinstance(element, str) else msgspec.json.encode(element).decode()


def _account(it: CreditAccountNode) -> CreditAccount:
    currency = it.balance.currency_code or ""
    return CreditAccount(id=it.number, currency=currency, balance=minor_units(it.balance.amount, currency))
