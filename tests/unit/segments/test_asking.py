"""Segments whose members the store itself names."""

from __future__ import annotations

import pytest

from syncd.model import Kind
from syncd.segments import RuleError, ask

REMOTE = "storefront.product_viewed MATCHES (date >= -7d) AND number_of_orders > 1"


def test_a_query_only_the_store_can_answer_needs_no_more_than_the_customers() -> None:
    rule = ask(REMOTE, "viewers")
    assert str(rule) == REMOTE
    assert str(rule.tree) == "segments CONTAINS 'viewers'"
    assert (rule.asked, rule.kinds, rule.segments, rule.notes) == (True, frozenset({Kind.CUSTOMERS}), frozenset(), ())


def test_the_store_may_be_asked_what_the_mirror_knows_too() -> None:
    assert ask("number_of_orders > 1", "x").warnings == ()
    assert ask("average_order_amount > 1", "x").warnings


def test_what_nobody_understands_is_not_asked() -> None:
    with pytest.raises(RuleError):
        ask("storefront.product_viewed MATCHES () AND colour = 1", "x")
