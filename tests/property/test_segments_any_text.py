"""Whatever is written: a rule, or a `RuleError` that can be shown; never anything else."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncd.segments import CATALOGUE, RuleError, parse
from tests.support.examples import examples

_PIECES = [
    *(each.example for each in CATALOGUE.values()),
    *CATALOGUE,
    *"AND OR NOT MATCHES BETWEEN IN CONTAINS LIKE STARTS ENDS WITH IS NULL true false date id tag count".split(),
    *"= != > >= < <= ( ) , : ' \" \\ - + == <>".split(),
    *"-7d 5 5.5 2026-11-21 2026-11-21T10:00:00 today last_month 7_days_ago".split(),
    "'x'",
    "('a', 'b')",
    "(1, 2)",
    "(id: 5) = true",
    "MATCHES (",
    "\n",
]


def _read(text: str) -> None:
    error = _error(text)
    if error is not None:
        lines = text.split("\n")
        for problem in error.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert problem.message
        assert error.show().count("^") >= len(error.problems) > 0


def _error(text: str) -> RuleError | None:
    try:
        parse(text)
    except RuleError as error:
        return error
    return None


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join))
@settings(max_examples=examples(400), deadline=None)
@example("a.b NOT NOT NOT")
def test_any_words_of_the_language_are_a_rule_or_an_error(text: str) -> None:
    _read(text)


@given(st.text(max_size=60))
@settings(max_examples=examples(200), deadline=None)
@example("'\\")
@example("\r\n = 'a")
@example("a = '\n\n")
@example("\x0b")
@example("٣ = ٣")
@example("number_of_orders = ٣")
@example("amount_spent > ٣٤.٥")
@example("last_order_date = ٢٠٢٦-٠١-٠١")
def test_any_text_is_a_rule_or_an_error(text: str) -> None:
    _read(text)


@given(st.sampled_from(_PIECES[: len(CATALOGUE)]), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_any_rule_with_a_slip_is_a_rule_or_an_error(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 3))
    _read(text[:place] + data.draw(st.text(max_size=2)) + text[place + length :])
