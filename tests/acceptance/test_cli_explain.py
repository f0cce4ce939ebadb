"""`syncd explain`, `history` and `test`, as a merchant types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.place import Place

SEGMENTS = """
[segments.repeat-buyers]
title = "Two orders or more, the last within half a year"
query = "number_of_orders >= 2 AND last_order_date >= -180d"
tag = "repeat-buyer"
audiences = ["newsletter"]

[segments.berlin]
query = "customer_cities CONTAINS 'DE-Berlin' OR customer_tags CONTAINS 'berliner'"

[[tests]]
name = "came back last week"
in = ["repeat-buyers"]
orders = [{ date = "-300d" }, { date = "-7d" }]
"""


@pytest.fixture
def synced(place: Place) -> Place:
    """Everything was synced once, and everybody's tags are where they should be."""
    place.settings(SEGMENTS)
    ended = place.run("sync", "--yes", "--json")
    assert ended.code == 0, ended.err
    return place


def members(place: Place, segment: str = "repeat-buyers") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.run("members", segment, "--json").json["members"]
    return found


def member(place: Place) -> dict[str, Any]:
    return next(it for it in members(place) if it["email"])


def test_explain_says_member_of_members_and_of_nobody_else(synced: Place) -> None:
    inside = {it["customer_id"] for it in members(synced)}
    everybody = [it for it in synced.dump() if it["kind"] == "customer"]
    outside = next(it["id"] for it in everybody if it["id"] not in inside)
    for number in (min(inside), outside):
        told = synced.run("explain", str(number), "repeat-buyers", "--json")
        assert (told.code, told.json["segment"], told.json["member"]) == (0, "repeat-buyers", number in inside)
        first, second = told.json["clauses"]
        assert first["text"] == "number_of_orders >= 2"
        assert told.json["member"] is (first["holds"] and second["holds"])


def test_explain_tells_the_day_on_which_a_member_leaves(synced: Place) -> None:
    told = synced.run("explain", member(synced)["email"], "repeat-buyers", "--json").json
    ordered = datetime.fromisoformat(told["clauses"][1]["value"]).date()
    leaves = ordered + timedelta(days=181)
    assert told["changes_at"] == leaves.isoformat()
    for day, inside in ((leaves - timedelta(days=1), True), (leaves, False)):
        noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=18)
        then = synced.run("explain", member(synced)["email"], "repeat-buyers", "--json", SYNCD_NOW=noon.isoformat())
        assert then.json["member"] is inside


def test_explain_of_all_segments_has_one_entry_for_each(synced: Place) -> None:
    email = member(synced)["email"]
    told = synced.run("explain", f" {email.upper()} ", "--json").json
    assert told["person"] == email.lower()
    assert [it["segment"] for it in told["segments"]] == ["repeat-buyers", "berlin"] * len(told["records"])
    assert {it["store"] for it in told["segments"]} == {"main"}


def test_explain_tells_where_the_tags_are(synced: Place) -> None:
    in_store, in_audience = synced.run("explain", member(synced)["email"], "repeat-buyers", "--json").json["labels"]
    assert (in_store["target"], in_store["there"], in_store["ours"], in_store["why"]) == ("main", True, True, "")
    assert in_audience["target"] == "newsletter"
    assert in_audience["there"] or in_audience["why"]


def test_explain_shows_the_clauses_in_the_shape_of_the_query(synced: Place) -> None:
    email = member(synced)["email"]
    told = synced.run("explain", email, "berlin")
    assert told.code == 0
    assert f"{email.lower()} is " in told.out
    assert "at least one of these:" in told.out
    assert "customer_tags CONTAINS 'berliner'" in told.out
    assert "Time alone does not change this within three years." in told.out
    overview = synced.run("explain", email)
    assert "repeat-buyers" in overview.out
    assert f"syncd explain {email.lower()} repeat-buyers" in overview.out


def test_explain_sends_no_request_and_changes_nothing(synced: Place) -> None:
    before = synced.control("/calls")
    kept = (synced.folder / "syncd.db").read_bytes()
    synced.run("explain", member(synced)["email"])
    synced.run("history", member(synced)["email"])
    assert synced.control("/calls") == before
    assert (synced.folder / "syncd.db").read_bytes() == kept


def test_history_tells_entering_and_every_write(synced: Place) -> None:
    person = member(synced)
    told = synced.run("history", person["email"], "--json").json
    entered = next(it for it in told["events"] if it["what"] == "entered" and it["segment"] == "repeat-buyers")
    tagged = next(it for it in told["events"] if it["what"] == "add" and it["target"] == "main")
    assert (entered["run"], entered["customer_id"]) == (1, person["customer_id"])
    assert (tagged["label"], tagged["state"], tagged["subject"]) == (
        "repeat-buyer",
        "applied",
        str(person["customer_id"]),
    )
    assert told["events"] == sorted(told["events"], key=lambda it: it["run"])
    shown = synced.run("history", str(person["customer_id"])).out
    assert "repeat-buyer at main" in shown
    assert "entered" in shown


def test_whom_the_store_deleted_is_known_to_nobody_after_the_next_run(synced: Place) -> None:
    person = member(synced)
    synced.control(f"/shops/main/customers/{person['customer_id']}", None, "DELETE")
    synced.control("/advance", {"days": 1})
    assert synced.run("sync", "--json").code == 0
    for command in ("history", "explain", "show"):
        assert synced.run(command, str(person["customer_id"])).code == 1


@pytest.mark.parametrize("command", ["explain", "history"])
def test_somebody_unknown_is_told_kindly_without_repeating_who(synced: Place, command: str) -> None:
    told = synced.run(command, "nobody@nowhere.example")
    assert told.code == 1
    assert told.err.startswith("syncd: no customer of main has that address, as of the last sync\n")
    assert "nobody" not in told.err
    told = synced.run(command, "12345", "--json")
    assert (told.code, told.json["error"]["kind"]) == (1, "failed")
    assert "that id" in told.json["error"]["message"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["explain", "ada"], "an e-mail address or by a customer's id"),
        (["history", "ada lovelace"], "an e-mail address or by a customer's id"),
        (["explain", "a@b.example", "repeat-byers"], "did you mean repeat-buyers?"),
        (["explain", "a@b.example", "--store", "mainn"], "did you mean main?"),
        (["history", "a@b.example", "--store", "mainn"], "did you mean main?"),
    ],
)
def test_what_was_typed_wrong_is_told(synced: Place, typed: list[str], said: str) -> None:
    told = synced.run(*typed)
    assert told.code == 2
    assert said in told.err


@pytest.mark.parametrize("command", ["explain", "history"])
def test_before_the_first_sync_nobody_is_known_and_no_mirror_is_made(place: Place, command: str) -> None:
    told = place.run(command, "ada@x.example")
    assert (told.code, "nothing was synced yet" in told.err) == (1, True)
    assert not (place.folder / "syncd.db").exists()


def test_test_passes_without_store_mirror_or_secret(place: Place) -> None:
    place.settings(SEGMENTS)
    token = json.dumps(place.services["stores"]["main"]["access_token"])
    place.file.write_text(place.file.read_text().replace(token, '{ env = "NOT_SET" }'))
    told = place.run("test")
    assert (told.code, told.out) == (0, "✓ came back last week\n\n1 test passed\n")
    calls = place.control("/calls")
    assert (calls["reads"], calls["writes"]) == (0, 0)
    assert not (place.folder / "syncd.db").exists()


def test_test_shows_what_decided_where_a_person_is_not_where_they_should_be(place: Place) -> None:
    place.settings(SEGMENTS.replace("-7d", "-190d"))
    told = place.run("test")
    assert told.code == 1
    line = place.file.read_text().splitlines().index("[[tests]]") + 1
    assert f"✗ came back last week  syncd.toml:{line}" in told.out
    assert "should be in repeat-buyers on" in told.out
    assert "→  ✗    last_order_date >= -180d" in told.out
    assert told.out.endswith("\n0 tests passed, 1 failed\n")
    document = place.run("test", "--json")
    assert (document.code, document.json["passed"], document.json["failed"]) == (1, 0, 1)
    (tried,) = document.json["tests"]
    assert (tried["ok"], tried["line"]) == (False, line)
    assert [(it["segment"], it["expected"], it["member"]) for it in tried["expectations"]] == [
        ("repeat-buyers", True, False)
    ]


def test_test_goes_by_the_day(place: Place) -> None:
    person = 'in = ["repeat-buyers"]\norders = [{ date = "2026-11-01" }, { date = "2026-01-01" }]\n'
    place.settings(SEGMENTS.partition("[[tests]]")[0] + "[[tests]]\n" + person)
    assert place.run("test", SYNCD_NOW="2027-04-30T12:00:00Z").code == 0
    assert place.run("test", SYNCD_NOW="2027-05-01T12:00:00Z").code == 1


def test_test_takes_other_files_and_files_of_tests_alone(place: Place) -> None:
    place.settings(SEGMENTS)
    people = place.folder / "people.toml"
    people.write_text('[[tests]]\nname = "from Berlin"\nin = ["berlin"]\ncountry = "DE"\ncity = "Berlin"\n')
    other = place.folder / "other.toml"
    other.write_text(place.file.read_text().replace("came back last week", "in the other file"))
    told = place.run("test", "people.toml", "other.toml")
    assert (told.code, told.out) == (0, "✓ from Berlin\n✓ in the other file\n\n2 tests passed\n")
    people.write_text('[[tests]]\nin = ["berlim"]\n')
    told = place.run("test", "people.toml")
    assert told.code == 2
    assert "people.toml:2: tests[0].in[0]: there is no segment 'berlim'" in told.err
    assert "did you mean berlin?" in told.err
    assert place.run("test", "nothing.toml").code == 2


def test_test_without_tests_shows_how_one_looks(place: Place) -> None:
    told = place.run("test")
    assert told.code == 0
    assert "[[tests]]" in told.out
