"""Metafields, companies and store credit, from Shopify's JSON to values."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.shopify import hanging
from syncd.model import CreditAccount, Metafield

CUSTOMER = {"id": "gid://shopify/Customer/7", "updatedAt": "2026-11-21T00:00:00Z"}


def read(type_: type[Any], **fields: Any) -> Any:
    return msgspec.convert(CUSTOMER | fields, type_, strict=False)


@pytest.mark.parametrize(
    ("type_", "text", "values"),
    [
        ("date", "1992-02-29", [("date", "1992-02-29")]),
        (
            "list.single_line_text_field",
            '["a, b","c"]',
            [("single_line_text_field", "a, b"), ("single_line_text_field", "c")],
        ),
        ("list.number_integer", "[1,22]", [("number_integer", "1"), ("number_integer", "22")]),
        ("list.rating", '[{"value":"3"}]', [("rating", '{"value":"3"}')]),
        ("list.date", "[]", []),
        ("list.date", "damaged", [("date", "damaged")]),
    ],
)
def test_a_list_has_a_value_for_each_element(type_: str, text: str, values: list[tuple[str, str]]) -> None:
    node = hanging.MetafieldNode(id="gid://shopify/Metafield/1", namespace="facts", key="x", type=type_, value=text)
    expected = tuple(
        Metafield(namespace="facts", key="x", type=kind, value=value, place=place)
        for place, (kind, value) in enumerate(values)
    )
    found = hanging.metafields(read(hanging.MetafieldOwner), [node])
    assert (found.id, found.values) == (7, expected)


def test_a_company_counts_once_and_one_that_is_hidden_not_at_all() -> None:
    ties = [{"company": {"id": f"gid://shopify/Company/{number}"}} for number in (9, 8, 9)]
    node = read(hanging.CompanyCustomer, companyContactProfiles=[*ties, {"company": None}])
    assert hanging.companies(node, ()).companies == (8, 9)


def test_credit_is_in_minor_units_of_its_own_currency() -> None:
    nodes = [
        hanging.CreditAccountNode(
            id=f"gid://shopify/StoreCreditAccount/{number}", balance=hanging.Money(amount, currency)
        )
        for number, amount, currency in ((2, "12.5", "CAD"), (1, "300.0", "JPY"))
    ]
    assert hanging.credit(read(hanging.CreditOwner), nodes).accounts == (
        CreditAccount(id=1, currency="JPY", balance=300),
        CreditAccount(id=2, currency="CAD", balance=1250),
    )
