"""What each command promises."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.acceptance.place import SEGMENTS, Place

FEWER = SEGMENTS.replace("number_of_orders >= 2", "number_of_orders >= 12")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_writes_a_file_that_checks_out_and_is_nobody_elses(place: Place) -> None:
    place.file.unlink()
    written = place.run("init", "--json")
    assert (written.code, written.json["written"]) == (0, "syncd.toml")
    assert written.json["variables"]
    assert _mode(place.file) == 0o600
    assert place.run("check", "--offline").code == 0
    text = place.file.read_text()
    again = place.run("init", "--yes")
    assert again.code == 2
    assert "left as it is" in again.err
    assert place.file.read_text() == text


def test_init_says_what_to_do_next(place: Place) -> None:
    place.file.unlink()
    written = place.run("init", "--yes")
    assert "export " in written.out
    assert "syncd check" in written.out


def test_check_offline_sends_nothing(place: Place) -> None:
    ended = place.run("check", "--offline", "--json")
    assert (ended.code, ended.json["ok"]) == (0, True)
    assert place.control("/calls")["reads"] == 0
    assert not (place.folder / "syncd.db").exists()


def test_check_names_the_accounts_and_reads_the_segments_back(place: Place) -> None:
    document = place.run("check", "--json").json
    assert document["ok"]
    assert document["stores"]["main"]["account"] == "main"
    assert document["stores"]["main"]["timezone"] == "Europe/Berlin"
    assert document["audiences"]["newsletter"]["ok"]
    assert document["segments"]["repeat-buyers"] == {"rule": "number_of_orders >= 2", "size": None, "lacks": []}
    assert {it["key"] for it in document["warnings"]} == {"stores.main.access_token", "audiences.newsletter.api_key"}
    assert place.writes() == 0


def test_check_tells_which_tag_cannot_be_written(place: Place) -> None:
    place.settings(
        f'[segments.a]\nquery = "amount_spent > 1"\naudiences = ["newsletter"]\naudience_tag = "{"x" * 101}"\n'
    )
    ended = place.run("check", "--json")
    assert ended.code == 1
    assert "cannot be written" in ended.json["segments"]["a"]["lacks"][0]["why"]


def test_the_schema_is_one_for_editors(place: Place) -> None:
    place.file.unlink()
    schema = place.run("check", "--schema").json
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(schema["properties"]) >= {"syncd", "stores", "audiences", "segments", "limits"}


def test_a_change_beyond_the_limits_waits_until_it_is_approved(place: Place) -> None:
    assert place.run("sync", "--yes").code == 0
    tagged = place.holders("repeat-buyer")
    place.settings(FEWER)
    held = place.run("sync", "--yes", "--json")
    assert (held.code, held.json["result"]) == (3, "held")
    assert place.holders("repeat-buyer") == tagged
    assert "the limit is 30" in held.json["held"][0]["why"]

    status = place.run("status", "--json")
    assert status.code == 3
    [run] = {it["run"] for it in status.json["holds"]}
    assert f"syncd approve {run}" in place.run("sync").out
    approved = place.run("approve", str(run), "--json")
    assert approved.code == 0
    assert {"target": "main", "label": "repeat-buyer", "segment": "repeat-buyers"} in approved.json["approved"]
    assert place.holders("repeat-buyer") == tagged, "approving writes nothing"

    assert place.run("sync").code == 0
    assert 0 < len(place.holders("repeat-buyer")) < len(tagged)
    assert place.run("status").code == 0
    assert place.run("approve", str(run)).code == 2


def test_an_approval_is_good_for_the_reviewed_changes_only(place: Place) -> None:
    place.run("sync", "--yes")
    place.settings(FEWER)
    run = place.run("sync", "--json").json["run"]
    place.run("approve", str(run))
    tagged = place.holders("repeat-buyer")
    place.settings(FEWER.replace("12", "9"))
    assert place.run("sync").code == 3
    assert place.holders("repeat-buyer") == tagged


def test_a_segment_taken_out_of_the_file_loses_its_tags_after_approval(place: Place) -> None:
    place.run("sync", "--yes")
    place.settings(SEGMENTS[SEGMENTS.index("[segments.big-spenders]") :])
    held = place.run("sync", "--json")
    assert held.code == 3
    place.run("approve", str(held.json["run"]))
    assert place.run("sync").code == 0
    assert place.holders("repeat-buyer") == set()
    assert all("repeat-buyer" not in it["tags"] for it in place.contacts())
    assert place.holders("big-spender")


def test_a_reviewed_plan_is_applied_whole(place: Place) -> None:
    checksum = place.run("plan", "--json").json["checksum"]
    assert f"syncd sync --plan {checksum}" in place.run("plan").out
    assert place.run("sync", "--plan", checksum).code == 0
    assert place.holders("repeat-buyer")


def test_one_segment_alone_can_be_synced(place: Place) -> None:
    assert place.run("sync", "--yes", "--segment", "big-spenders").code == 0
    assert place.holders("big-spender")
    assert not place.holders("repeat-buyer")


def test_pull_only_reads_and_no_more(place: Place) -> None:
    ended = place.run("sync", "--pull-only", "--yes", "--json")
    assert ended.code == 0
    assert ended.json["pulled"]["main"]["customers"] >= 80
    assert ended.json["moved"] == {}
    assert place.writes() == 0


def test_full_reads_everything_again(place: Place) -> None:
    place.run("sync", "--yes")
    assert place.run("sync", "--json").json["pulled"]["main"]["customers"] < 80
    assert place.run("sync", "--full", "--json").json["pulled"]["main"]["customers"] >= 80


def test_members_as_comma_separated_values(place: Place) -> None:
    place.run("sync", "--yes")
    rows = list(csv.DictReader(io.StringIO(place.run("members", "big-spenders", "--csv").out)))
    assert {int(it["customer_id"]) for it in rows} == place.holders("big-spender")
    assert {it["store"] for it in rows} == {"main"}


def test_before_the_first_sync_everything_says_so_and_makes_nothing(place: Place) -> None:
    status = place.run("status", "--json")
    assert status.code == 1
    assert status.json["last_run"] is None
    assert {it["why"] for it in status.json["segments"].values()} == {"never evaluated yet"}
    for typed in (("status",), ("runs",), ("members", "big-spenders")):
        assert "syncd plan" in place.run(*typed).out
    assert place.run("members", "big-spenders", "--json").json["members"] == []
    assert place.run("segments").code == 0
    assert not (place.folder / "syncd.db").exists()


def test_what_was_not_read_for_long_is_stale(place: Place) -> None:
    place.run("sync", "--yes")
    assert place.run("status").code == 0
    late = place.run("status", "--json", SYNCD_NOW="2099-01-01T00:00:00Z")
    assert late.code == 1
    assert "stale" in late.json["segments"]["big-spenders"]["why"]
    assert late.json["stores"]["main"]["age_s"] > 10**9


def test_the_mirror_and_its_lock_are_nobody_elses(place: Place) -> None:
    place.run("plan")
    assert {_mode(it) for it in place.folder.glob("syncd.db*")} == {0o600}


@contextmanager
def _another_run(place: Place) -> Iterator[int]:
    """Hold the lock, as a run of another process does."""
    handle = os.open(place.folder / "syncd.db.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.pwrite(handle, b"4711\n", 0)
    try:
        yield handle
    finally:
        os.close(handle)


def test_a_sync_waits_for_another_one_and_says_so(place: Place) -> None:
    with _another_run(place):
        process = place.start("sync", "--yes")
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        assert process.poll() is None
    out, err = process.communicate(timeout=120)
    assert "4711" in said
    assert "waiting" in said
    assert process.returncode == 0, err
    assert b"done" in out


def test_status_answers_while_a_run_is_at_work(place: Place) -> None:
    place.run("sync", "--yes")
    with _another_run(place):
        ended = place.run("status", "--json")
    assert (ended.code, ended.json["running"]) == (0, "4711"), ended.out


def test_logs_are_json_on_standard_error_and_name_nobody(place: Place) -> None:
    ended = place.run("sync", "--yes", "--json", "--verbose")
    assert ended.code == 0
    assert ended.json["result"] == "done"
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert any(it["event"] == "cycle" for it in lines)
    secrets = [place.services["stores"]["main"]["access_token"], place.services["audiences"]["newsletter"]["api_key"]]
    people = [it["email"] for it in place.dump() if it["kind"] == "customer" and it["email"]]
    assert not [word for word in (*secrets, *people) if word in ended.err]


@pytest.mark.parametrize("typed", [("--config", "other.toml", "status"), ("status", "--config", "other.toml")])
def test_the_settings_file_may_be_named_before_or_after_the_command(place: Place, typed: tuple[str, ...]) -> None:
    place.file.rename(place.folder / "other.toml")
    assert place.run(*typed, "--json").json["last_run"] is None
    assert place.run("status", "--json", SYNCD_CONFIG="other.toml").code == 1


def test_a_reader_who_leaves_early_is_no_error(place: Place) -> None:
    place.run("sync", "--yes")
    reading, writing = os.pipe()
    os.close(reading)
    typed = place.typed("members", "big-spenders", "--csv")
    with os.fdopen(writing, "wb") as nowhere:
        ended = subprocess.run(
            typed, cwd=place.folder, env=place.environment, stdout=nowhere, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_help_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "sqlmodel", "pydantic", "lark", "requests", "structlog", "shopify", "mailchimp_marketing")
    code = f"import sys, syncd.cli.app; print([it for it in {heavy!r} if it in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.strip() == b"[]"


def test_help_and_version(place: Place) -> None:
    assert place.run("--version").out.startswith("syncd ")
    for typed in ((), ("sync",), ("demo",)):
        ended = place.run(*typed, "--help")
        assert ended.code == 0
        assert "--json" in ended.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("syncd st", "status"),
        ("syncd members re", "repeat-buyers"),
        ("syncd sync --segment big", "big-spenders"),
        ("syncd sync --store m", "main"),
    ],
)
def test_the_shell_completes_commands_segments_and_stores(place: Place, words: str, found: str) -> None:
    count = str(len(words.split()) - 1)
    ended = place.run(_SYNCD_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)
    assert ended.out.split() == [found]


def _answered(place: Place, prompt: bytes, answers: list[bytes], *typed: str) -> tuple[int, str]:
    """Run a command on a terminal, answer each prompt; return its exit code and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        place.typed(*typed), cwd=place.folder, env=place.environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = bytearray()
    given = 0
    for chunk in iter(lambda: _read(ours), b""):
        said += chunk
        if said.count(prompt) > given and given < len(answers):
            os.write(ours, answers[given])
            given += 1
    os.close(ours)
    return process.wait(60), said.decode()


def test_on_a_terminal_each_first_push_is_asked_about(place: Place) -> None:
    code, said = _answered(place, b"[y/N]", [b"yes\n", b"\n", b"n\n"], "sync")
    assert code == 3, said
    assert said.count("first push") >= 3
    assert place.holders("big-spender")
    assert not place.holders("repeat-buyer")


def test_on_a_terminal_init_asks_for_what_it_cannot_know(place: Place) -> None:
    place.file.unlink()
    code, said = _answered(place, b"]:", [b"\n", b"corner-shop\n", b"\n", b"news\n", b"\n"], "init")
    assert code == 0
    assert "fill in later" in said
    text = place.file.read_text()
    assert 'shop = "corner-shop"' in text
    assert "[audiences.news]" in text
    assert place.run("check", "--offline").code == 0


def _read(handle: int) -> bytes:
    """Read from a terminal; its end is an error there."""
    try:
        return os.read(handle, 4096)
    except OSError:
        return b""


@pytest.mark.parametrize("ending", ["signal", "end of input"])
def test_the_sandbox_tells_its_settings_and_ends_when_told(place: Place, ending: str) -> None:
    typed = ("sandbox", "--port", "0", "--customers", "20", "--shop", "one", "--shop", "two", "--json", "--until-eof")
    process = subprocess.Popen(
        place.typed(*typed),
        env=place.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process, closing(_Killed(process)):
        assert process.stdout is not None
        assert process.stdin is not None
        told = json.loads(process.stdout.readline())
        assert set(told["stores"]) == {"one", "two"}
        if ending == "signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        code = process.wait()
        watchdog.cancel()
    assert code == 0


class _Killed:
    """Ends a process whatever comes of a test: else a test that fails waits for ever."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def close(self) -> None:
        self._process.kill()


def test_the_sandboxes_settings_can_be_pasted(place: Place) -> None:
    process = place.start("sandbox", "--port", "0", "--customers", "20")
    assert process.stdout is not None
    with process, closing(_Killed(process)):
        lines = [process.stdout.readline().decode() for _ in range(12)]
        place.file.write_text("".join(lines) + SEGMENTS)
        checked = place.run("check")
        assert checked.code == 0, checked
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_a_port_that_is_taken_is_told(place: Place) -> None:
    ended = place.run("sandbox", "--port", place.sandbox.url.rpartition(":")[2])
    assert ended.code == 1
    assert "is taken" in ended.err
