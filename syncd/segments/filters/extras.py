"""What hangs on customers and is read only where a segment looks at it: metafields, companies, store credit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, case

from syncd.model import CreditAccount, Kind, Metafield
from syncd.segments.comparisons import Comparison, Plain, Type, comparison
from syncd.segments.extras import DAYS
from syncd.segments.filter import Filter
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import rows_of
from syncd.segments.metafields import anniversary, question
from syncd.segments.rows import Asked, Field, Rows
from syncd.segments.schema import customer_companies, customer_credit, customer_metafields
from syncd.segments.several import Question, Several
from syncd.segments.tree import Test

_NAMED = re.compile(r"(?:customer\.)?metafields\.([^.]+)\.([^.]+)")
_OLDER = re.compile(r"customer\.([^.]+_[^.]+)")
_OF_YEAR = re.compile(r"anniversary\('([^'\\]+)'\)")
_METAFIELDS = frozenset({Kind.METAFIELDS})
_TRANSACTIONS = "stands only in the transactions of store credit, which are not read"


def metafield(name: str) -> Filter | None:
    """Return the filter of a metafield (`metafields.facts.size`) or of its anniversary; None where it names neither."""
    of_year = _OF_YEAR.fullmatch(name)
    narrow = _which(of_year[1] if of_year else name)
    if narrow is None:
        return None
    if of_year:
        return Filter(
            name=name,
            meaning="month and day of a date metafield, in any year",
            example=f"{name} = today",
            reading=_reading(narrow, Type.DATE, anniversary),
            kinds=_METAFIELDS,
            daily=True,
        )
    return Filter(
        name=name,
        meaning="a metafield of the customer",
        example=f"{name} IS NOT NULL",
        reading=_reading(narrow, None, question),
        kinds=_METAFIELDS,
    )


class _Which(msgspec.Struct, frozen=True):
    """A metafield by namespace and key, or by both joined (`custom_size`), as it was once written."""

    namespace: str
    key: str
    joined: str

    def is_it(self, value: Metafield) -> bool:
        if self.joined:
            return f"{value.namespace}_{value.key}" == self.joined
        return (value.namespace, value.key) == (self.namespace, self.key)

    def its(self, rows: Select[Any]) -> Select[Any]:
        its = customer_metafields.c
        if self.joined:
            return rows.where(its.namespace + "_" + its.key == self.joined)
        return rows.where(its.namespace == self.namespace, its.key == self.key)


def _which(name: str) -> _Which | None:
    named, older = _NAMED.fullmatch(name), _OLDER.fullmatch(name)
    if named:
        return _Which(named[1], named[2], "")
    return _Which("", "", older[1]) if older else None


def _reading(which: _Which, type_: Type | None, asks: Callable[[Test, Frame], Question]) -> Several:
    """Read one metafield; its dates alone, where the type says so."""
    of_days = type_ is Type.DATE

    def narrow(rows: Select[Any]) -> Select[Any]:
        found = which.its(rows)
        return found.where(customer_metafields.c.type.in_(DAYS)) if of_days else found

    def rows(frame: Frame) -> Select[Any]:
        return narrow(rows_of(customer_metafields, frame))

    def values(person: Person) -> Iterator[Metafield]:
        return (it for it in person.metafields if which.is_it(it) and (not of_days or it.type in DAYS))

    return Several(type=type_, rows=rows, values=values, question=asks, text=lambda it: str(it.value), narrow=narrow)


class _Id(msgspec.Struct, frozen=True):
    """A company is asked by its id."""

    asked: Comparison

    def holds(self, value: int) -> bool:
        """Return whether a company passes."""
        return self.asked.holds(value)

    def test(self) -> ColumnElement[bool]:
        """Return the same within a WHERE over the rows."""
        return self.asked.test(customer_companies.c.company_id)


def _companies_of(person: Person) -> Iterable[int]:
    return person.companies


def _balance(asked: Asked) -> ColumnElement[Any]:
    its = customer_credit.c
    return case((its.currency == asked.currency, its.balance))


def _balance_of(account: CreditAccount, asked: Asked) -> Plain:
    return account.balance if account.currency == asked.currency else None


FILTERS = (
    Filter(
        name="companies",
        meaning="the companies (B2B) that the customer is a contact of, by id",
        example="companies IS NOT NULL",
        reading=Several(
            type=Type.ID,
            rows=partial(rows_of, customer_companies),
            values=_companies_of,
            question=lambda test, frame: _Id(comparison(test, Type.ID, frame)),
            text=str,
        ),
        kinds=frozenset({Kind.COMPANIES}),
        mistaken=("company", "company_id"),
    ),
    Filter(
        name="anniversary",
        meaning="month and day of a date metafield, in any year",
        example="anniversary('metafields.facts.birth_date') = today",
        reading=_reading(_Which("facts", "birth_date", ""), Type.DATE, anniversary),
        kinds=_METAFIELDS,
        daily=True,
        mistaken=("birthday", "birth_date"),
    ),
    Filter(
        name="store_credit_accounts",
        meaning="the customer's store credit, an account for each currency",
        example="store_credit_accounts MATCHES (balance > 0)",
        reading=Rows(
            select=partial(rows_of, customer_credit),
            of=lambda person: iter(person.credit),
            noun="accounts",
            parameters={
                "balance": Field(type=Type.AMOUNT, meaning="what the account holds", sql=_balance, value=_balance_of),
                "currency": Field(
                    type=Type.TEXT,
                    meaning="the currency of the account; with =, the balance beside it is in that currency",
                    sql=lambda _: customer_credit.c.currency,
                    value=lambda account, _: account.currency,
                ),
            },
            unknown={
                "next_expiry_date": (Type.DATE, _TRANSACTIONS),
                "last_credit_date": (Type.DATE, _TRANSACTIONS),
            },
        ),
        kinds=frozenset({Kind.CREDIT}),
        mistaken=("store_credit", "store_credit_balance"),
    ),
)
