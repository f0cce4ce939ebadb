"""Numbers, ages and moments as people read them."""

from __future__ import annotations

import pytest

from syncd.cli import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0.0 s"),
        (0.44, "0.4 s"),
        (12.6, "13 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_a_time_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert words.lasting(seconds) == text


@pytest.mark.parametrize(("age", "text"), [(None, "never"), (3, "just now"), (600, "10 min ago")])
def test_an_age_is_told(age: int | None, text: str) -> None:
    assert words.ago(age) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 people"), (1, "1 person"), (2000, "2,000 people")])
def test_people_are_counted(count: int, text: str) -> None:
    assert words.people(count) == text


@pytest.mark.parametrize(
    ("given", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_in_a_sentence(given: list[str], text: str) -> None:
    assert words.listed(given) == text


def test_a_moment_is_told_in_utc() -> None:
    assert words.moment(1_795_248_000) == "2026-11-21 08:00"
    assert words.moment(None) == ""
