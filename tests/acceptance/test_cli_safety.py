"""The mirror in trouble: full disks, damaged files, kills at any moment; and the way back from a backup."""

from __future__ import annotations

import random
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.place import Ended, Place

SEEDS = (1, 2)


def members(place: Place) -> set[int]:
    return {it["id"] for it in place.dump() if it["kind"] == "customer" and int(it["number_of_orders"]) >= 2}


def limited(place: Place, kilobytes: int, *typed: str) -> Ended:
    """Run a command that can make no file larger than that: what a full disk does to it."""
    words = shlex.join(place.typed(*typed))
    ended = subprocess.run(
        ["bash", "-c", f"ulimit -f {kilobytes}; exec {words}"],
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def test_a_disk_that_is_full_is_said_and_the_next_sync_goes_on(place: Place) -> None:
    assert place.run("plan").code == 0
    size = (place.folder / "syncd.db").stat().st_size // 1024
    place.control("/shops/main", {"plan": "Plus"}, "PATCH")

    ended = limited(place, size // 4, "sync", "--yes", "--full")

    assert ended.code == 1
    assert "is full or failing" in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert place.run("sync", "--yes").code == 0
    assert place.holders("repeat-buyer") == members(place)


@pytest.mark.parametrize("wound", ["cut", "scratched"])
def test_a_damaged_mirror_is_not_built_upon_and_the_backup_brings_it_back(place: Place, wound: str) -> None:
    assert place.run("sync", "--yes").code == 0
    database = place.folder / "syncd.db"
    whole = database.read_bytes()
    database.write_bytes(
        whole[: len(whole) // 2] if wound == "cut" else whole[:40_960] + b"\xff" * (len(whole) - 40_960)
    )
    writes = place.writes()

    for command in ("sync", "status"):
        ended = place.run(command, "--json")
        if command == "sync" or wound == "cut":
            assert ended.code == 1
            assert ended.json["error"]["message"].endswith("is damaged")
            assert "syncd restore" in ended.json["error"]["hint"]
    assert place.writes() == writes

    ended = place.run("restore", "--json")
    assert (ended.code, ended.json["stores"], ended.json["run"]) == (0, ["main"], 1), ended
    ended = place.run("sync", "--json")
    assert (ended.code, ended.json["applied"]) == (0, {"add": 0, "remove": 0}), ended.json
    assert place.run("status").code == 0


def test_after_a_restore_the_world_that_went_on_is_met_as_it_is(place: Place) -> None:
    assert place.run("sync", "--yes").code == 0
    made = place.run("backup", "--json").json["backup"]
    here = members(place)
    newcomer, leaver = [it["id"] for it in place.dump() if it["kind"] == "customer" and it["id"] not in here][:2]
    for number in (newcomer, leaver):
        place.control(f"/shops/main/customers/{number}", {"number_of_orders": 5}, "PATCH")
    assert place.run("sync").code == 0
    assert {newcomer, leaver} <= place.holders("repeat-buyer")

    assert place.run("restore", made).code == 0
    place.control(f"/shops/main/customers/{leaver}", {"number_of_orders": 0}, "PATCH")
    assert place.run("status").code == 1
    ended = place.run("sync", "--json")

    assert (ended.code, ended.json["applied"]["add"], ended.json["drift"]) == (0, 0, []), ended.json
    assert place.holders("repeat-buyer") == here | {newcomer}


def test_nothing_is_gone_back_to_while_a_run_is_at_work(place: Place) -> None:
    assert place.run("sync", "--yes").code == 0
    place.control("/shops/main", {"bulk_seconds": 30.0}, "PATCH")
    running = place.start("sync", "--full")
    try:
        while place.run("status", "--json").json["running"] is None and running.poll() is None:
            pass
        ended = place.run("restore", "--json")
        assert (ended.code, ended.json["error"]["kind"]) == (4, "connection")
        assert "is still at work" in ended.json["error"]["message"]
        assert place.run("backup", "--json").code == 0
        asked = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 143
        assert time.monotonic() - asked < 10
    finally:
        running.kill()
        running.communicate()
    (last, *_) = place.run("runs", "--json").json["runs"]
    assert last["result"] == "interrupted"
    assert place.run("status").code == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_any_moment_the_next_sync_converges(place: Place, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # moments to kill at
    for typed in (("sync", "--yes"), ("sync", "--yes", "--reconcile"), ("backup",)):
        process = place.start(*typed)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.5, 2.5))
        process.kill()
        process.communicate()

    ended = place.run("sync", "--yes", "--json")

    assert (ended.code, ended.json["result"]) == (0, "done"), ended.json
    assert place.holders("repeat-buyer") == members(place)
    assert place.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}
    assert place.run("status").code == 0
    for copy in (place.folder / "backups").glob("*.bak"):
        assert place.run("restore", str(copy), "--json").code == 0


def test_a_restore_that_is_killed_leaves_a_mirror_that_works(place: Place) -> None:
    assert place.run("sync", "--yes").code == 0
    for wait in (0.6, 0.9, 1.2):
        process = place.start("restore", "--yes")
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        process.kill()
        process.communicate()

    ended = place.run("sync", "--json")

    assert (ended.code, ended.json["applied"]) == (0, {"add": 0, "remove": 0}), ended.json


def test_backups_are_listed_and_made_by_a_sync_when_one_is_due(place: Place, tmp_path: Path) -> None:
    assert place.run("restore", "--json").json["error"]["kind"] == "usage"
    assert place.run("sync", "--yes").code == 0
    assert place.run("sync").code == 0
    (only,) = place.run("restore", "--list", "--json").json["backups"]
    assert only["file"].startswith(str(tmp_path / "backups" / "syncd.db."))

    ended = place.run("backup", "--to", "mine.bak")
    assert (ended.code, (tmp_path / "mine.bak").stat().st_mode & 0o777) == (0, 0o600)
    assert "Make one" not in place.run("restore", "--list").out
    assert place.run("restore", "mine.bak").code == 0
