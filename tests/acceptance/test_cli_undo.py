"""`syncd undo` and the exclusion list, as a merchant types them."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from tests.acceptance.place import SEGMENTS, Place

OURS = ("repeat-buyer", "big-spender")


@pytest.fixture
def synced(place: Place) -> Place:
    """A place after its first sync, run 1."""
    assert place.run("sync", "--yes").code == 0
    return place


def holders(place: Place) -> dict[str, set[str]]:
    """Return who truly carries each of our tags: customers by id, contacts by address."""
    customers = [it for it in place.dump() if it.get("kind", "customer") == "customer" or "tags" in it]
    found = {tag: {str(it["id"]) for it in customers if tag in it.get("tags", ())} for tag in OURS}
    found["contacts"] = {it["email_address"] for it in place.contacts() if _tagged(it)}
    return found


def _tagged(contact: dict[str, Any]) -> bool:
    return any((tag["name"] if isinstance(tag, dict) else tag) == "repeat-buyer" for tag in contact.get("tags", ()))


def test_an_undo_shows_its_plan_does_exactly_that_and_stays(synced: Place) -> None:
    before = holders(synced)
    assert all(before.values())
    writes = synced.writes()

    shown = synced.run("undo", "1")
    assert shown.code == 3
    assert "Nothing was done" in shown.out
    assert "syncd undo 1 --plan " in shown.out
    assert "deletes and archives nobody" in shown.out
    planned = synced.run("undo", "1", "--json")
    assert (planned.code, planned.json["result"], synced.writes()) == (3, "held", writes)
    assert planned.json["counts"]["remove"] == sum(map(len, before.values()))

    done = synced.run("undo", "1", "--plan", planned.json["checksum"], "--json")
    assert (done.code, done.json["undoes"]) == (0, 1)
    assert done.json["applied"] == {"add": 0, "remove": sum(map(len, before.values()))}
    assert not any(holders(synced).values())

    again = synced.run("sync", "--json")
    assert (again.code, again.json["applied"]) == (0, {"add": 0, "remove": 0})
    assert {it["why"] for it in again.json["left_out"]} >= {f"left out: undone by run {done.json['run']}"}
    assert synced.run("status", "--json").json["undone"] == {str(done.json["run"]): done.json["applied"]["remove"]}

    back = synced.run("undo", str(done.json["run"]), "--yes", "--json")
    assert back.json["applied"]["add"] == done.json["applied"]["remove"]
    assert holders(synced) == before
    assert synced.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}


def test_approving_the_undoing_run_lets_it_be_done_again(synced: Place) -> None:
    before = holders(synced)
    undoing = synced.run("undo", "1", "--yes", "--json").json["run"]

    approved = synced.run("approve", str(undoing), "--json")
    assert (approved.code, approved.json["undone"]) == (0, sum(map(len, before.values())))

    held = synced.run("sync", "--json")
    if held.code == 3:
        assert synced.run("approve", str(held.json["run"])).code == 0
        assert synced.run("sync").code == 0
    assert holders(synced) == before


def test_what_cannot_be_undone_is_said_with_what_to_do(place: Place) -> None:
    assert place.run("undo", "1").code == 2
    held = place.run("sync", "--json")
    assert held.code == 3

    for run, words in (("1", "wrote nothing"), ("7", "there is no run 7")):
        refused = place.run("undo", run)
        assert refused.code == 2
        assert words in refused.err

    assert place.run("sync", "--yes").code == 0
    assert place.run("undo", "2", "--yes").code == 0
    twice = place.run("undo", "2", "--yes")
    assert twice.code == 0
    assert "Nothing is left to undo of run 2" in twice.out
    other = place.run("undo", "2", "--plan", "0123456789abcdef")
    assert other.code == 0


def test_another_plan_than_the_reviewed_one_is_not_done(synced: Place) -> None:
    before = holders(synced)

    refused = synced.run("undo", "1", "--plan", "0123456789abcdef")

    assert refused.code == 3
    assert "no longer the one you reviewed" in refused.err
    assert holders(synced) == before


def test_an_undo_killed_in_the_middle_is_repeated_to_its_end(synced: Place) -> None:
    undoing = synced.start("undo", "1", "--yes")
    before = synced.writes()
    while undoing.poll() is None and synced.writes() == before:
        pass
    undoing.send_signal(signal.SIGKILL)
    undoing.communicate()

    again = synced.run("undo", "1", "--yes")

    assert again.code in {0, 2}, again.err
    assert not any(holders(synced).values())
    assert synced.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}


def test_whom_the_exclusion_list_covers_is_left_in_peace(synced: Place) -> None:
    victim = min(holders(synced)["contacts"])
    (synced.folder / "left-alone.csv").write_text(f"Email Address,Name\n{victim.upper()},x\n", encoding="utf-8")
    synced.settings(SEGMENTS + '\n[suppress]\nfiles = ["left-alone.csv"]\n')

    assert synced.run("check", "--offline", "--json").json["suppress"] == {"addresses": 1, "domains": 0}
    planned = synced.run("plan", "--json").json
    assert {change["reason"] for change in planned["changes"]} == {"on the exclusion list"}
    assert synced.run("sync").code == 0

    assert victim not in holders(synced)["contacts"]
    told = synced.run("explain", victim)
    assert "is on the exclusion list" in told.out
    assert synced.run("explain", victim, "--json").json["excluded"] is True


def test_a_wrong_line_of_the_list_stops_the_push_and_is_not_repeated(synced: Place) -> None:
    (synced.folder / "left-alone.txt").write_text("ada@x.example\nbob at x.example\n", encoding="utf-8")
    synced.settings(SEGMENTS + '\n[suppress]\nfiles = ["left-alone.txt"]\n')

    for typed in (("sync",), ("plan",), ("undo", "1", "--yes"), ("check", "--offline")):
        refused = synced.run(*typed, "--json")
        assert refused.code == 2
        problem = refused.json["error"]["problems"][0]
        assert (problem["file"], problem["line"]) == (str(synced.folder / "left-alone.txt"), 2) or problem["line"] == 2
        assert "bob" not in json.dumps(refused.json) + refused.err
        assert "ada" not in json.dumps(refused.json) + refused.err
