"""The page: self-contained, escaped, locked down, with a table that is one."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from syncd.reports import page
from syncd.reports.answer import Answer, Column, Plot
from tests.support.answers import PEOPLE, answer, many

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Reader(HTMLParser):
    """Reads a page: its tags with their attributes, its words, and whether every tag is closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]


def text_of(it: Answer, locale: str = "en") -> str:
    return "".join(page.lines(it, locale))


def read(it: Answer, locale: str = "en") -> Reader:
    reader = Reader(text_of(it, locale))
    assert reader.open == []
    return reader


def test_the_page_asks_nothing_of_any_network() -> None:
    text = text_of(answer())

    assert not re.search(r"https?:|src=|url\(|@import|<link|<img", text)


def test_only_the_pages_own_style_and_script_are_allowed() -> None:
    text = text_of(answer())
    policy = next(it["content"] for it in read(answer()).all("meta") if "http-equiv" in it)

    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert " style=" not in text
    assert " onclick=" not in text


def test_whatever_somebody_calls_themselves_is_text() -> None:
    evil = '<script>alert("x")</script>&"\''
    rows = [(1, evil, (), 1, 1, None, None), (2, evil, (), 1, 1, None, None)]
    reader = read(answer(title=evil, rows=rows, notes=(evil,), stores=(evil,), totals=None))

    assert len(reader.all("script")) == 1
    assert reader.words.count(evil) == 1 + 1 + 1 + 2 + 2  # title, heading, note, bars, table


def test_a_columns_title_cannot_leave_the_style() -> None:
    columns = (Column("x", '"}</style><b>', "text"), *PEOPLE[1:])

    assert len(read(answer(columns=columns, rows=[("a", "b", (), 1, 1, None, None)])).all("b")) == 0


def test_the_table_has_a_heading_for_each_column_and_a_line_of_totals() -> None:
    reader = read(answer())

    assert [it["scope"] for it in reader.all("th")] == ["col"] * len(PEOPLE)
    assert {"thead", "tbody", "tfoot"} <= {name for name, _ in reader.tags}
    assert "total" in reader.words
    assert "guest" in reader.words


@pytest.mark.parametrize(
    ("locale", "amount"), [("en_US", "€1,234.56"), ("de_DE", "1.234,56\xa0€"), ("fr_FR", "1\u202f234,56\xa0€")]
)
def test_money_is_written_as_in_the_shops_country(locale: str, amount: str) -> None:
    assert read(answer(), locale).words.count(amount) == 2  # bar and cell


def test_cells_that_sort_otherwise_than_they_read_say_by_what() -> None:
    assert "123456" in [it.get("data-v") for it in read(answer()).all("td")]


def test_nobody_is_said_kindly_and_no_script_is_there() -> None:
    reader = read(answer(rows=[], size=0, totals=None, empty="Nobody yet. Try a longer time."))

    assert "Nobody yet. Try a longer time." in reader.words
    assert reader.all("table") == reader.all("script") == reader.all("figure") == []


def test_a_limit_is_told() -> None:
    assert "2 of 1,234 rows; the totals are of all." in read(answer(size=1234)).words


def test_bars_are_as_long_as_their_values() -> None:
    rects = [it for it in read(answer()).all("rect") if it.get("class") == "c0" and "y" in it]

    assert [it["width"] for it in rects] == ["100.00%", "0.00%"]


def test_only_the_first_rows_are_bars_and_all_are_in_the_table() -> None:
    reader = read(many(40))

    assert len([it for it in reader.all("rect") if "y" in it]) == 30
    assert len(reader.all("tr")) == 40 + 2


def test_a_line_goes_along_the_rows() -> None:
    columns = (Column("month", "month", "text"), Column("size", "members", "count"))
    rows = [("2026-09", 0), ("2026-10", 5), ("2026-11", 10)]
    it = answer(columns=columns, rows=rows, totals=None, size=3, plot=Plot("line", "month", ("size",)))

    assert [path["d"] for path in read(it).all("path") if path["class"].endswith("run")] == [
        "M0.00 100.00L50.00 50.00L100.00 0.00"
    ]


def test_days_stand_where_the_calendar_has_them() -> None:
    columns = (Column("day", "day", "day"), Column("size", "members", "count"))
    rows = [(date(2026, 11, 1), 10), (date(2026, 11, 2), 10), (date(2026, 11, 11), 5)]
    it = answer(columns=columns, rows=rows, totals=None, size=3, plot=Plot("line", "day", ("size",)))

    assert [path["d"] for path in read(it).all("path") if path["class"].endswith("run")] == [
        "M0.00 0.00L10.00 0.00L100.00 50.00"
    ]


def test_a_grid_shades_its_shares() -> None:
    columns = (Column("month", "month", "text"), *(Column(f"m{at}", f"+{at}", "share") for at in range(3)))
    it = answer(
        columns=columns,
        rows=[("2026-09", 1.0, 0.05, None)],
        totals=None,
        plot=Plot("grid", "month", ("m0", "m1", "m2")),
    )

    assert [cell["class"] for cell in read(it).all("td")] == ["t w", "n s5", "n s2", "n"]


@pytest.mark.parametrize("value", [None, 0, -5])
def test_nothing_to_compare_is_drawn_as_nothing(value: int | None) -> None:
    rows = [(1, "a", (), 1, value, None, None), (2, "b", (), 1, value, None, None)]

    rects = [it for it in read(answer(rows=rows, totals=None)).all("rect") if "y" in it]

    assert {it["width"] for it in rects} == {"0.00%"}
