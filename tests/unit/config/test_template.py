"""The file that `syncd init` writes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from syncd.config.template import STARTERS, Account, Answers, questions, starter, template


def test_it_loads_as_it_stands(load_text: Any, connectors: dict[str, Any]) -> None:
    text = template(Answers(Account("shop", "main"), Account("list", "newsletter")), connectors)
    settings = load_text(text, environ={}, offline=True)
    assert list(settings.stores) == ["main"]
    assert list(settings.audiences) == ["newsletter"]
    assert [segment.audiences for segment in settings.segments.values()] == [("newsletter",)] * 3
    assert settings.warnings == ()


def test_without_an_audience_segments_are_only_tags_in_the_store(load_text: Any, connectors: dict[str, Any]) -> None:
    settings = load_text(template(Answers(Account("shop", "main")), connectors), environ={}, offline=True)
    assert dict(settings.audiences) == {}
    assert [segment.tag for segment in settings.segments.values()] == [each.tag for each in STARTERS]


def test_answers_stand_in_it_however_they_are_spelt(connectors: dict[str, Any]) -> None:
    odd = 'a "quoted" \\ ünïcode\tname'
    store = Account("shop", "my-store", {"shop": odd, "version": "3", "app_secret": {"file": "secret"}})
    (name, table), *_ = tomllib.loads(template(Answers(store), connectors))["stores"].items()
    assert name == "my-store"
    assert (table["shop"], table["version"], table["app_secret"]) == (odd, "3", {"file": "secret"})


def test_a_table_begins_with_what_is_required_and_the_secrets_that_go_together(connectors: dict[str, Any]) -> None:
    assert starter("shop", connectors["shop"]) == {
        "shop": "my-shop",
        "app": {"env": "SHOP_APP"},
        "app_secret": {"env": "SHOP_APP_SECRET"},
    }
    assert starter("list", connectors["list"]) == {"list": "abc", "key": {"env": "LIST_KEY"}}


def test_only_what_is_required_and_no_secret_is_asked_for(connectors: dict[str, Any]) -> None:
    (question,) = questions("shop", connectors["shop"])
    assert (question.key, question.text, question.example) == ("shop", "The shop's short name", "my-shop")
    assert [each.key for each in questions("list", connectors["list"])] == ["list"]


@pytest.mark.parametrize("line_length", [120])
def test_no_line_is_too_long_for_a_screen(connectors: dict[str, Any], line_length: int) -> None:
    text = template(Answers(Account("shop", "main"), Account("list", "newsletter")), connectors)
    assert max(len(line) for line in text.splitlines()) <= line_length
