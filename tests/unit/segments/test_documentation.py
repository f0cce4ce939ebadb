"""`docs/segments.md` says what is true: every filter is in it, and every example in it is a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.segments import CATALOGUE, Filter, RuleError, parse
from syncd.segments.catalogue import METAFIELDS
from syncd.segments.check import MAX_HEIGHT
from syncd.segments.days import PERIODS
from syncd.segments.filter import Remote, Scalar
from syncd.segments.near import Near
from syncd.segments.rows import Rows
from syncd.segments.syntax import MAX_CLAUSES, MAX_LENGTH
from tests.unit.segments.conftest import Who

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "segments.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
RULES = [line for block in BLOCKS for line in block.splitlines() if line]
KNOWN = [each for each in CATALOGUE.values() if not isinstance(each.reading, Remote)]


def _row(each: Filter) -> str:
    reading = each.reading
    choices = f" ({', '.join(reading.choices)})" if isinstance(reading, Scalar) and reading.choices else ""
    own = " ✚" if each.own else ""
    return f"| `{each.name}`{own} | {each.meaning}{choices} | `{each.example}` |"


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE)
def test_every_filter_is_told_of_with_its_meaning_and_an_example(each: Filter) -> None:
    assert _row(each) in PAGE


@pytest.mark.parametrize("each", [each for each in KNOWN if isinstance(each.reading, Rows)], ids=lambda each: each.name)
def test_every_parameter_is_told_of(each: Filter) -> None:
    assert isinstance(each.reading, Rows)
    section = PAGE.split(f"### `{each.name}`")[1].split("###")[0]
    for name, asking in each.reading.parameters.items():
        own = " ✚" if asking.own else ""
        choices = getattr(asking, "choices", ())
        listed = f" ({', '.join(choices)})" if choices else ""
        assert f"| `{name}`{own} | {asking.type.value} | {asking.meaning}{listed} |" in section


@pytest.mark.parametrize("each", KNOWN, ids=lambda each: each.name)
def test_the_example_of_a_filter_is_a_rule_that_can_be_answered(who: Who, each: Filter) -> None:
    assert each.name in each.example
    assert parse(each.example).warnings == ()
    who(each.example)


@pytest.mark.parametrize("each", [each for each in CATALOGUE.values() if each not in KNOWN], ids=lambda each: each.name)
def test_the_example_of_what_is_not_known_here_is_right_but_for_that(each: Filter) -> None:
    with pytest.raises(RuleError) as caught:
        parse(each.example)
    assert caught.value.remote


@pytest.mark.parametrize("query", RULES)
def test_every_rule_on_the_page_can_be_answered(who: Who, query: str) -> None:
    who(query)


def test_a_filter_has_one_name_and_no_mistake_is_one() -> None:
    mistaken = [wrong for each in CATALOGUE.values() for wrong in each.mistaken]
    assert len(mistaken) == len(set(mistaken))
    assert not set(mistaken) & CATALOGUE.keys()
    assert not any(name.startswith(METAFIELDS) for name in CATALOGUE)


def test_every_period_and_every_bound_is_told_of() -> None:
    assert all(f"`{name}`" in PAGE for name in PERIODS)
    assert f"{MAX_LENGTH:,} characters" in PAGE
    assert f"{MAX_CLAUSES} clauses" in PAGE
    assert f"nested {MAX_HEIGHT} deep" in PAGE
    assert any(isinstance(each.reading, Near) for each in KNOWN)
