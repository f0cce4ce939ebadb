"""`syncd report …` and `syncd show`, as a merchant types them, against what the shop truly holds."""

from __future__ import annotations

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox import SANDBOX, Options
from syncd.model import identity
from tests.acceptance.place import SEGMENTS, Place

REPORTS = ("leaderboard", "catalogue", "frequency", "breakdown", "cohorts", "segments")
WHOLE = ("--from", "2020-01-01")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A shop that was synced once; these tests only look at it."""
    with SANDBOX.start(Options(customers=80, bulk_seconds=0.0)) as sandbox:
        place = Place(tmp_path_factory.mktemp("place"), sandbox)
        ended = place.run("sync", "--yes", "--json")
        assert ended.code == 0, ended.err
        yield place


@pytest.fixture
def copied(synced: Place, tmp_path: Path) -> Place:
    """The same shop with a mirror and settings of its own, to be changed."""
    place = Place(tmp_path, synced.sandbox)
    shutil.copy(synced.folder / "syncd.db", tmp_path / "syncd.db")
    return place


def zone(place: Place) -> ZoneInfo:
    return ZoneInfo(place.run("status", "--json").json["stores"]["main"]["timezone"])


def orders_by_address(place: Place) -> dict[str | int, list[dict[str, Any]]]:
    """Return the counted orders of the shop as it truly is, by address, or by id of who has none."""
    dump = place.dump()
    customers = {it["id"]: it for it in dump if it["kind"] == "customer"}
    found: dict[str | int, list[dict[str, Any]]] = defaultdict(list)
    for it in dump:
        if it["kind"] == "order" and not it["test"] and it["cancelled_at"] is None:
            owner = it["customer_id"]
            address = identity(customers[owner]["email"] if owner else it["email"])
            if address or owner:
                found[address or owner].append(it)
    return found


def test_the_leaderboard_agrees_with_the_shop(synced: Place) -> None:
    told = synced.run("report", "leaderboard", "--by", "orders", "--top", "500", "--json")
    assert told.code == 0, told.err
    report = told.json
    assert (report["report"], report["currency"]) == ("leaderboard", "EUR")
    truth = orders_by_address(synced)
    assert {it.get("email", it["customer_ids"] and it["customer_ids"][0]): it["orders"] for it in report["rows"]} == {
        who: len(its) for who, its in truth.items()
    }
    ranks = [it["rank"] for it in report["rows"]]
    counts = [it["orders"] for it in report["rows"]]
    assert counts == sorted(counts, reverse=True)
    assert ranks == [1 + sum(other > count for other in counts) for count in counts]


def test_days_are_the_shops_days(synced: Place) -> None:
    rows = synced.run("report", "frequency", *WHOLE, "--json").json["rows"]
    here = zone(synced)
    truth = orders_by_address(synced)
    for row in rows:
        its = truth[row["email"] if "email" in row else row["customer_ids"][0]]
        days = sorted(datetime.fromtimestamp(it["processed_at"], here).date().isoformat() for it in its)
        assert (row["first_order"], row["last_order"], row["newest_order"]) == (days[0], days[-1], days[-1])


def test_a_report_of_a_period_needs_one(synced: Place) -> None:
    for report in ("catalogue", "frequency"):
        told = synced.run("report", report)
        assert (told.code, f"report {report} needs a time frame" in told.err) == (2, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--period", "last_month", "--from", "2026-01-01"], "two ways to say the same"),
        (["--to", "2026-01-01"], "the first one, is missing"),
        (["--from", "2026-02-01", "--to", "2026-01-01"], "its last day is before its first"),
        (["--from", "1.2.2026"], "is not a day"),
        (["--store", "mainn"], "did you mean main?"),
        (["--audience", "newsletters"], "did you mean newsletter?"),
        (["--sort", "-amont"], "did you mean amount?"),
        (["--period", "last_year", "--as-segment", "Best Ones"], "is not a good name"),
        (["--period", "last_year", "--as-segment", "big-spenders"], "have a segment big-spenders already"),
        (["--as-segment", "best"], "no segment is of the same people"),
    ],
)
def test_what_was_typed_wrong_is_told(synced: Place, typed: list[str], said: str) -> None:
    told = synced.run("report", "leaderboard", *typed)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_rows_are_sorted_and_cut_as_asked(synced: Place) -> None:
    whole = synced.run("report", "frequency", *WHOLE, "--json").json
    told = synced.run("report", "frequency", *WHOLE, "--sort", "-spent,email", "--limit", "3", "--json").json
    there = sorted((it for it in whole["rows"] if "email" in it), key=lambda it: it["email"])
    expected = sorted(there, key=lambda it: Decimal(it["amount"]), reverse=True)[:3]
    assert [it["email"] for it in told["rows"]] == [it["email"] for it in expected]
    assert (told["size"], told["totals"]) == (whole["size"], whole["totals"])
    assert Decimal(whole["totals"]["amount"]) == sum(Decimal(it["amount"]) for it in whole["rows"])


PRINTED = {
    "best": ["leaderboard", "--period", "last_year", "--top", "7"],
    "dearest": ["leaderboard", "--period", "last_quarter", "--top", "5", "--by", "average-order"],
    "quiet": ["frequency", "--period", "last_year", "--min-orders", "2", "--no-order-since", "30"],
    "buyers": ["catalogue", "--period", "last_year"],
}


def test_the_printed_segments_are_of_the_people_of_the_reports(copied: Place) -> None:
    printed = [copied.run("report", *typed, "--as-segment", name) for name, typed in PRINTED.items()]
    assert [it.code for it in printed] == [0] * len(PRINTED)
    copied.settings("\n".join([SEGMENTS, *(it.out for it in printed)]))
    assert copied.run("plan", "--json").code in {0, 3}
    for name, typed in PRINTED.items():
        people = copied.run("report", *typed, "--json").json["rows"]
        members = copied.run("members", name, "--json").json["members"]
        assert {it["customer_id"] for it in members} == {id_ for it in people for id_ in it["customer_ids"]}
        assert members


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_sends_no_request_and_writes_nothing(synced: Place, report: str) -> None:
    before = synced.control("/calls")
    kept = (synced.folder / "syncd.db").read_bytes()
    told = synced.run("report", report, *WHOLE)
    assert told.code == 0, told.err
    assert synced.control("/calls") == before
    assert (synced.folder / "syncd.db").read_bytes() == kept


@pytest.mark.parametrize("report", REPORTS)
def test_before_the_first_sync_there_is_nothing_to_report_and_no_mirror_is_made(place: Place, report: str) -> None:
    told = place.run("report", report, *WHOLE)
    assert (told.code, "nothing was synced yet" in told.err) == (1, True)
    assert not (place.folder / "syncd.db").exists()


def test_reports_say_when_they_are_old(synced: Place) -> None:
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    notes = synced.run("report", "leaderboard", "--json", SYNCD_NOW=later).json["notes"]
    assert any(note.startswith("orders of main: not up to date since") for note in notes)
    assert not any("not up to date" in it for it in synced.run("report", "leaderboard", "--json").json["notes"])


def test_orders_of_two_currencies_are_not_added_up(copied: Place) -> None:
    with sqlite3.connect(copied.folder / "syncd.db") as raw:
        raw.execute("UPDATE orders SET currency = 'CHF' WHERE id % 3 = 0")
    raw.close()
    told = copied.run("report", "leaderboard")
    assert told.code == 2
    assert "the orders are in CHF and EUR, and currencies are never added up" in told.err
    francs = copied.run("report", "leaderboard", "--currency", "chf", "--json").json
    assert (francs["currency"], bool(francs["rows"])) == ("CHF", True)


def test_segments_are_told_without_amounts_where_those_are_in_two_currencies(copied: Place) -> None:
    with sqlite3.connect(copied.folder / "syncd.db") as raw:
        raw.execute("UPDATE orders SET currency = 'CHF' WHERE id % 3 = 0")
    raw.close()
    sizes = {it["segment"]: it["size"] for it in copied.run("segments", "--json").json["segments"]}
    told = copied.run("report", "segments", "--json").json
    assert {it["segment"]: it["members"] for it in told["rows"]} == sizes
    assert told["currency"] is None
    assert not any("amount" in it or "share" in it for it in told["rows"])
    assert any("no amounts are told, for the orders are in CHF and EUR" in it for it in told["notes"])
    one = copied.run("report", "segments", "--currency", "EUR", "--json").json
    assert all("amount" in it for it in one["rows"])
    shared = copied.run("report", "segments", "--overlap", "big-spenders", "repeat-buyers", "--json").json
    assert not any("amount" in it for it in shared["rows"])


def test_before_the_first_sync_sizes_are_said_to_be_unknown(synced: Place) -> None:
    notes = synced.run("report", "segments", *WHOLE, "--json").json["notes"]
    assert any(note.startswith("who is in a segment is known since 20") for note in notes)
    assert not any("known since" in it for it in synced.run("report", "segments", "--json").json["notes"])


def test_breakdowns_count_the_customers_of_the_shop(synced: Place) -> None:
    told = synced.run("report", "breakdown", "--by", "consent", "--json").json
    customers = [it for it in synced.dump() if it["kind"] == "customer"]
    people = {identity(it["email"]) or it["id"] for it in customers}
    assert told["totals"]["customers"] == len(people) == sum(it["customers"] for it in told["rows"])


def test_segments_are_told_with_their_sizes_and_whom_they_share(synced: Place) -> None:
    sizes = {it["segment"]: it["size"] for it in synced.run("segments", "--json").json["segments"]}
    rows = synced.run("report", "segments", "--json").json["rows"]
    assert {it["segment"]: it["members"] for it in rows} == sizes
    course = synced.run("report", "segments", "--segment", "big-spenders", "--json").json["rows"]
    assert course[-1]["members"] == sizes["big-spenders"]
    parts = synced.run("report", "segments", "--overlap", "big-spenders", "repeat-buyers", "--json").json["rows"]
    assert [it["part"] for it in parts] == ["only big-spenders", "both", "only repeat-buyers"]
    for pair, said in ((("big-spenders", "nobody"), "nobody"), (("big-spenders",) * 2, "everybody with itself")):
        told = synced.run("report", "segments", "--overlap", *pair)
        assert (told.code, said in told.err) == (2, True)


def test_somebody_is_shown_at_a_glance(synced: Place) -> None:
    member = next(it for it in synced.run("members", "repeat-buyers", "--json").json["members"] if it["email"])
    told = synced.run("show", member["email"].upper(), "--json").json
    its = orders_by_address(synced)[identity(member["email"]) or ""]
    assert told["person"] == identity(member["email"])
    assert sum(it["orders"] for it in told["totals"]) == len(its)
    assert "repeat-buyers" in {it["segment"] for it in told["segments"]}
    assert {"tag": "repeat-buyer", "ours": True} in told["customers"][0]["tags"]
    days = [date.fromisoformat(it["day"]) for it in told["orders"]]
    assert days == sorted(days, reverse=True)
    assert told["changes"]
    by_id = synced.run("show", str(member["customer_id"]), "--json").json
    assert by_id == told
    shown = synced.run("show", member["email"])
    assert "repeat-buyer*" in shown.out
    assert "The last of them" in shown.out
    (total,) = told["totals"]
    whole, cents = total["amount"].split(".")
    assert f"{int(whole):,}".replace(",", ".") + f",{cents}\xa0€" in shown.out


def test_a_guest_is_shown_too(synced: Place) -> None:
    dump = synced.dump()
    known = {identity(it["email"]) for it in dump if it["kind"] == "customer"}
    guests = [
        it["email"]
        for it in dump
        if it["kind"] == "order" and it["customer_id"] is None and it["email"] and identity(it["email"]) not in known
    ]
    assert guests
    told = synced.run("show", guests[0], "--json").json
    assert (told["customers"], bool(told["orders"] or told["contacts"])) == ([], True)


def test_showing_somebody_unknown_is_told_without_repeating_who(synced: Place) -> None:
    told = synced.run("show", "nobody@nowhere.example")
    assert (told.code, "nobody" in told.err) == (1, False)
