"""What the service manager hears: readiness, status texts with the time left, signs of life from real progress."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.daemon.heartbeat import Heartbeat, WatchedClock
from syncd.daemon.notify import Notifier
from syncd.ports import Progress
from syncd.wiring import opened, read_settings
from tests.conftest import StillClock

STORE = """
[stores.main]
kind = "shopify"
shop = "a-shop.myshopify.com"
access_token = "shpat_x"

[segments.a]
query = "number_of_orders > 1"
"""


class Manager:
    """Who listens at `$NOTIFY_SOCKET`."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self.address)

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager() -> Iterator[Manager]:
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        made = Manager(Path(folder))
        yield made
        made.close()


@pytest.fixture
def notifier(manager: Manager, clock: StillClock) -> Notifier:
    return Notifier({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000"}, clock)


def test_the_protocol_is_systemds(manager: Manager, notifier: Notifier, clock: StillClock) -> None:
    notifier.ready()
    notifier.reloading()
    notifier.status("cycle")
    notifier.status("cycle")
    notifier.stopping()

    reloading = f"RELOADING=1\nMONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}"
    assert manager.heard() == ["READY=1", reloading, "STATUS=cycle", "STOPPING=1"]


def test_signs_of_life_come_no_oftener_than_wanted(manager: Manager, notifier: Notifier, clock: StillClock) -> None:
    for _ in range(60):
        notifier.alive()
        clock.instant += 1

    assert manager.heard() == ["WATCHDOG=1"] * 4


def test_a_long_wait_is_a_sign_of_life_now_and_then(manager: Manager, notifier: Notifier, clock: StillClock) -> None:
    WatchedClock(clock, notifier.alive).sleep(100)

    assert clock.waits == [30.0, 30.0, 30.0, 10.0]
    assert manager.heard() == ["WATCHDOG=1"] * 4


def test_a_statement_that_takes_long_is_a_sign_of_life(
    manager: Manager, notifier: Notifier, clock: StillClock, tmp_path: Path
) -> None:
    file = tmp_path / "syncd.toml"
    file.write_text(STORE)
    with opened(read_settings(str(file)), WatchedClock(clock, notifier.alive)) as services:
        assert manager.heard() == []
        services.mirror.raw.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT count(*) FROM n"
        ).fetchone()

    assert manager.heard() == ["WATCHDOG=1"]


def test_progress_tells_share_and_time_left_each_second_at_most(
    manager: Manager, notifier: Notifier, clock: StillClock
) -> None:
    heartbeat = Heartbeat(notifier, clock)
    told: list[str] = []
    for done in range(0, 1001, 50):
        heartbeat(Progress("orders of main", done, 10_000))
        clock.instant += 0.4 if done < 100 else 20
        told += [it for it in manager.heard() if it.startswith("STATUS")]

    assert told[0] == "STATUS=orders of main: 0 %"
    assert told[-1] == "STATUS=orders of main: 10 %, about 54 min left"
    assert len(told) < 21


def test_a_manager_that_is_gone_stops_nothing(notifier: Notifier, manager: Manager) -> None:
    manager.close()
    Path(manager.address).unlink()
    notifier.ready()


def test_without_a_manager_nothing_is_said_and_the_daemons_own_file_learns_it(clock: StillClock) -> None:
    told: list[str] = []
    notifier = Notifier({}, clock, also=told.append)
    notifier.status("cycle")
    notifier.alive()

    assert told == ["cycle"]
    assert notifier.alive_every is None


def test_a_watchdog_of_another_process_is_not_ours(clock: StillClock) -> None:
    environ = {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}

    assert Notifier(environ, clock, pid=2).alive_every is None
    assert Notifier(environ, clock, pid=1).alive_every == 30.0
