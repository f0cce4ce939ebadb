"""Killed in the middle of a push, the next sync finds out what had been done, and finishes it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.sandbox import SANDBOX, Options
from tests.acceptance.oracle import Truth
from tests.acceptance.place import Place

AT_ONCE = 10
"""Seconds within which a signal must have ended a run."""
WORDS = {"repeat-buyers": "repeat-buyer", "big-spenders": "big-spender"}


def _wait_for_writes(place: Place, process: subprocess.Popen[bytes], number: int) -> None:
    """Return once the services got so many writes, or the command has ended."""
    while place.writes() < number and process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)


def _cut_short(place: Place, how: signal.Signals, after: int) -> tuple[int, str]:
    """Run a sync, stop it once it has written something; return its exit code, and what it said."""
    process = place.start("sync", "--yes")
    try:
        _wait_for_writes(place, process, place.writes() + after)
        process.send_signal(how)
        asked = time.monotonic()
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - asked < AT_ONCE
    finally:
        process.kill()
        process.wait()
    return process.returncode, (out + err).decode()


def _members(truth: Truth) -> dict[str, set[int]]:
    return {
        "repeat-buyers": {it["id"] for it in truth.customers.values() if it["number_of_orders"] >= 2},
        "big-spenders": {it["id"] for it in truth.customers.values() if it["amount_spent"] >= 300_00},
    }


def _has_converged(place: Place, before: Truth) -> None:
    """Everybody who should carries our tags and nobody else; the rest is as it was, and there is nothing left to do."""
    truth = Truth(place.dump())
    for segment, members in _members(before).items():
        assert {it for it, tags in truth.tags().items() if WORDS[segment] in tags} == members
    for customer, tags in truth.tags().items():
        assert tags - set(WORDS.values()) == before.tags()[customer]
    wanted = truth.addresses(_members(before)["repeat-buyers"]) & truth.consented()
    contacts = place.contacts()
    assert {it["email_address"].lower() for it in contacts if "repeat-buyer" in it["tags"]} == wanted
    writes = place.writes()
    ended = place.run("sync", "--json")
    assert (ended.code, ended.json["applied"]) == (0, {"add": 0, "remove": 0})
    assert place.writes() == writes


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Place]:
    """A shop with so many changes to come that they go out as a file, which the store takes a while to work through."""
    with SANDBOX.start(Options(customers=300, bulk_seconds=0.0)) as running:
        place = Place(tmp_path, running)
        place.run("plan")
        place.control("/shops/main", {"bucket": [800, 40], "bulk_seconds": 2.0}, "PATCH")
        yield place


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda it: it.name)
@pytest.mark.parametrize("after", [1, 3])
def test_a_push_to_the_store_that_is_cut_short_is_finished_by_the_next_sync(
    large: Place, how: signal.Signals, after: int
) -> None:
    before = Truth(large.dump())
    code, said = _cut_short(large, how, after)
    assert code == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[how], said
    assert "Traceback" not in said
    large.control("/shops/main", {"plan": "Plus", "bulk_seconds": 0.0}, "PATCH")
    interrupted = large.run("runs", "--json").json["runs"][0]
    assert interrupted["result"] == ("killed" if how is signal.SIGKILL else "interrupted")
    assert large.run("status").code == 1
    ended = large.run("sync", "--yes", "--json")
    assert (ended.code, ended.json["result"]) == (0, "done"), ended.json
    _has_converged(large, before)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda it: it.name)
def test_a_push_to_an_audience_that_is_cut_short_is_finished_by_the_next_sync(
    place: Place, how: signal.Signals
) -> None:
    before = Truth(place.dump())
    place.settings(place.file.read_text().partition("[segments.")[2].join(("[segments.", "")))
    place.run("plan")
    throttled = {"status": 429, "calls": 10_000, "only": "writes", "after": 1}
    place.control("/mailchimp/", {"faults": [throttled]}, "PATCH")
    store_writes = len(WORDS)
    _cut_short(place, how, store_writes + 1)
    place.control("/mailchimp/", {"faults": []}, "PATCH")
    ended = place.run("sync", "--yes", "--json")
    assert (ended.code, ended.json["result"]) == (0, "done"), ended.json
    _has_converged(place, before)


def test_pushes_that_are_killed_again_and_again_converge(place: Place) -> None:
    before = Truth(place.dump())
    place.run("plan")
    for after in (1, 1, 2, 3):
        _cut_short(place, signal.SIGKILL, after)
    assert place.run("sync", "--yes").code == 0
    _has_converged(place, before)
