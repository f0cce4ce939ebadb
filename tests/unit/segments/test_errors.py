"""What is said of a query that is no rule: where, why, and what was probably meant."""

from __future__ import annotations

import pytest

from syncd.errors import SyncdError
from syncd.segments import RuleError, RuleProblem, parse


def _problems(query: str) -> tuple[RuleProblem, ...]:
    with pytest.raises(RuleError) as caught:
        parse(query)
    return caught.value.problems


@pytest.mark.parametrize(
    ("query", "column", "message", "suggestion"),
    [
        ("amount_spend > 5", 1, "'amount_spend' filter cannot be found", "did you mean amount_spent?"),
        ("total_spent > 5", 1, "'total_spent' filter cannot be found", "did you mean amount_spent?"),
        ("Amount_Spent > 5", 1, "'Amount_Spent' filter cannot be found", "did you mean amount_spent?"),
        ("email = 'x'", 1, "'email' filter cannot be found", "did you mean customer_email_domain?"),
        ("zzz = 5", 1, "'zzz' filter cannot be found", ""),
        ("customer_tags = 'vip'", 15, "customer_tags does not support operator '='", "write CONTAINS"),
        (
            "customer_tags IN ('a', 'b')",
            15,
            "customer_tags does not support operator 'IN'",
            "write one CONTAINS for each value, joined by OR",
        ),
        (
            "customer_email_domain CONTAINS 'mail'",
            23,
            "customer_email_domain does not support operator 'CONTAINS'",
            "write = for the whole text, LIKE '%…%' for a part",
        ),
        ("amount_spent CONTAINS 5", 14, "amount_spent does not support operator 'CONTAINS'", "it takes =, !="),
        ("rfm_group LIKE 'A%'", 11, "rfm_group does not support operator 'LIKE'", "it takes =, !=, IN, NOT IN"),
        ("segments IS NULL", 10, "segments does not support operator 'IS NULL'", "it takes CONTAINS, NOT CONTAINS"),
        ("amount_spent NOT IN ('5')", 22, "'5' is not a number (10.99)", "write 5"),
        ("number_of_orders > 1.5", 20, "1.5 is not a whole number (10)", "write 1"),
        ("number_of_orders > 'x'", 20, "'x' is not a whole number (10)", ""),
        ("number_of_orders > '12'", 20, "'12' is not a whole number (10)", "write 12"),
        ("number_of_orders > (1, 2)", 21, "1 is not a whole number (10)", ""),
        ("number_of_orders > 9999999999999999999", 20, "the number is too large", ""),
        (f"number_of_orders > {'9' * 5000}", 20, "a number has at most 30 digits", ""),
        ("amount_spent > 1000000000001", 16, "the number is too large", ""),
        ("amount_spent > today", 16, "today is not a number (10.99)", ""),
        ("last_order_date = '2026-01-01'", 19, "'2026-01-01' is not a date", "dates stand without quotes: 2026-01-01"),
        ("last_order_date = 'soon'", 19, "'soon' is not a date", ""),
        ("last_order_date = tody", 19, "tody is not a date", "did you mean today?"),
        ("last_order_date = 2026-02-30", 19, "there is no date 2026-02-30", ""),
        ("last_order_date = 2026-02-20T25:00:00", 19, "there is no date 2026-02-20T25:00:00", ""),
        ("last_order_date = 0999-01-01", 19, "there is no date 0999-01-01", ""),
        ("last_order_date > -201y", 19, "that is more than 200 years away", ""),
        (f"last_order_date > -{'9' * 5000}d", 19, "there is no date -9999", ""),
        ("customer_language = en", 21, "en is not a text in single quotes ('vip')", "write 'en'"),
        (f"customer_language = '{'x' * 1001}'", 21, "a text has at most 1,000 characters", ""),
        ("customer_language = 'a\0b'", 21, "a text holds no NUL character", ""),
        ("rfm_group = 'CHAMPION'", 13, "'CHAMPION' is no value of this filter", "write 'CHAMPIONS'"),
        ("rfm_group = champions", 13, "champions is no value of this filter", "write 'CHAMPIONS'"),
        ("predicted_spend_tier = 'XY'", 24, "'XY' is no value of this filter", "one of HIGH, MEDIUM, LOW"),
        ("orders_placed > 3", 15, "orders_placed is a function", "write it like orders_placed MATCHES"),
        ("amount_spent MATCHES ()", 1, "amount_spent is not a function", "write it like amount_spent >= 250"),
        ("amount_spent() = true", 1, "amount_spent is not a function", "write it like amount_spent >= 250"),
        ("orders_placed MATCHES (dat > -7d)", 24, "there is no parameter 'dat' here", "did you mean date?"),
        ("orders_placed MATCHES (x > 7)", 24, "there is no parameter 'x' here", "there are date, amount"),
        (
            "orders_placed MATCHES (date > 2025-01-01, date < 2025-06-01)",
            43,
            "'date' stands twice; each parameter may stand once",
            "BETWEEN has two ends",
        ),
        (
            "customer_within_distance MATCHES (coordinates = (1, 2))",
            1,
            "customer_within_distance needs coordinates and one distance",
            "write it like",
        ),
        (
            "customer_within_distance MATCHES (coordinates = (91, 2), distance_km = 5)",
            50,
            "latitude goes from -90 to 90, longitude from -180 to 180",
            "",
        ),
        (
            "customer_within_distance MATCHES (coordinates = (1, 180.5), distance_km = 5)",
            50,
            "latitude goes from -90 to 90, longitude from -180 to 180",
            "",
        ),
        (
            "customer_within_distance MATCHES (coordinates = ('a', 'b'), distance_km = 5)",
            50,
            "'a' is not a place (45.42, -75.69)",
            "",
        ),
        ("customer_within_distance MATCHES (coordinates = 5)", 49, "5 is not a place (45.42, -75.69)", ""),
        (
            "customer_within_distance MATCHES (coordinates = (1, 2), distance_km = -5)",
            71,
            "a distance is not negative",
            "",
        ),
        ("products_purchased(1234) = true", 20, "'1234' is unexpected", ""),
        ("products_purchased('1234') = true", 20, "a parameter has a name", "write it like id: 1234"),
        (
            "products_purchased(id: 1234) = 5",
            30,
            "behind products_purchased(…) only = true or = false can stand",
            "write products_purchased MATCHES (…)",
        ),
        (
            "products_purchased(id: 1) IS NULL",
            27,
            "behind products_purchased(…) only",
            "write products_purchased MATCHES",
        ),
        ("nobody(id: 1) = true", 1, "'nobody' filter cannot be found", ""),
        ("nobody MATCHES ()", 1, "'nobody' filter cannot be found", ""),
    ],
)
def test_what_does_not_fit_is_told_with_place_reason_and_mend(
    query: str, column: int, message: str, suggestion: str
) -> None:
    (problem,) = _problems(query)
    assert (problem.line, problem.column) == (1, column)
    assert problem.message.startswith(message)
    assert problem.suggestion.startswith(suggestion)
    assert bool(problem.suggestion) is bool(suggestion)


@pytest.mark.parametrize(
    ("query", "place", "message", "suggestion"),
    [
        ("", (1, 1), "the query is empty", "number_of_orders >= 0 stands for every customer"),
        (" \n ", (1, 1), "the query is empty", "number_of_orders >= 0 stands for every customer"),
        ("amount_spent >", (1, 15), "the query ends after '>' where a value is missing", ""),
        ("amount_spent >\n  ", (1, 15), "the query ends after '>' where a value is missing", ""),
        ("(amount_spent > 5", (1, 18), "the query ends after '5' where AND or OR or ')' is missing", ""),
        ("amount_spent > 5)", (1, 17), "')' is unexpected; AND or OR or the end was expected", ""),
        ("amount_spent\n  == 5", (2, 3), "'==' is unexpected; an operator", "write ="),
        ("amount_spent <> 5", (1, 14), "'<>' is unexpected; an operator", "write !="),
        ("amount_spent > 5 && rfm_group = 'NEW'", (1, 18), "'&&' is unexpected", "write AND"),
        ("amount_spent > 1,000", (1, 17), "',' is unexpected", "numbers have no thousand separators"),
        ("amount_spent > 50%", (1, 16), "'50%' is unexpected; a value", "numbers are written 1234.5"),
        ("amount_spent > ٣", (1, 16), "'٣' is unexpected; a value", "numbers are written"),
        ("amount_spent > $50", (1, 16), "'$' is unexpected; a value", ""),
        ("last_order_date BETWEEN 1pm AND 3pm", (1, 25), "'1pm' is unexpected; a value", "numbers are written"),
        ("last_order_date = 2026-1-5", (1, 19), "'2026-1-5' is unexpected; a value", "numbers are written"),
        ("customer_tags CONTAINS “vip”", (1, 24), "'“' is unexpected; a value", "texts stand in straight single"),
        ('customer_tags CONTAINS "vip"', (1, 24), "'\"' is unexpected; a value", "texts stand in straight single"),
        (r"customer_tags CONTAINS 'it\'s", (1, 24), "the quote opened here is never closed", "a quote inside a text"),
        ("customer_tags CONTAIN 'vip'", (1, 15), "'CONTAIN' is unexpected", "did you mean CONTAINS?"),
        ("products_purchased NOT_MATCHES ()", (1, 20), "'NOT_MATCHES' is unexpected", "write NOT MATCHES"),
        ("customer_tags STARTS 'v'", (1, 22), "''v'' is unexpected; WITH was expected", ""),
        ("customer_tags IS 'v'", (1, 18), "''v'' is unexpected; NULL was expected", ""),
        ("AND amount_spent > 5", (1, 1), "'AND' is unexpected; the name of a filter or parameter", ""),
        ("orders_placed MATCHES date > 5", (1, 23), "'date' is unexpected; '(' was expected", ""),
        ("products_purchased(id = 5) = true", (1, 23), "'=' is unexpected; ':' was expected", ""),
        ("amount_spent > 5 amount_spent < 9", (1, 18), "'amount_spent' is unexpected; AND or OR or the end", ""),
        (f"amount_spent = '{'x' * 60}' 5", (1, 79), "'5' is unexpected", ""),
        (f"amount_spent > {'x' * 60} y", (1, 77), "'y' is unexpected", ""),
    ],
)
def test_where_reading_ends_is_told(query: str, place: tuple[int, int], message: str, suggestion: str) -> None:
    problem = _problems(query)[0]
    assert (problem.line, problem.column) == place
    assert problem.message.startswith(message)
    assert problem.suggestion.startswith(suggestion)


def test_a_long_word_is_cut_in_the_message() -> None:
    (problem,) = [each for each in _problems(f"amount_spent > 5 {'x' * 99}") if "unexpected" in each.message]
    assert f"'{'x' * 39}…' is unexpected" in problem.message
    (problem,) = _problems(f"customer_language = {'x' * 99}")
    assert problem.message.startswith(f"{'x' * 39}… is not a text")


def test_shopifys_own_example_gives_both_of_its_problems() -> None:
    found = _problems("not a valid query ???")
    assert [(each.column, each.message.split(";")[0]) for each in found] == [
        (5, "'a' filter cannot be found"),
        (7, "'valid' is unexpected"),
    ]


def test_all_problems_of_a_query_are_told_at_once() -> None:
    query = """total_spent > 5 AND
    customer_tags = 'vip' OR orders_placed MATCHES (dat > 1, count > 'x') AND last_order_date BETWEEN 1 AND 2
    AND NOT (rfm_group == 'NEW' OR number_of_orders >> 5 OR city = 'x' OR
    products_purchased MATCHES (id IN (1, 2), date >= 5pm"""
    places = [(each.line, each.column) for each in _problems(query)]
    assert places == sorted(places)
    assert places == [
        (1, 1),
        (2, 19),
        (2, 53),
        (2, 70),
        (2, 103),
        (2, 109),
        (3, 24),
        (3, 53),
        (3, 61),
        (4, 55),
    ]


def test_an_error_is_shown_below_its_line_with_a_caret() -> None:
    with pytest.raises(RuleError) as caught:
        parse("number_of_orders > 1\nAND total_spent > 5")
    assert caught.value.show() == (
        "line 2 column 5: 'total_spent' filter cannot be found; did you mean amount_spent?\n"
        "    AND total_spent > 5\n"
        "        ^^^^^^^^^^^"
    )
    assert str(caught.value) == caught.value.show().split("\n")[0]
    assert isinstance(caught.value, SyncdError)


def test_the_caret_stays_below_its_word_after_wide_and_odd_characters() -> None:
    with pytest.raises(RuleError) as caught:
        parse("customer_tags CONTAINS '日本\tu\u0308' AND total = 5")
    line, caret = caught.value.show().split("\n")[1:]
    assert line == "    customer_tags CONTAINS '日本 u\u0308' AND total = 5"
    # two columns more for the wide characters, one less for the combining one
    assert caret.index("^") == line.index("total") + 2 - 1


def test_a_long_line_is_shown_around_the_place() -> None:
    query = " OR ".join(["number_of_orders = 1"] * 50 + ["total = 5"] + ["number_of_orders = 1"] * 50)
    with pytest.raises(RuleError) as caught:
        parse(query)
    line, caret = caught.value.show().split("\n")[1:]
    assert line.strip().startswith("…")
    assert line.endswith("…")
    assert len(line) < 110
    assert line[caret.index("^") :].startswith("total")


@pytest.mark.parametrize(
    ("query", "place", "message"),
    [
        ("(" * 2000 + "number_of_orders = 1" + ")" * 2000, (1, 41), "parentheses are nested more than 40 deep"),
        ("NOT (" * 2000 + "number_of_orders = 1" + ")" * 2000, (1, 205), "parentheses are nested more than 40 deep"),
        (
            "number_of_orders = 1 OR " * 45_000,
            (1, 50_001),
            "the query has 1,080,000 characters; at most 50,000 are read",
        ),
        ("NOT " * 2000 + "number_of_orders = 1", (1, 161), "NOTs follow each other more than 40 deep"),
        (
            "(number_of_orders = 1 AND (number_of_orders = 2 OR " * 7 + "number_of_orders = 3" + "))" * 7,
            (1, 28),
            "AND and OR are nested more than 12 deep",
        ),
        ("x" * 2**20, (1, 50_001), "the query has 1,048,576 characters; at most 50,000 are read"),
        ("\n" * 60_000, (50_001, 1), "the query has 60,000 characters; at most 50,000 are read"),
        ("?" * 50_000, (1, 6_001), "the query has 50,000 words and signs; at most 6,000 are read"),
        (" OR ".join(["number_of_orders = 1"] * 251), (1, 1), "the query has 251 clauses; at most 250 are read"),
        (" OR ".join(["numbers_of_orders = 1"] * 1251), (1, 1), "the query has 1,251 clauses; at most 250 are read"),
        (
            f"products_purchased MATCHES (id IN ({', '.join(['1'] * 1001)}))",
            (1, 3036),
            "a list has at most 1,000 values here",
        ),
        (f"number_of_orders IN ({', '.join(['1'] * 51)})", (1, 172), "a list has at most 50 values here"),
    ],
)
def test_what_is_too_large_is_refused_before_it_can_do_harm(query: str, place: tuple[int, int], message: str) -> None:
    (problem,) = _problems(query)
    assert (problem.line, problem.column) == place
    assert problem.message == message
    assert problem.suggestion


def test_problems_of_one_place_are_told_once_and_in_order() -> None:
    twice = RuleProblem(2, 1, "b")
    error = RuleError([twice, twice, RuleProblem(1, 5, "a", "c")], "one\ntwo")
    assert [str(each) for each in error.problems] == ["line 1 column 5: a; c", "line 2 column 1: b"]
