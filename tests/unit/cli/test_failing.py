"""From an error to words, to a document, to an exit code."""

from __future__ import annotations

import io

import pytest

from syncd.cli import failing
from syncd.cli.screen import Screen
from syncd.errors import (
    ConfigError,
    CredentialsError,
    FatalError,
    Problem,
    RetriableError,
    SkippableError,
    UnsafePlanError,
)

PROBLEM = Problem(
    "syncd.toml", 12, "segments.vip.query", "no such filter\n    amount_spend > 1\n    ^^^^", "did you mean …?"
)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ConfigError([PROBLEM]), "settings", 2),
        (failing.UsageError("no such run"), "usage", 2),
        (UnsafePlanError("another plan"), "held", 3),
        (CredentialsError("no"), "credentials", 4),
        (RetriableError("later"), "connection", 4),
        (FatalError("no"), "failed", 1),
        (SkippableError("no"), "failed", 1),
        (ZeroDivisionError("secret words"), "unexpected", 1),
    ],
)
def test_each_error_has_its_kind_and_its_code(error: Exception, kind: str, code: int) -> None:
    assert failing.kind_and_code(error) == (kind, code)
    told = failing.document(error)["error"]
    assert (told["kind"], told["exit"]) == (kind, code)


def test_an_unforeseen_error_is_told_without_its_words() -> None:
    told = str(failing.document(ZeroDivisionError("anna@example.com")))
    assert "anna" not in told
    assert "ZeroDivisionError" in told
    assert "--verbose" in told


def test_a_problem_of_the_settings_is_told_with_its_place_its_picture_and_its_mend() -> None:
    out = io.StringIO()
    failing.tell(ConfigError([PROBLEM]), Screen(out))
    assert out.getvalue().splitlines() == [
        "syncd.toml:12: segments.vip.query: no such filter",
        "    amount_spend > 1",
        "    ^^^^",
        "    did you mean …?",
    ]


def test_an_error_is_told_with_what_to_do_next() -> None:
    out = io.StringIO()
    failing.tell(FatalError("the disk is full", hint="free some space"), Screen(out))
    assert out.getvalue() == "syncd: the disk is full\n  free some space\n"
