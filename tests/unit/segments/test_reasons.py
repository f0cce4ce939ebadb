"""Why a rule holds or not: which of its clauses decided."""

from __future__ import annotations

import pytest

from syncd.segments import parse
from syncd.segments.reasons import Reason, reasons
from tests.unit.segments.shop import FRAME, SHOP

TRUE = "number_of_orders = 3"
ALSO = "amount_spent = 300"
FALSE = "number_of_orders = 7"
UNTRUE = "amount_spent = 7"


def of(query: str) -> Reason:
    return reasons(parse(query), SHOP.people()[1], FRAME)


@pytest.mark.parametrize(
    ("query", "holds", "deciding"),
    [
        (TRUE, True, [TRUE]),
        (f"{TRUE} AND {ALSO}", True, [TRUE, ALSO]),
        (f"{TRUE} AND {FALSE}", False, [FALSE]),
        (f"{FALSE} AND {UNTRUE}", False, [FALSE, UNTRUE]),
        (f"{TRUE} OR {FALSE}", True, [TRUE]),
        (f"{TRUE} OR {ALSO}", True, [TRUE, ALSO]),
        (f"{FALSE} OR {UNTRUE}", False, [FALSE, UNTRUE]),
        (f"NOT ({TRUE} AND {FALSE})", True, [FALSE]),
        (f"NOT ({TRUE})", False, [TRUE]),
        (f"({TRUE} OR {FALSE}) AND {ALSO}", True, [TRUE, ALSO]),
        (f"({FALSE} OR {UNTRUE}) AND {TRUE}", False, [FALSE, UNTRUE]),
        (f"{FALSE} AND {TRUE} OR {ALSO}", True, [ALSO]),
    ],
)
def test_the_answer_rests_on_these_clauses(query: str, holds: bool, deciding: list[str]) -> None:
    found = of(query)
    assert found.holds is holds
    assert [clause.text for clause in found.clauses() if clause.decides] == deciding


def test_clauses_come_with_their_values_in_the_shape_of_the_rule() -> None:
    found = of(f"{TRUE} AND (last_order_date < -1y OR NOT (customer_countries CONTAINS 'CA'))")
    assert (found.text, found.holds, found.value) == ("all of", False, "")
    first, either = found.parts
    assert (first.text, first.value, first.holds, first.decides) == (TRUE, "3", True, False)
    assert (either.text, either.holds, either.decides) == ("any of", False, True)
    assert [part.value for part in either.parts] == ["2026-11-14", "CA, US"]
    assert [clause.text for clause in found.clauses()] == [
        TRUE,
        "last_order_date < -1y",
        "customer_countries NOT CONTAINS 'CA'",
    ]


def test_a_negation_that_the_language_has_no_word_for_is_a_part_of_its_own() -> None:
    found = of("NOT (number_of_orders = 3 OR amount_spent > 5)")
    assert (found.text, found.holds) == ("not", False)
    assert [(part.text, part.holds) for part in found.parts] == [("any of", True)]
