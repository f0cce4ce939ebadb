"""Forgetting as a merchant does it: no file of theirs holds a byte of the person, and everybody else is whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.place import Place
from tests.support.scanning import found, found_below

ADDRESS = "Zoe.Canary@Person.example"
PERSON: dict[str, Any] = {
    "email": ADDRESS,
    "consent": "SUBSCRIBED",
    "first_name": "Zoëlinda",
    "last_name": "Canarina",
    "phone": "+4915112345678",
    "number_of_orders": 4,
    "amount_spent": 99_900,
    "tags": ["canarytag"],
    "addresses": [{"country_code": "DE", "city": "Canaryville", "zip": "98765-43", "address1": "Canary Lane 7"}],
}
HELD = '\n[segments.every]\nquery = "number_of_orders >= 0"\ntag = "every"\n'


@pytest.fixture
def marks(place: Place) -> list[str | int]:
    """Put a person into the shop, with an order, a checkout and a contact; return what nobody else has."""
    person = place.control("/shops/main/customers", PERSON)["id"]
    for tag in ("canaryorder", "another"):
        place.control("/shops/main/orders", {"customer_id": person, "email": ADDRESS, "tags": [tag]})
    assert place.run("sync", "--yes", "--json").code == 0
    return [ADDRESS, "Zoëlinda", "Canarina", "+4915112345678", "Canaryville", "98765-43", "canarytag", "Lane 7", person]


def left(place: Place, marks: list[str | int]) -> dict[str, list[str | int]]:
    return found_below(place.folder, marks)


def killed_with_a_log(place: Place) -> None:
    """Kill a sync the hard way once it has written, so that it leaves a log behind."""
    before = place.writes()
    process = place.start("sync", "--yes", "--full")
    while place.writes() <= before and process.poll() is None:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_no_byte_of_a_forgotten_person_is_left_in_any_file(place: Place, marks: list[str | int]) -> None:
    neighbour = place.run("members", "repeat-buyers", "--json").json["members"][0]
    place.run("backup")
    place.settings(HELD)
    place.run("sync", "--json")  # a held plan
    place.control("/shops/main/customers/" + str(marks[-1]), {"number_of_orders": 5}, "PATCH")
    killed_with_a_log(place)
    assert len(left(place, marks)) >= 2
    told = place.run("export", ADDRESS, "--json").json
    assert [found(json.dumps(told, ensure_ascii=False).encode(), [mark]) for mark in marks[:7]] == [
        [mark] for mark in marks[:7]
    ]
    assert all(told[part] for part in ("customers", "orders", "segments", "changes", "contacts", "labels_given"))
    assert told["orders"][0]["lines"]

    ended = place.run("forget", ADDRESS, "--yes", "--json")

    assert ended.code == 0, ended
    assert found(ended.out.encode() + ended.err.encode(), marks) == []
    assert left(place, marks) == {}
    assert neighbour["email"].lower() in {
        it["email"].lower() for it in place.run("members", "every", "--json").json["members"] if it["email"]
    }
    assert len(left(place, [neighbour["customer_id"]])) >= 2  # the database and its copies
    dumped = next(it for it in place.dump() if it["kind"] == "customer" and it["id"] == marks[-1])
    assert dumped["tags"] == ["canarytag"]
    for command in ("explain", "history", "export"):
        assert place.run(command, ADDRESS).code == 1
        assert place.run(command, str(marks[-1])).code == 1
    place.control("/shops/main/orders", {"customer_id": marks[-1], "email": ADDRESS})
    for typed in (("sync", "--yes", "--json"), ("sync", "--full", "--json")):
        assert place.run(*typed).json["failures"] == []
    assert left(place, marks) == {}


def test_without_a_word_nothing_is_erased(place: Place, marks: list[str | int]) -> None:
    ended = place.run("forget", ADDRESS, "--json")

    assert (ended.code, ended.json["error"]["kind"]) == (2, "usage")
    assert "syncd.db" in left(place, marks)


def test_where_a_service_is_out_of_reach_nothing_is_erased_unless_locally(place: Place, marks: list[str | int]) -> None:
    place.sandbox.stop()

    ended = place.run_patiently("forget", ADDRESS, "--yes", "--json")

    assert ended.code == 4
    assert "nothing was erased" in ended.json["error"]["message"]
    assert "syncd.db" in left(place, marks)
    assert place.run("forget", ADDRESS, "--yes", "--local").code == 0
    assert left(place, marks) == {}


def test_the_person_can_be_named_on_standard_input(place: Place, marks: list[str | int]) -> None:
    ended = subprocess.run(
        place.typed("forget", "-", "--yes", "--json"),
        cwd=place.folder,
        env=place.environment,
        input=ADDRESS.encode() + b"\n",
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, json.loads(ended.stdout)["customers"]) == (0, 1)
    assert left(place, marks) == {}


def test_who_signs_up_again_is_let_in(place: Place, marks: list[str | int]) -> None:
    assert place.run("forget", str(marks[-1]), "--yes").code == 0
    assert place.run("remember", "somebody@else.example").code == 2

    assert place.run("remember", ADDRESS, "--json").json == {"let_in": 1}

    assert place.run("sync", "--yes", "--json").json["result"] == "done"
    assert place.run("explain", ADDRESS).code == 0


def test_a_redaction_in_the_store_erases_without_any_command(place: Place, marks: list[str | int]) -> None:
    place.run("backup")
    erased = {"email": "erased@erased.example", "phone": "+4900000", "sms_consent": "REDACTED"}
    nothing = {"first_name": None, "last_name": None, "addresses": [], "tags": []}
    place.control(f"/shops/main/customers/{marks[-1]}", {**erased, **nothing}, "PATCH")

    told = place.run("sync", "--json").json

    assert (told["result"], told["failures"]) == ("done", [])
    assert left(place, marks) == {}


def test_a_deletion_in_the_store_erases_without_any_command(place: Place) -> None:
    person = place.control("/shops/main/customers", {**PERSON, "addresses": [], "consent": "NOT_SUBSCRIBED"})["id"]
    gone: list[str | int] = [ADDRESS, "Zoëlinda", "Canarina", "+4915112345678", "canarytag", person]
    place.run("sync", "--yes")
    place.run("backup")
    assert left(place, gone)
    place.control(f"/shops/main/customers/{person}", method="DELETE")

    assert place.run("sync", "--json").json["removed"] == {"main": {"customers": 1}}

    assert left(place, gone) == {}


def test_a_database_of_another_user_is_refused_with_what_to_type(place: Place) -> None:
    place.run("sync", "--pull-only")
    database = Path(place.folder / "syncd.db")
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(database, 12_345, 12_345)

    ended = place.run("sync", "--json")

    assert ended.code == 1
    assert "sudo -u 12345 syncd …" in ended.json["error"]["hint"]
    assert not database.with_name("syncd.db-wal").exists()
