"""Metafields, companies and store credit of some customers, by their place among all and without dice.

A customer in four has a birth date, some of them on 29 February; one has more metafields than fit on a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.world.making import Maker
from connectors.sandbox.world.records import Company, Credit, Metafield

_SIZES = ("S", "M", "L", "XL")
_INTERESTS = ('["climbing"]', '["climbing","running"]', "[]", '["ski, alpine"]')
_COMPANIES = ("Northwind", "Contoso", "Fabrikam")
_FIRST_COMPANY = 1_200_000_000
_COLLECTOR = 9
"""The customer with more metafields than fit on a page."""


def metafields(maker: Maker, n: int) -> tuple[Metafield, ...]:
    """Return the metafields of the n-th customer."""
    return tuple(
        Metafield(id=maker.id("Metafield"), namespace=namespace, key=key, type=type_, value=value)
        for namespace, key, type_, value in _facts(n)
    )


def companies(maker: Maker, n: int) -> tuple[Company, ...]:
    """Return the companies of the n-th customer."""
    ties = 0 if n % 20 != 7 else 2 if n % 40 == 7 else 1
    places = [(n + tie) % len(_COMPANIES) for tie in range(ties)]
    base = _FIRST_COMPANY + 100 * maker.number
    return tuple(
        Company(id=base + place, contact=maker.id("CompanyContact"), name=_COMPANIES[place]) for place in places
    )


def credit(maker: Maker, n: int) -> tuple[Credit, ...]:
    """Return the store credit of the n-th customer."""
    return (Credit(id=maker.id("StoreCreditAccount"), balance=n * 150 % 4000),) if n % 12 == 3 else ()


def _facts(n: int) -> Iterator[tuple[str, str, str, str]]:
    if n % 4 == 1:
        yield "facts", "birth_date", "date", _birth_date(n)
    if n % 6 == 0:
        yield "custom", "size", "single_line_text_field", _SIZES[n // 6 % len(_SIZES)]
        yield "custom", "interests", "list.single_line_text_field", _INTERESTS[n // 6 % len(_INTERESTS)]
    if n % 5 == 0:
        yield "loyalty", "points", "number_integer", str(n * 7 % 500)
        yield "loyalty", "member", "boolean", "true" if n % 10 == 0 else "false"
    for place in range(30 if n == _COLLECTOR else 0):
        yield "collection", f"piece_{place}", "number_decimal", f"{place}.5"


def _birth_date(n: int) -> str:
    if n % 28 == 1:
        return "1992-02-29"
    return f"{1960 + n % 40}-{n % 12 + 1:02}-{n % 28 + 1:02}"
