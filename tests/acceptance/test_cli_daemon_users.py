"""The daemon as a user of its own, and people of its group, and others, who type commands as themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox import SANDBOX, Options
from tests.acceptance.place import Place
from tests.acceptance.service import Service
from tests.support.forked import Ended

DAEMON, GROUP, ALICE = 40_001, 40_000, 40_002


def _users_can_be_had() -> bool:
    if os.geteuid() != 0:
        return False
    try:
        return not subprocess.run(
            [sys.executable, "-c", ""], user=ALICE, group=ALICE, extra_groups=[], check=False
        ).returncode
    except OSError:
        return False


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not _users_can_be_had(), reason="only root can start processes of other users, who must be let at this Python"
    ),
]


def _typed(service: Service, *typed: str, user: int = ALICE, groups: tuple[int, ...] = (GROUP,)) -> Ended:
    """Run a command as somebody, with nothing done to hand it over."""
    ended = subprocess.run(
        service.place.typed(*typed, "--config", str(service.place.file)),
        cwd="/",
        env=service.place.environment,
        user=user,
        group=user,
        extra_groups=groups,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Return a daemon of a user of its own; its settings are root's, its mirror is nobody else's even to list."""
    folder = Path(tempfile.mkdtemp(prefix="syncd-", dir="/tmp"))  # pytest's own is closed to everybody else
    folder.chmod(0o755)
    for name, mode in (("state", 0o700), ("run", 0o750)):
        (folder / name).mkdir()
        os.chown(folder / name, DAEMON, GROUP)
        (folder / name).chmod(mode)
    with SANDBOX.start(Options(customers=80, bulk_seconds=0.0)) as sandbox:
        place = Place(folder, sandbox)
        place.settings(
            syncd={"database": "state/syncd.db", "control_socket": "run/control.sock"}, limits={"first_push": "apply"}
        )
        os.chown(place.file, 0, GROUP)
        place.file.chmod(0o640)
        running = Service(place, folder / "daemon.log", user=DAEMON, group=GROUP, extra_groups=[])
        running.until("backup_made")
        yield running
        running.stop()
    shutil.rmtree(folder)


def test_members_of_the_group_sync_and_look_as_themselves(service: Service) -> None:
    assert _typed(service, "sync", "--json").json["result"] == "done"
    assert _typed(service, "status", "--json").json["ok"]
    assert _typed(service, "members", "nobody").code == 2
    assert [it["uid"] for it in service.log if it["event"] == "command_handed_over"][-3:] == [ALICE] * 3


def test_root_leaves_nothing_of_its_own_beside_the_mirror(service: Service) -> None:
    assert _typed(service, "sync", user=0, groups=()).code == 0
    state = service.place.folder / "state"
    assert {(it.stat().st_uid, it.stat().st_mode & 0o077) for it in state.rglob("*")} == {(DAEMON, 0)}


def test_the_daemons_own_user_asks_nobody(service: Service) -> None:
    before = len(service.log)
    assert _typed(service, "status", user=DAEMON, groups=(GROUP,)).code == 0
    assert [it for it in service.log[before:] if it["event"].startswith("command_")] == []


def test_who_is_not_of_the_group_is_told_how_to_become_it(service: Service) -> None:
    closed = _typed(service, "status", groups=())
    service.place.file.chmod(0o644)
    ended = _typed(service, "status", groups=())
    service.place.file.chmod(0o640)

    assert (closed.code, "cannot be read" in closed.err) == (2, True)
    assert ended.code == 1
    assert f"only root and members of the group {GROUP} may talk to the daemon" in ended.err
    assert f"usermod -aG {GROUP} {ALICE}" in ended.err


def test_without_the_daemon_everybody_else_is_told_what_to_type(service: Service) -> None:
    service.stop()
    ended = [_typed(service, "status"), _typed(service, "sync"), _typed(service, "status", user=0)]
    service.start()
    service.until("ready")
    assert [it.code for it in ended] == [1, 1, 1]
    assert all("no daemon of these settings answers" in it.err for it in ended)
    assert all(it.err.rstrip().endswith(f"sudo -u {DAEMON} syncd …") for it in ended)
