"""How answers are shown: tables that fit, files that are whole, one form at a time."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from syncd.cli.answers import Form, form, show
from syncd.cli.failing import UsageError
from syncd.cli.session import Session
from syncd.reports.answer import Column, Plot
from tests.support.answers import PEOPLE, ROWS, TOTALS, answer, many


class Terminal(io.StringIO):
    """A terminal of so many columns."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def session() -> Session:
    return Session()


def shown(session: Session, terminal: io.StringIO, **more: object) -> str:
    session.screen.out = terminal
    session.screen.terminal = terminal.isatty()
    show(session, answer(**more), Form(), ["Europe/Berlin"])
    return terminal.getvalue()


def test_a_table_has_its_money_at_the_right_and_its_totals_below(session: Session) -> None:
    lines = shown(session, io.StringIO()).splitlines()

    assert lines == [
        "Leaderboard by amount spent",
        "2026-10-01 to 2026-10-31 · main · EUR",
        "",
        "rank  email               customer    orders       spent  last order   share",
        "   1  ada@shop.example    7001, 7002   1.234  1.234,56\xa0€  2026-10-31  12,5\xa0%",
        "   2  guest@shop.example  guest            3      0,05\xa0€",
        "      total                            1.237  1.234,61\xa0€",
        "",
        "3 people share place 2.",
    ]


def test_a_limit_is_told_in_the_numbers_of_the_country(session: Session) -> None:
    assert "2 of 1.234 rows; the totals are of all; --limit shows more" in shown(session, io.StringIO(), size=1234)


def test_nobody_is_said_kindly(session: Session) -> None:
    text = shown(session, io.StringIO(), rows=[], size=0, totals=None, empty="Nobody yet. Try a longer time.")

    assert text.splitlines()[3:] == ["Nobody yet. Try a longer time.", "3 people share place 2."]


@pytest.mark.parametrize(
    ("width", "there", "gone"),
    [
        (120, ["customer", "last order", "share", "orders", "spent"], []),
        (64, ["last order", "share", "orders", "spent"], ["customer"]),
        (44, ["rank", "email", "orders", "spent"], ["customer", "last order", "share"]),
        (32, ["rank", "email", "spent"], ["customer", "last order", "orders", "share"]),
    ],
)
def test_a_narrow_terminal_leaves_out_what_matters_least_and_says_so(
    width: int, there: list[str], gone: list[str], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = shown(session, Terminal())
    heading = next((line for line in text.splitlines() if "rank" in line), "")

    assert all(title.split()[0] in heading for title in there)
    assert not any(title in heading for title in gone)
    assert ("Left out on a narrow screen" in " ".join(text.split())) == bool(gone)


def test_a_long_name_does_not_push_the_other_columns_out(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    columns = (*PEOPLE, Column("name", "name", "text"))
    rows = [(*row, name) for row, name in zip(ROWS, ["x" * 300, "Bo"], strict=True)]
    text = shown(session, Terminal(), columns=columns, rows=rows, totals=(*TOTALS, None))
    heading = next(line for line in text.splitlines() if "rank" in line)

    assert all(column.title in heading for column in columns)
    assert text.count("x" * 10) > 1


def test_a_narrow_terminal_shows_the_first_months_of_each_cohort(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    months = [Column(f"month_{after}", f"+{after}", "share") for after in range(1, 13)]
    columns = (Column("cohort", "first order in", "text"), Column("customers", "customers", "count"), *months)
    plot = Plot("grid", "cohort", tuple(it.name for it in months))
    text = shown(
        session, Terminal(), columns=columns, plot=plot, rows=[("2026-01", 1_234, *[0.5] * 12)], size=1, totals=None
    )
    heading = next(line for line in text.splitlines() if "first order in" in line)

    assert "2026-01" in text
    assert all(title in heading for title in ("customers", "+1", "+2", "+3"))
    assert not any(title in heading for title in ("+10", "+11", "+12"))
    assert "Left out on a narrow screen" in " ".join(text.split())


def test_a_screen_is_spared_more_rows_than_anybody_reads(session: Session) -> None:
    out = io.StringIO()
    session.screen.out = out
    show(session, many(3_000), Form(), ["Europe/Berlin"])

    assert out.getvalue().count("@shop.example") == 1_000
    assert "1.000 of 3.000 rows" in out.getvalue()


def test_json_is_one_document() -> None:
    session = Session(json=True)
    session.screen.out = io.StringIO()
    show(session, answer(), Form(), ["Europe/Berlin"])

    assert json.loads(session.screen.out.getvalue())["rows"][0]["amount"] == "1234.56"


def test_csv_is_printed(session: Session) -> None:
    session.screen.out = io.StringIO(newline="")
    show(session, answer(), Form(csv=True), ["Europe/Berlin"])

    assert session.screen.out.getvalue().startswith("rank,email,")


def test_a_page_and_a_parquet_file_are_written(session: Session, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs pyarrow, the extra syncd[parquet]")
    page, parquet = tmp_path / "report.html", tmp_path / "report.parquet"
    show(session, answer(), Form(html=str(page)), ["Europe/Berlin"])
    show(session, answer(), Form(parquet=str(parquet)), ["Europe/Berlin"])

    assert page.read_text(encoding="utf-8").endswith("</html>\n")
    assert parquet.read_bytes()[-4:] == b"PAR1"


def test_a_page_can_be_printed(session: Session, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show(session, answer(), Form(html="-"), ["Europe/Berlin"])

    assert capfdbinary.readouterr().out.startswith(b"<!DOCTYPE html>")


def test_one_form_at_a_time_is_given(session: Session) -> None:
    with pytest.raises(UsageError, match="not --csv and --html"):
        form(session, csv=True, html="a.html", parquet=None)
    with pytest.raises(UsageError, match="not --json, --csv and --parquet"):
        form(Session(json=True), csv=True, html=None, parquet="-")


def test_a_form_is_none_or_one(session: Session) -> None:
    assert form(session, csv=False, html=None, parquet=None) == Form()
    assert form(session, csv=False, html="-", parquet=None) == Form(html="-")
