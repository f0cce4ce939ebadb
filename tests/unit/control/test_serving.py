"""The daemon's side of its socket: whatever callers send, the right process runs for them, or none."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from syncd.control import caller as calling
from syncd.control import serving as module
from syncd.control import wire
from syncd.control.serving import Serving, serving
from syncd.errors import FatalError
from tests.unit.control.conftest import Call

Serve = Callable[..., Serving]
Calling = Callable[[], Call]
ECHO = "import os, sys; print(os.environ['SYNCD_HANDED'], sys.stdin.readline().strip(), flush=True); sys.exit(7)"
SIGNALS = r"""
import os, signal
def tell(number, frame): os.write(1, b"got %d\n" % number)
signal.signal(signal.SIGINT, tell); signal.signal(signal.SIGTERM, tell)
os.write(1, b"ready\n")
while True: signal.pause()
"""
WAITS = "print('ready', flush=True); import signal; signal.pause()"


def test_a_command_gets_the_callers_descriptors_and_the_caller_its_exit_code(
    serve: Serve, call: Calling, settings: Path
) -> None:
    serve(ECHO)
    caller = call().ask("status", "--json", settings=settings)
    caller.type("typed\n")

    assert caller.read() == '["status",["status","--json"]] typed\n'
    assert caller.answer() == wire.Ended(7)
    assert caller.line.recv(10) == b""


def test_the_socket_is_for_its_owner_and_their_group_and_goes_with_the_daemon(serve: Serve, path: Path) -> None:
    server = serve()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    server.close()
    assert not path.exists()


def test_of_a_callers_environment_only_the_terminal_is_passed_on_and_of_the_daemons_nothing_meant_for_it_alone(
    serve: Serve, call: Calling, settings: Path
) -> None:
    serve(
        "import json, os; print(json.dumps(dict(os.environ)))", NOTIFY_SOCKET="x", WATCHDOG_USEC="1", TERM="dumb", A="1"
    )
    environ = {
        "COLUMNS": "90",
        "LD_PRELOAD": "x",
        "PYTHONPATH": "x",
        "SYNCD_CONFIG": "x",
        "LANG": "a\nb",
        "TERM": "x" * 999,
    }
    caller = call().ask("status", settings=settings, **environ)

    found = json.loads(caller.read())

    assert {key: value for key, value in found.items() if key not in {"SYNCD_HANDED", "LC_CTYPE"}} == {
        "A": "1",
        "COLUMNS": "90",
        "SYNCD_CONFIG": str(settings),
    }


def test_words_are_not_among_the_arguments_of_the_process_where_everybody_could_read_them(
    serve: Serve, call: Calling, settings: Path
) -> None:
    serve("print(open('/proc/self/cmdline').read())")
    caller = call().ask("show", "ada@example.com", settings=settings, command="show")
    assert "ada" not in caller.read()


@pytest.mark.parametrize(("message", "number"), [(wire.INTERRUPT, 2), (wire.TERMINATE, 15)])
def test_signals_are_passed_on_and_leave_the_end_to_the_command(
    serve: Serve, call: Calling, settings: Path, message: bytes, number: int
) -> None:
    serve(SIGNALS)
    caller = call().ask("sync", settings=settings)
    caller.read(until=b"ready\n")
    caller.line.send(message)
    assert caller.read(until=b"\n") == f"got {number}\n"


def test_a_command_that_a_signal_ended_has_the_exit_code_that_a_shell_would_show(
    serve: Serve, call: Calling, settings: Path
) -> None:
    serve(WAITS)
    caller = call().ask("sync", settings=settings)
    caller.read(until=b"ready\n")
    caller.line.send(wire.TERMINATE)
    assert caller.answer() == wire.Ended(128 + signal.SIGTERM)


def test_a_caller_who_is_gone_ends_the_command(serve: Serve, call: Calling, settings: Path) -> None:
    serve(WAITS)
    caller = call().ask("sync", settings=settings)
    caller.read(until=b"ready\n")
    caller.hang_up()
    assert caller.read() == ""  # its end of the pipe closes with the process


def test_a_command_that_does_not_end_when_it_has_to_is_killed(
    serve: Serve, call: Calling, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_GRACE", 0.2)
    serve(SIGNALS)
    caller = call().ask("sync", settings=settings)
    caller.read(until=b"ready\n")
    caller.hang_up()
    assert caller.read() == "got 15\n"


def test_a_daemon_that_stops_ends_what_runs_and_says_so(serve: Serve, call: Calling, settings: Path) -> None:
    server = serve(WAITS)
    callers = [call().ask("sync", settings=settings) for _ in range(3)]
    silent = call()
    for caller in callers:
        caller.read(until=b"ready\n")
    server.close()
    assert [caller.answer() for caller in callers] == [wire.Ended(128 + signal.SIGTERM)] * 3
    assert silent.line.recv(10) == b""


def test_a_daemon_that_stops_kills_what_does_not(
    serve: Serve, call: Calling, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_GRACE", 0.2)
    server = serve(SIGNALS)
    caller = call().ask("sync", settings=settings)
    caller.read(until=b"ready\n")
    server.close()
    assert caller.answer() == wire.Ended(128 + signal.SIGKILL)


GARBAGE = {
    "nothing": b"\0",
    "no text": b"\xff\xfe\x00garbage",
    "another document": b'{"type": "ask"}',
    "a number": b"1",
    "deep": b"[" * 60_000,
    "another command": wire.encode(wire.Asked(settings="x", command="run", typed=("run",), environ={})),
    "a sentence for a command": wire.encode(wire.Asked(settings="x", command="report a@b.c", typed=(), environ={})),
    "an unknown field": wire.encode(wire.Asked(settings="x", command="status", typed=(), environ={}))[:-1] + b',"x":1}',
}


@pytest.mark.parametrize("message", GARBAGE.values(), ids=GARBAGE)
def test_what_nobody_can_want_is_refused_and_the_next_caller_served(
    serve: Serve, call: Calling, settings: Path, message: bytes
) -> None:
    serve("print('well')")
    answer = call().send(message).answer()
    assert isinstance(answer, wire.Refused)
    assert answer.why == "the daemon does not understand what was asked"
    assert call().ask("status", settings=settings).read() == "well\n"


@pytest.mark.parametrize("descriptors", [0, 1, 2, 4])
def test_a_caller_brings_three_descriptors_no_more_and_no_less(
    serve: Serve, call: Calling, settings: Path, descriptors: int
) -> None:
    serve("print('well')")
    asked = wire.Asked(settings=str(settings), command="status", typed=(), environ={})
    caller = call().send(wire.encode(asked), descriptors)
    assert isinstance(caller.answer(), wire.Refused)
    assert caller.read() == ""  # and none of them is kept


def test_a_message_that_is_too_long_is_refused_as_a_whole(serve: Serve, call: Calling, settings: Path) -> None:
    serve("print('well')")
    caller = call().ask("status", "x" * wire.LIMIT, settings=settings)
    assert isinstance(caller.answer(), wire.Refused)


def test_a_caller_who_hangs_up_at_once_or_says_nothing_costs_nothing(
    serve: Serve, call: Calling, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_SILENCE", 0.2)
    serve("print('well')")
    call().hang_up()
    assert call().line.recv(10) == b""  # after the silence
    assert call().ask("status", settings=settings).read() == "well\n"


def test_a_caller_who_talks_on_is_taken_for_gone(serve: Serve, call: Calling, settings: Path) -> None:
    serve(WAITS)
    caller = call().ask("status", settings=settings)
    caller.read(until=b"ready\n")
    caller.line.send(b"and another thing")
    assert caller.answer() == wire.Ended(128 + signal.SIGTERM)


def test_who_comes_while_as_many_run_as_may_is_told_to_come_again(
    serve: Serve, call: Calling, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    serve(WAITS)
    running = [call().ask("sync", settings=settings) for _ in range(2)]
    for caller in running:
        caller.read(until=b"ready\n")

    refused = call().ask("sync", settings=settings).answer()
    running[0].line.send(wire.TERMINATE)
    running[0].answer()

    assert isinstance(refused, wire.Refused)
    assert refused.why.startswith("the daemon is already running")
    assert call().ask("sync", settings=settings).read(until=b"ready\n") == "ready\n"


def test_lines_that_are_only_held_open_are_not_let_in_without_end(
    serve: Serve, call: Calling, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LINES", 3)
    serve("print('well')")
    held = [call() for _ in range(3)]
    assert call().line.recv(10) == b""
    for caller in held:
        caller.hang_up()
    assert any(_printed(call(), settings) == "well\n" for _ in range(100))  # once it has noticed


def _printed(caller: Call, settings: Path) -> str:
    try:
        return caller.ask("status", settings=settings).read()
    except BrokenPipeError:
        return ""


def test_a_caller_who_means_another_settings_file_is_told_that_it_is_elsewhere(
    serve: Serve, call: Calling, settings: Path
) -> None:
    serve("print('well')")
    answer = call().ask("status", settings=settings.with_name("other.toml")).answer()
    assert isinstance(answer, wire.Refused)
    assert answer.elsewhere


def test_a_program_that_cannot_be_started_is_refused_in_words(call: Calling, path: Path, settings: Path) -> None:
    server = Serving(path, settings, {}, program=("/nowhere/at/all",))
    server.start()
    answer = call().ask("status", settings=settings).answer()
    server.close()
    assert isinstance(answer, wire.Refused)
    assert "start no more processes" in answer.why


def test_the_log_has_who_and_how_it_ended_and_none_of_the_words(serve: Serve, call: Calling, settings: Path) -> None:
    serve("import sys; sys.exit(3)")
    with structlog.testing.capture_logs() as logged:
        caller = call().ask("show", "ada@example.com", settings=settings, command="show")
        assert caller.answer() == wire.Ended(3)
        call().ask("ada@example.com", settings=settings, command="ada@example.com").answer()
    (ended, refused) = logged
    assert (ended["event"], ended["command"], ended["code"], ended["uid"]) == (
        "command_handed_over", "show", 3, os.geteuid(),
    )  # fmt: skip
    assert refused["event"] == "command_refused"
    assert "ada" not in str(logged)


def test_what_a_dead_daemon_left_behind_makes_room(serve: Serve, call: Calling, path: Path, settings: Path) -> None:
    left = wire.new_line()
    left.bind(str(path))
    left.close()
    serve("print('well')")
    assert call().ask("status", settings=settings).read() == "well\n"


def test_the_socket_of_a_daemon_that_lives_is_left_to_it(
    serve: Serve, call: Calling, path: Path, settings: Path
) -> None:
    serve("print('well')")
    with pytest.raises(FatalError, match="another daemon"):
        Serving(path, settings, {}).start()
    with structlog.testing.capture_logs() as logged, serving(path, settings, {}):
        pass
    assert [it["event"] for it in logged] == ["control_not_opened"]
    assert call().ask("status", settings=settings).read() == "well\n"


@pytest.mark.parametrize("name", ["no/such/folder.sock", "x" * 120, "a-file"])
def test_a_socket_that_cannot_be_made_is_told_and_the_daemon_goes_on(tmp_path: Path, settings: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("not ours")
    done = False
    with structlog.testing.capture_logs() as logged, serving(tmp_path / name, settings, {}):
        done = True
    assert done
    assert [it["event"] for it in logged] == ["control_not_opened"]
    assert (tmp_path / "a-file").read_text() == "not ours"


def test_without_a_place_there_is_no_socket(settings: Path) -> None:
    with structlog.testing.capture_logs() as logged, serving(None, settings, {}):
        pass
    assert logged == []


def test_no_descriptor_is_left_open_by_any_of_it(serve: Serve, call: Calling, settings: Path) -> None:
    serve("print('well')")

    def open_after_two_calls() -> int:
        for caller in (call().ask("status", settings=settings), call().send(b"garbage")):
            caller.answer()
            caller.line.recv(10)  # its end
            caller.close()
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    assert len({open_after_two_calls() for _ in range(4)}) == 1
