"""The daemon and commands beside it: one run at a time, whoever began it; and commands that it runs for others."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.running import Running
from syncd.mirror.lock import at_work
from tests.acceptance.place import Place
from tests.acceptance.service import Service

pytestmark = pytest.mark.slow
ASKING = {"syncd": {"control_socket": "control.sock"}}
WRITING = {**ASKING, "limits": {"first_push": "apply"}}


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A shop large enough to be exported, which takes as long as a test wants."""
    with SANDBOX.start(Options(customers=130, bulk_seconds=0.0)) as running:
        yield running


@pytest.fixture
def started(place: Place, tmp_path: Path) -> Iterator[Any]:
    """Return what starts the daemon of the place."""
    services: list[Service] = []

    def start(**tables: dict[str, Any]) -> Service:
        place.settings(**tables)
        services.append(Service(place, tmp_path / "daemon.log"))
        return services[-1]

    yield start
    for service in services:
        service.stop()


@pytest.fixture
def service(started: Any) -> Service:
    """Return a daemon that has done all that it has to do at its start."""
    running: Service = started(**WRITING)
    running.until("cycle")
    running.until("backup_made")
    return running


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Return a daemon for tests that only look."""
    folder = tmp_path_factory.mktemp("steady")
    with SANDBOX.start(Options(customers=80, bulk_seconds=0.0)) as sandbox:
        place = Place(folder, sandbox)
        place.settings(**WRITING)
        running = Service(place, folder / "daemon.log")
        running.until("cycle")
        running.until("backup_made")
        yield running
        running.stop()


def test_a_sync_by_hand_waits_for_the_daemons_cycle_says_so_and_does_its_work(started: Any, place: Place) -> None:
    place.control("/shops/main", {"bulk_seconds": 4.0}, "PATCH")
    service = started(**WRITING)
    _until_at_work(place, service.process.pid)

    ended = place.run("sync", "--json")

    assert f"waiting for another syncd (process {service.process.pid})" in ended.err
    assert (ended.code, ended.json["result"], ended.json["failures"]) == (0, "done", [])
    assert {it["run"]: it["command"] for it in _runs(place)}[ended.json["run"]] == "sync"


def test_the_daemon_waits_for_a_sync_by_hand_logs_it_and_does_its_work(started: Any, place: Place) -> None:
    place.settings(**WRITING)
    place.control("/shops/main", {"bulk_seconds": 15.0}, "PATCH")
    with place.start("sync", "--json") as process:
        try:
            _until_at_work(place, process.pid)
            service = started(**WRITING)
            assert service.until("waiting")["process"] == str(process.pid)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert service.until("cycle")["run"] == 2


def test_a_command_handed_over_looks_and_ends_as_one_of_the_daemons_user(steady: Service) -> None:
    for typed in (["members", "big-spenders", "--csv"], ["members", "nobody"]):
        assert steady.run(*typed) == steady.place.run(*typed)
    assert steady.run("status", "--json").json["ok"]
    handed = _handed_over(steady)[-1]
    assert (handed["command"], handed["code"], handed["uid"]) == ("status", 0, os.geteuid())


def test_what_is_typed_into_a_command_goes_through_and_into_no_log(steady: Service) -> None:
    everybody = steady.run("members", "big-spenders", "--json").json["members"]
    address = next(it["email"] for it in everybody if it["email"])
    assert steady.run("export", "-", given=f"{address}\n").json["person"].lower() == address.lower()
    assert steady.run("show", address).code == 0
    assert address.lower() not in str(steady.log).lower()


def test_a_table_is_drawn_for_the_callers_terminal(steady: Service) -> None:
    said, code = _on_a_terminal(steady, "status", answers=[])
    assert code == 0
    assert "\x1b[" in said


def test_a_file_to_write_is_refused_with_what_to_type(steady: Service) -> None:
    ended = steady.run("report", "leaderboard", "--html", "page.html")
    assert (ended.code, ended.err.splitlines()[-1].strip()) == (
        2,
        "have it printed, and keep it yourself: --html - > page.html",
    )
    assert not (steady.place.folder / "page.html").exists()


def test_settings_that_the_daemon_does_not_follow_are_the_callers_own_business(steady: Service) -> None:
    folder = steady.place.folder
    other = folder / "other.toml"
    other.write_text(steady.place.file.read_text(encoding="utf-8"), encoding="utf-8")
    before = len(steady.log)
    assert steady.run("segments", "--json", "--config", str(other)).code == 0
    assert [it for it in steady.log[before:] if it["event"].startswith("command_")] == []


def test_a_question_is_asked_on_the_callers_terminal_and_answered_there(started: Any, place: Place) -> None:
    service = started(**ASKING)
    assert service.until("cycle")["held"]
    before = place.writes()

    said, code = _on_a_terminal(service, "sync", answers=["y\n"] * 3)

    assert said.count("Go ahead? [y/N]") == 3
    assert code == 0
    assert place.writes() > before
    assert place.holders("big-spender")


def test_whatever_ends_the_caller_ends_the_command_too(service: Service) -> None:
    for number, code, left in (
        (signal.SIGINT, 130, 130),
        (signal.SIGTERM, 143, 143),
        (signal.SIGKILL, 143, -signal.SIGKILL),  # the daemon hears nothing, and nobody is there any more
    ):
        before = len(_handed_over(service))
        process = _long_command(service)
        process.send_signal(number)
        assert process.wait(30) == left
        assert service.until("command_handed_over", before + 1)["code"] == code
        newest = next(it for it in _runs(service.place) if it["command"] == "sync")
        assert newest["result"] == "interrupted"
        assert "Traceback" not in _said(service)


def test_a_daemon_that_ends_takes_what_it_runs_for_others_along_and_they_are_told(service: Service) -> None:
    process = _long_command(service)
    assert service.stop() == 143
    assert process.wait(30) == 143
    assert not (service.place.folder / "control.sock").exists()

    service.place.control("/shops/main", {"bulk_seconds": 0.0}, "PATCH")
    service.start()
    service.until("cycle")
    process = _long_command(service)
    service.process.kill()
    assert process.wait(30) == 1
    os.kill(int(at_work(service.place.folder / "syncd.db")), signal.SIGKILL)  # systemd would have, as one of its group
    assert "the daemon went away before the command ended" in _said(service)


def _until_at_work(place: Place, process: int) -> None:
    """Wait until the run of a process is under way."""
    for _ in range(1200):
        if at_work(place.folder / "syncd.db") == str(process):
            return
        select.select([], [], [], 0.05)
    raise AssertionError


def _long_command(service: Service) -> subprocess.Popen[bytes]:
    """Have the daemon begin something that takes a minute."""
    service.place.control("/shops/main", {"bulk_seconds": 60.0}, "PATCH")
    with (service.place.folder / "said").open("wb") as said:
        process = subprocess.Popen(
            service.away("sync", "--full"),
            cwd=service.place.folder,
            env=service.place.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    for _ in range(200):
        newest = _runs(service.place)[:1]
        if [(it["command"], it["result"]) for it in newest] == [("sync", "running")]:
            return process
    raise AssertionError((newest, _said(service), service.log))


def _said(service: Service) -> str:
    return (service.place.folder / "said").read_text(encoding="utf-8")


def _handed_over(service: Service) -> list[dict[str, Any]]:
    return [it for it in service.log if it["event"] == "command_handed_over"]


def _runs(place: Place) -> list[dict[str, Any]]:
    """Return the last runs, the newest first."""
    found: list[dict[str, Any]] = place.run("runs", "--json").json["runs"]
    return found


def _on_a_terminal(service: Service, *typed: str, answers: list[str]) -> tuple[str, int]:
    """Have the daemon run a command on a terminal and answer its questions; return what was shown, and its code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        service.away(*typed),
        cwd=service.place.folder,
        env={**service.place.environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said, left = b"", list(answers)
    try:
        while select.select([ours], [], [], 60)[0]:
            try:
                said += os.read(ours, 4096)
            except OSError:  # the terminal's way to say that nobody has it open any more
                break
            if left and said.count(b"[y/N]") > len(answers) - len(left):
                os.write(ours, left.pop(0).encode())
    finally:
        os.close(ours)
        code = process.wait(20)
    return said.decode(), code
