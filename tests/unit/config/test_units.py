"""Shares, durations, cron lines, names and labels."""

from __future__ import annotations

from fractions import Fraction

import pytest

from syncd.config.units import (
    Share,
    WrongError,
    check_name,
    parse_cron,
    parse_duration,
    parse_label,
    parse_share,
    parse_top,
    shown,
)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("2d", 172_800), (" 5 m ", 300)])
def test_a_duration_is_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("value", ["5", "m", "0m", "-5m", "5 min", "1.5h", "٣m", "", 300, None, True])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(WrongError, match="is not a duration"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("text", "fraction", "again"),
    [
        ("30%", Fraction(3, 10), "30%"),
        ("0%", Fraction(0), "0%"),
        ("100%", Fraction(1), "100%"),
        ("12.50 %", Fraction(1, 8), "12.5%"),
    ],
)
def test_a_share_is_exact_and_printed_as_it_was_written(text: str, fraction: Fraction, again: str) -> None:
    share = parse_share(text)
    assert share.fraction == fraction
    assert str(share) == again
    assert parse_share(share) is share


@pytest.mark.parametrize("value", ["30", "-1%", "101%", "1e2%", "", 0.3, 30, None])
def test_what_is_no_share_is_refused(value: object) -> None:
    with pytest.raises(WrongError, match="is not a percentage"):
        parse_share(value)


def test_the_size_of_a_rank_is_people_or_a_share() -> None:
    assert parse_top(50) == 50
    assert parse_top("10%") == parse_share("10%")
    assert isinstance(parse_top("10%"), Share)


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "0%", [], "ten"])
def test_a_rank_of_nobody_is_refused(value: object) -> None:
    with pytest.raises(WrongError):
        parse_top(value)


@pytest.mark.parametrize(
    "line",
    ["0 3 * * *", "*/5 * * * *", "0 8-18/2 * * mon-fri", "0,30 0 1,15 jan,jul *", "0 0 * * 7", "0  0 * * SUN"],
)
def test_a_cron_line_is_taken(line: str) -> None:
    assert parse_cron(line) == " ".join(line.lower().split())


@pytest.mark.parametrize(
    "line",
    [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
        "1-2-3 * * * *", "*/0 * * * *", "*/x * * * *", "a * * * *", "1, * * * *", "mon * * * *", "@daily", 5, None,
    ],
)  # fmt: skip
def test_what_is_no_cron_line_is_refused(line: object) -> None:
    with pytest.raises(WrongError):
        parse_cron(line)


@pytest.mark.parametrize("name", ["a", "main", "vip-2026", "0_x", "x" * 64])
def test_a_good_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "-x", "_x", "Main", "é", "a b", "a.b", "x" * 65, "a\n"])
def test_a_bad_name_is_told_what_is_allowed(name: str) -> None:
    with pytest.raises(WrongError) as caught:
        check_name(name)
    assert "small letters" in caught.value.fix


@pytest.mark.parametrize("label", ["vip", "VIP Canada", "größte-kunden", "a;b:c", "🎁 gifts"])
def test_a_label_is_kept_as_it_was_written(label: str) -> None:
    assert parse_label(label) == label


@pytest.mark.parametrize("label", ["", " ", " vip", "vip ", "a,b", "a\nb", "a\tb", "a\u200bb", 5, None])
def test_a_label_that_no_service_would_keep_is_refused(label: object) -> None:
    with pytest.raises(WrongError):
        parse_label(label)


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    assert shown("x" * 100) == "'" + "x" * 56 + "…"
    assert shown(value=True) == "true"
