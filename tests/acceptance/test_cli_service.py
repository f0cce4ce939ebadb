"""The daemon as an administrator has it: signals, new settings, status, alerts, figures, and what none of it says."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox import SANDBOX, Options
from tests.acceptance.place import SEGMENTS, Ended, Place
from tests.acceptance.service import Service
from tests.support.post import Hooks, Mailbox
from tests.support.scanning import found

ADDRESS = "zoe.canary@person.example"
PERSON: dict[str, Any] = {
    "email": ADDRESS,
    "consent": "SUBSCRIBED",
    "first_name": "Zoëlinda",
    "phone": "+4915112345678",
}
OFTEN = {"every": "20s"}
APPLY = {"limits": {"first_push": "apply", "min_size": 1000}}


@pytest.fixture
def service(place: Place, tmp_path: Path) -> Iterator[Service]:
    """A daemon that has run its first cycle."""
    place.settings(**APPLY, main=OFTEN)
    running = Service(place, tmp_path / "daemon.log")
    try:
        running.until("cycle")
        yield running
    finally:
        running.stop()


def status(place: Place) -> dict[str, Any]:
    told: dict[str, Any] = place.run("status", "--json").json
    return told


def soon(what: Callable[[], bool]) -> None:
    for _ in range(1200):
        if what():
            return
        select.select([], [], [], 0.05)
    raise AssertionError


def test_status_tells_that_it_runs_what_comes_next_and_that_it_was_stopped(service: Service) -> None:
    for done in ("tidied", "backup_made"):  # each some seconds late, by chance
        service.until(done)
    daemon = status(service.place)["daemon"]
    assert (daemon["running"], daemon["ok"], daemon["pid"]) == (True, True, service.process.pid)
    soon(lambda: status(service.place)["daemon"]["next"] is not None)
    assert "The daemon runs" in service.place.run("status").out

    assert service.stop() == 143
    after = status(service.place)
    assert (after["daemon"]["running"], after["ok"], after["daemon"]["pid"]) == (False, True, None), (
        after,
        service.log,
    )
    assert after["daemon"]["stopped_at"] is not None


def test_a_daemon_that_was_killed_makes_status_end_with_1_until_it_runs_again(service: Service, tmp_path: Path) -> None:
    service.process.kill()
    service.process.wait()
    ended = service.place.run("status", "--json")
    assert (ended.code, ended.json["daemon"]["ok"]) == (1, False)
    assert "killed" in ended.json["daemon"]["why"]

    service.start()
    service.until("ready")
    soon(lambda: service.place.run("status").code == 0)


def test_a_second_daemon_on_the_same_mirror_is_refused(service: Service) -> None:
    ended = service.place.run("run")

    assert ended.code == 1
    assert f"another daemon (process {service.process.pid})" in ended.err


def test_new_settings_are_taken_over_when_asked_and_seen_in_the_next_cycle(service: Service) -> None:
    place = service.place
    place.settings(SEGMENTS.replace('tag = "big-spender"', 'tag = "spender"'), **APPLY, main=OFTEN)
    service.process.send_signal(signal.SIGHUP)
    assert service.until("settings_taken")["segments"] == 2
    service.until("cycle", 1 + sum(it["event"] == "cycle" for it in service.log))

    assert place.holders("spender")
    assert not place.holders("big-spender")


def test_wrong_settings_are_refused_told_by_status_and_forgotten_once_mended(service: Service) -> None:
    place = service.place
    place.settings(**APPLY, main={"access_token": {"env": "NOT_THERE"}})
    place.file.write_text(place.file.read_text().replace('{"env": "NOT_THERE"}', '{ env = "NOT_THERE" }'))
    service.process.send_signal(signal.SIGHUP)
    refused = service.until("settings_refused")
    assert (refused["level"], refused["code"], refused["key"]) == ("error", "E-SETTINGS", "stores.main.access_token")

    ended = place.run("status", "--json")
    (problem,) = ended.json["daemon"]["settings"]
    assert (ended.code, problem["key"]) == (1, "stores.main.access_token")
    assert place.run("status").out.count("stores.main.access_token") == 1

    place.settings("[segments.x]\nquery = 1\n", **APPLY)
    service.process.send_signal(signal.SIGHUP)
    service.until("settings_refused", 2)
    ended = place.run("status")
    assert ended.code == 2
    assert f"The daemon (process {service.process.pid}) goes on" in ended.err

    place.settings(**APPLY)
    service.until("settings_taken")
    soon(lambda: place.run("status").code == 0)


@pytest.mark.slow
def test_a_stop_in_the_middle_of_a_push_takes_seconds_and_loses_nothing(tmp_path: Path) -> None:
    with SANDBOX.start(Options(customers=300, bulk_seconds=0.0)) as sandbox:
        place = Place(tmp_path, sandbox)
        place.settings(**APPLY, main=OFTEN)
        place.run("plan")
        place.control("/shops/main", {"bucket": [800, 40], "bulk_seconds": 15.0}, "PATCH")
        running = Service(place, tmp_path / "daemon.log")
        soon(lambda: place.writes() > 0)
        began = time.monotonic()
        assert running.stop() == 143
        assert time.monotonic() - began < 10
        assert running.log[-1]["event"] == "stopping"

        place.control("/shops/main", {"plan": "Plus", "bulk_seconds": 0.0}, "PATCH")
        running.start()
        running.until("cycle")
        assert running.stop() == 143
        assert place.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}
        wanted = {it["id"] for it in place.dump() if it["kind"] == "customer" and int(it["number_of_orders"]) >= 2}
        assert place.holders("repeat-buyer") == wanted


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_what_the_daemon_tells_anybody_has_no_person_and_no_secret_in_it(
    place: Place, tmp_path: Path, port: int
) -> None:
    person = place.control("/shops/main/customers", PERSON)["id"]
    for _ in range(2):
        place.control("/shops/main/orders", {"customer_id": person, "email": ADDRESS})
    with Hooks() as hooks, Mailbox() as box:
        watching = f"""
[metrics]
listen = "127.0.0.1:{port}"

[alerts]
webhook = "{hooks.url("/hook-geheim")}"
slack = "{hooks.url("/slack-geheim")}"
ping = "{hooks.url("/ping-geheim")}"

[alerts.email]
to = ["ops@house.example"]
sender = "syncd@house.example"
server = "127.0.0.1"
port = {box.port}
security = "none"
user = "me"
password = "post-geheim"
"""
        place.settings(SEGMENTS + watching)
        running = Service(place, tmp_path / "daemon.log")
        try:
            soon(lambda: bool(box.mails) and len(hooks.posted) >= 2)
            page = _page(port)
            tested = place.run("alerts", "--test", "--json")
            shown = [place.run("alerts"), place.run("status", "--json"), place.run("status", "--verbose")]
        finally:
            running.stop()

    letters = [document for _, document in hooks.posted]
    assert tested.json["sent"] == {"webhook": "", "slack": "", "email": "", "ping": ""}
    assert any("E-HELD" in str(it) for it in letters)
    assert any("E-TEST" in str(it) for it in letters)
    assert "syncd_segment_members" in page
    bodies = [str(letters), page, str([it.as_string() for it in box.mails]), *map(_said, [tested, *shown])]
    log = (tmp_path / "daemon.log").read_text()
    secrets = [place.services["stores"]["main"]["access_token"], place.services["audiences"]["newsletter"]["api_key"]]
    state = (tmp_path / "syncd.db.daemon").read_text()
    for text in [*bodies, log, state]:
        assert found(text.encode(), [*secrets, ADDRESS, "Zoëlinda", "+4915112345678", "geheim"]) == []


def _said(ended: Ended) -> str:
    return ended.out + ended.err


def _page(port: int) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_the_file_beside_the_mirror_is_the_owners_alone(service: Service) -> None:
    assert os.stat(service.place.folder / "syncd.db.daemon").st_mode & 0o077 == 0  # noqa: PTH116
