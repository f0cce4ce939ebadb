"""What goes wrong at a merchant's: one clear message each, the documented exit code, nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.place import SEGMENTS, Ended, Place

GONE = "http://127.0.0.1:9"
"""Nobody answers there: port 9 has been out of use for decades."""


def _tells(ended: Ended, *words: str) -> None:
    """Everything that was said names these, and is words for people: no traceback, no log line."""
    said = ended.out + ended.err
    for word in words:
        assert word in said
    assert "Traceback" not in said
    assert '"event"' not in said


def test_a_wrong_token_is_told_and_changes_nothing(place: Place) -> None:
    place.settings(main={"access_token": "shpat_wrong"})
    checked, synced = place.run("check"), place.run("sync", "--yes")
    assert (checked.code, synced.code) == (4, 4)
    _tells(checked, "main", "token")
    _tells(synced, "main", "token", "syncd check")
    assert "shpat_wrong" not in checked.out + checked.err + synced.out + synced.err
    assert place.writes() == 0


def test_a_wrong_key_of_the_list_is_told_and_changes_nothing_there(place: Place) -> None:
    place.settings(newsletter={"api_key": "f" * 32 + "-us1"})
    checked, synced = place.run("check"), place.run("sync", "--yes", "--json")
    assert (checked.code, synced.code) == (4, 4)
    _tells(checked, "newsletter", "key")
    [failure] = synced.json["failures"]
    assert failure["kind"] == "credentials"
    assert place.control("/calls")["mailchimp"]["total"]["writes"] == 0
    assert place.holders("repeat-buyer"), "the store is another service, and goes on"


def test_a_missing_scope_is_named_with_what_it_costs(place: Place) -> None:
    place.run("sync", "--yes")
    tagged = place.holders("big-spender")
    place.control("/shops/main", {"remove_scopes": ["write_customers"]}, "PATCH")
    place.control("/shops/main/orders", {"customer_id": min(tagged), "lines": [{"title": "Sofa", "price": "999"}]})
    checked, writes = place.run("check"), place.writes()
    assert checked.code == 1
    _tells(checked, "scope write_customers is missing", "be written")
    assert place.run("sync", "--yes").code == 4
    assert place.holders("big-spender") == tagged
    assert place.writes() - writes == 0


def test_a_segment_without_what_it_needs_keeps_its_members(place: Place) -> None:
    segments = SEGMENTS + '[segments.recent]\nquery = "last_order_date >= -400d"\ntag = "recent"\n'
    place.settings(segments)
    place.run("sync", "--yes")
    tagged = place.holders("recent")
    place.control("/shops/main", {"remove_scopes": ["read_orders", "read_all_orders"]}, "PATCH")
    checked, synced, status = place.run("check", "--json"), place.run("sync", "--json"), place.run("status", "--json")
    assert checked.code == 1
    assert any("read_orders" in it["why"] for it in checked.json["segments"]["recent"]["lacks"])
    assert synced.code == 4
    assert [it["segment"] for it in synced.json["kept"]] == ["recent"]
    assert status.code == 1
    assert not status.json["segments"]["recent"]["ok"]
    assert "read_orders" in status.json["segments"]["recent"]["why"]
    assert status.json["segments"]["big-spenders"]["ok"]
    assert tagged
    assert place.holders("recent") == tagged


def test_a_list_that_does_not_exist_is_told_with_those_that_do(place: Place) -> None:
    place.settings(newsletter={"list": "nosuchlist"})
    checked, synced = place.run("check"), place.run("sync", "--yes")
    assert (checked.code, synced.code) == (1, 1)
    _tells(checked, "nosuchlist", "newsletter")
    assert place.control("/calls")["mailchimp"]["total"]["writes"] == 0


def test_an_unreachable_store_is_told(place: Place) -> None:
    place.settings(main={"api_url": GONE})
    checked = place.run_patiently("check")
    assert checked.code == 4
    _tells(checked, "the store main could not be reached", "network")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[syncd\n", ("syncd.toml:1", "[table]")),
        ('[segments.a]\nquery = "amount_spend > 1"\n', ("segments.a.query", "amount_spent", "^")),
        ('[segments.a]\nquery = "amount_spent > "\n', ("segments.a.query", "^")),
        (
            '[segments.a]\nquery = "amount_spent > 1"\ntag = "x"\n[segments.b]\nquery = "amount_spent > 2"\ntag = "X"',
            ("segments.b.tag", "already", "'a'"),
        ),
        ("[limits]\nmax_remov = 3\n", ("limits.max_remov", "did you mean max_remove")),
    ],
    ids=["TOML syntax", "unknown filter", "unfinished query", "duplicate tag", "unknown key"],
)
@pytest.mark.parametrize("command", ["check", "sync", "plan", "status"])
def test_wrong_settings_are_told_with_their_line(place: Place, command: str, text: str, words: tuple[str, ...]) -> None:
    place.settings(text)
    if text.startswith("[syncd"):
        place.file.write_text(text)
    ended = place.run(command)
    assert ended.code == 2
    assert ended.out == ""
    _tells(ended, *words)
    assert not (place.folder / "syncd.db").exists()
    assert place.control("/calls")["reads"] == 0


def test_all_problems_of_the_settings_are_one_json_document(place: Place) -> None:
    place.settings('[segments.a]\nquery = "amount_spend > 1"\nstores = ["x"]\n')
    ended = place.run("plan", "--json")
    assert ended.code == 2
    error = ended.json["error"]
    assert (error["kind"], error["exit"]) == ("settings", 2)
    assert {it["key"] for it in error["problems"]} == {"segments.a.query", "segments.a.stores[0]"}
    assert all(it["file"] == "syncd.toml" and it["line"] > 0 and it["message"] for it in error["problems"])


def test_no_settings_file_at_all_says_how_to_get_one(place: Place) -> None:
    place.file.unlink()
    ended = place.run("sync")
    assert ended.code == 2
    _tells(ended, "syncd init", "/etc/syncd/syncd.toml")


def test_a_variable_that_is_not_set_is_named(place: Place) -> None:
    text = place.file.read_text()
    token = place.services["stores"]["main"]["access_token"]
    place.file.write_text(text.replace(f'"{token}"', '{ env = "SHOP_TOKEN" }'))
    without, given = place.run("plan"), place.run("check", SHOP_TOKEN=token)
    assert without.code == 2
    _tells(without, "SHOP_TOKEN", "is not set")
    assert given.code == 0
    assert place.run("check", "--offline").code == 0


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder in which nobody can write, root included")
def test_a_database_that_cannot_be_written_is_told_before_anything_is_read(place: Place) -> None:
    place.settings(syncd={"database": "/sys/kernel/syncd.db"})
    ended = place.run("sync", "--yes")
    assert ended.code == 1
    _tells(ended, "/sys/kernel/syncd.db", "cannot be written", "[syncd] database")
    assert place.control("/calls")["reads"] == 0


def test_a_damaged_database_is_told(place: Place) -> None:
    (place.folder / "syncd.db").write_text("this is no database at all, but some text that is long enough\n" * 20)
    for command in ("sync", "status", "runs"):
        ended = place.run(command)
        assert ended.code == 1
        _tells(ended, "syncd.db", "damaged")


def test_a_plan_that_has_changed_since_it_was_reviewed_is_not_applied(place: Place) -> None:
    checksum = place.run("plan", "--json").json["checksum"]
    place.control("/shops/main/orders", {"customer_id": _poorest(place), "lines": [{"title": "Sofa", "price": "999"}]})
    ended = place.run("sync", "--plan", checksum, "--json")
    assert ended.code == 3
    assert ended.json["error"]["kind"] == "held"
    assert "syncd plan" in ended.json["error"]["hint"]
    assert place.writes() == 0
    checksum = place.run("plan", "--json").json["checksum"]
    assert place.run("sync", "--plan", checksum).code == 0
    assert place.holders("big-spender")


def _poorest(place: Place) -> int:
    customers = [it for it in place.dump() if it["kind"] == "customer" and it["email"]]
    return min(customers, key=lambda it: (it["amount_spent"], it["id"]))["id"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("sinc",), ("sync",)),
        (("sync", "--segment", "repeat-buyer"), ("repeat-buyer", "did you mean repeat-buyers")),
        (("sync", "--store", "mian"), ("did you mean main",)),
        (("members", "nobody"), ("nobody",)),
        (("members",), ("SEGMENT",)),
        (("runs", "99"), ("99", "syncd runs")),
        (("approve", "99"), ("99", "nothing")),
        (("approve", "x"), ("RUN",)),
        (("sync", "--nonsense"), ("--nonsense",)),
    ],
)
def test_what_is_typed_wrong_is_told_with_what_was_likely_meant(
    place: Place, typed: tuple[str, ...], words: tuple[str, ...]
) -> None:
    plain, as_json = place.run(*typed), place.run(*typed, "--json")
    assert (plain.code, as_json.code) == (2, 2)
    _tells(plain, *words)
    assert as_json.json["error"]["kind"] == "usage"


def test_an_hour_that_is_none_is_told(place: Place) -> None:
    ended = place.run("status", SYNCD_NOW="yesterday")
    assert ended.code == 2
    _tells(ended, "SYNCD_NOW", "yesterday")
