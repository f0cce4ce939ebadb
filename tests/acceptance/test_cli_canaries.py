"""What no command may ever say: no secret anywhere, and nobody's data save where a command is there to show people."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.sandbox import SANDBOX, Options
from syncd.cli.app import app
from tests.acceptance.place import SEGMENTS, Ended, Place
from tests.support.scanning import found, found_below

ADDRESS = "zoe.canary@person.example"
PERSON: dict[str, Any] = {
    "email": ADDRESS,
    "consent": "SUBSCRIBED",
    "first_name": "Zoëlinda",
    "last_name": "Canarina",
    "phone": "+4915112345678",
    "tags": ["canarytag"],
    "addresses": [{"country_code": "DE", "city": "Canaryville", "zip": "98765-43", "address1": "Canary Lane 7"}],
}
NAMES: list[str | int] = [ADDRESS, "Zoëlinda", "Canarina", "+4915112345678", "Canaryville", "98765-43", "canarytag"]
CASES: dict[str, tuple[tuple[str, ...], bool]] = {
    "check": ((), False),
    "test": ((), False),
    "import-segments": ((), False),
    "plan": ((), True),
    "sync": (("--full",), False),
    "approve": (("999",), False),
    "undo": (("1",), True),
    "alerts": ((), False),
    "status": ((), False),
    "segments": ((), False),
    "members": (("repeat-buyers",), True),
    "explain": ((ADDRESS,), True),
    "history": ((ADDRESS,), True),
    "show": ((ADDRESS,), True),
    "runs": ((), False),
    "verify": ((), False),
    "audit": ((), True),
    "export": ((ADDRESS,), True),
    "backup": ((), False),
    "restore": (("--list",), False),
    "remember": (("somebody@else.example",), False),
    "forget": (("nobody@else.example", "--yes"), False),
}
"""How each command is called, and whether it is there to show people."""
ELSEWHERE = {"init", "demo", "sandbox", "run", "report"}
"""Commands that ask, that run on, or that make a world of their own; reports have tests of their own."""
BUG = """
import syncd.cycle.cycle as cycle
def evaluate(services, *_, **__):
    key = services.audiences["newsletter"], {words!r}
    raise LookupError(f"{{key}} of {words}")
cycle.evaluate = evaluate
from syncd.cli import main
raise SystemExit(main())
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with SANDBOX.start(Options(customers=40, bulk_seconds=0.0)) as running:
        made = Place(tmp_path_factory.mktemp("canaries"), running)
        person = made.control("/shops/main/customers", PERSON)["id"]
        for _ in range(2):
            made.control("/shops/main/orders", {"customer_id": person, "email": ADDRESS})
        made.file.chmod(0o600)
        assert made.run("sync", "--yes").code == 0
        yield made


def secrets(place: Place) -> list[str | int]:
    return [place.services["stores"]["main"]["access_token"], place.services["audiences"]["newsletter"]["api_key"]]


def said(ended: Ended) -> bytes:
    return ended.out.encode() + ended.err.encode()


def test_every_command_is_looked_at() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]

    assert set(commands) - ELSEWHERE == CASES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_no_command_says_a_secret_nor_of_people_what_it_is_not_there_to_say(place: Place, name: str) -> None:
    typed, shows_people = CASES[name]
    for options in (("--verbose",), ("--json",)):
        ended = place.run(name, *typed, *options)
        forbidden = [*secrets(place), *([] if shows_people else NAMES)]
        assert found(said(ended), forbidden) == []
        assert "unexpected" not in ended.out
        assert "unforeseen" not in ended.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "page", "calls": None, "status": 500},
        {"kind": "cut", "calls": None},
        {"kind": "token_revoked", "calls": None},
        {"kind": "member_refused", "reasons": ["compliance"]},
    ],
    ids=lambda it: it["kind"],
)
def test_no_fault_of_a_service_makes_a_sync_say_more(place: Place, rule: dict[str, Any]) -> None:
    place.control("/faults", {"seed": 1, "rules": [rule]})
    try:
        ended = place.run_patiently("sync", "--full", "--verbose", "--json")
    finally:
        place.control("/faults", method="DELETE")

    assert found(said(ended), [*secrets(place), *NAMES]) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_a_bug_shows_its_lines_and_no_value(place: Place, as_json: bool) -> None:
    words = f"{ADDRESS} {secrets(place)[0]}"
    ended = subprocess.run(
        [sys.executable, "-c", BUG.format(words=words), "sync", "--verbose", *(["--json"] if as_json else [])],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 1
    assert b"LookupError" in ended.stderr
    assert b"in evaluate" in ended.stderr
    assert found(ended.stdout + ended.stderr, [*secrets(place), *NAMES]) == []


def test_no_file_but_the_database_and_the_settings_holds_anybody_or_a_secret(place: Place) -> None:
    place.run("check")
    holding = found_below(place.folder, [*secrets(place), *NAMES], but=("syncd.toml",))

    assert {name for name in holding if not name.startswith(("syncd.db", "backups/"))} == set()
    assert not [mark for marks in holding.values() for mark in marks if mark in secrets(place)]


def test_every_file_is_the_owners_alone(place: Place) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in Path(place.folder).rglob("*") if path.is_file()}

    assert {name for name, mode in modes.items() if mode} == set()


def test_the_settings_show_no_secret_when_they_are_printed(place: Place) -> None:
    code = "from syncd.wiring import read_settings; s = read_settings('syncd.toml'); print(repr(s), str(s), vars(s))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=place.folder, env=place.environment, capture_output=True, check=True
    )

    assert SEGMENTS.split('"')[1].encode() in ended.stdout
    assert found(ended.stdout, secrets(place)) == []


def test_no_core_of_a_crash_is_written() -> None:
    code = "import resource; from syncd.cli import _keep_private; _keep_private(); print(resource.getrlimit(4)[0])"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert ended.stdout == b"0\n"
