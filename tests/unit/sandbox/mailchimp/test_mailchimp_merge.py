"""The audience's own fields: what is complete and well formed."""

from __future__ import annotations

import pytest

from connectors.sandbox.mailchimp import MergeField, merge
from connectors.sandbox.mailchimp.problems import Problem

WHOLE = {"addr1": "1 Road", "city": "Town", "state": "ON", "zip": "K1A"}


def errors(field, stored, sent, *, skip=False):
    try:
        merge.check((field,), stored, sent, skip=skip)
    except Problem as problem:
        return [message for _, message in problem.errors]
    return []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "anything", None),
        ("number", 12.5, "AAAAA"),
        ("number", "12.5", [1]),
        ("address", WHOLE, {**WHOLE, "zip": " "}),
        ("address", WHOLE | {"country": "CA", "addr2": ""}, {"street": "1 Road"}),
        ("address", WHOLE, "1 Road"),
        ("date", "2026-11-21", "21.11.2026"),
        ("date", "11/21/2026", 20261121),
        ("birthday", "02/29", "31/12"),
        ("url", "https://shop.example/a", "shop"),
        ("imageurl", "http://shop.example/a.png", "a.png"),
    ],
)
def test_each_type_takes_its_form(kind, good, bad):
    field = MergeField(tag="X", type=kind)
    assert errors(field, {}, {"X": good}) == []
    assert bad is None or len(errors(field, {}, {"X": bad})) == 1


@pytest.mark.parametrize("nothing", [{}, {"X": ""}, {"X": None}])
def test_nothing_is_wrong_only_where_something_is_required(nothing):
    assert errors(MergeField(tag="X", type="number"), {}, nothing) == []
    assert errors(MergeField(tag="X", required=True), {}, nothing) == ["Please enter a value"]
    assert errors(MergeField(tag="X", required=True), {}, nothing, skip=True) == []


def test_what_is_stored_satisfies_what_is_required():
    assert errors(MergeField(tag="X", required=True), {"X": "there"}, {}) == []


def test_what_is_stored_is_looked_at_unless_validation_is_skipped():
    field = MergeField(tag="X", type="number")
    assert errors(field, {"X": "bad"}, {}) == ["Please enter a number"]
    assert errors(field, {"X": "bad"}, {}, skip=True) == []
    assert errors(field, {"X": "bad"}, {"X": "bad"}, skip=True) == ["Please enter a number"]


def test_choices_are_kept_to():
    field = MergeField(tag="X", type="dropdown", choices=("a", "b"))
    assert errors(field, {}, {"X": "a"}) == []
    assert errors(field, {}, {"X": "c"}) == ["Please select one of the choices"]


def test_only_the_audiences_fields_are_kept():
    assert merge.stored((MergeField(tag="X"),), {"X": 1, "Y": 2}) == {"X": 1}
