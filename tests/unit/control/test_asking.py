"""The caller's side: what comes back, and what is said where nothing does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.control import asking, wire
from syncd.control.serving import Serving
from syncd.errors import FatalError

Serve = Callable[..., Serving]
HAND_OVER = """
import os, sys
from pathlib import Path
from syncd.control import asking, wire
path, settings, *typed = sys.argv[1:]
os.close(0)
code = asking.hand_over(Path(path), wire.Asked(settings=settings, command="status", typed=tuple(typed), environ={}))
sys.exit(code)
"""


def _asked(settings: Path, *typed: str) -> wire.Asked:
    return wire.Asked(settings=str(settings), command="status", typed=typed, environ={})


def test_a_process_that_was_started_without_an_input_gives_an_empty_one(
    serve: Serve, path: Path, settings: Path
) -> None:
    serve("import sys; print(repr(sys.stdin.read())); print('aside', file=sys.stderr); sys.exit(5)")
    ended = subprocess.run([sys.executable, "-c", HAND_OVER, path, settings], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (5, b"''\n", b"aside\n")


def test_where_nobody_listens_or_nothing_is_the_caller_is_on_their_own(path: Path, settings: Path) -> None:
    assert asking.is_anothers(path) is None
    assert asking.hand_over(path, _asked(settings)) is None
    left = wire.new_line()
    left.bind(str(path))
    left.close()
    assert asking.is_anothers(path) is False
    assert asking.hand_over(path, _asked(settings)) is None


def test_the_daemon_of_other_settings_leaves_the_caller_on_their_own(serve: Serve, path: Path, settings: Path) -> None:
    serve("print('well')")
    assert asking.hand_over(path, _asked(settings.with_name("other.toml"))) is None


@pytest.mark.parametrize("length", [70_000, 5_000_000], ids=["beyond our limit", "beyond the kernel's"])
def test_what_is_too_long_to_be_sent_is_told_in_words(serve: Serve, path: Path, settings: Path, length: int) -> None:
    serve("print('well')")
    with pytest.raises(FatalError, match=r"too long|does not understand"):
        asking.hand_over(path, _asked(settings, "x" * length))


@pytest.mark.parametrize("answer", [b"", b"garbage", b'{"type":"end"}', b'{"type":"end","code":"x"}'])
def test_an_answer_that_is_none_is_told_in_words(path: Path, settings: Path, answer: bytes) -> None:
    with wire.new_line() as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_say, args=(listener, answer))
        thread.start()
        with pytest.raises(FatalError, match="went away"):
            asking.hand_over(path, _asked(settings))
        thread.join()


def _say(listener: socket.socket, answer: bytes) -> None:
    line, _ = listener.accept()
    with line:
        _, given, _, _ = socket.recv_fds(line, wire.LIMIT, wire.DESCRIPTORS)
        for descriptor in given:
            os.close(descriptor)
        if answer:
            line.send(answer)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not look")
def test_who_may_not_look_is_told_which_group_to_join() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # pytest's own is closed to everybody else
        os.chown(name, 0, 40_000)
        Path(name).chmod(0o750)
        os.seteuid(40_001)
        try:
            with pytest.raises(FatalError, match="only root and members of the group 40000") as caught:
                asking.is_anothers(Path(name) / "control.sock")
        finally:
            os.seteuid(0)
    assert caught.value.hint.endswith("sudo usermod -aG 40000 40001")
