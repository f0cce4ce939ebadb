"""`syncd import-segments`: what the store's people saved, as tables that load."""

from __future__ import annotations

import tomllib

from tests.acceptance.place import Place


def test_what_is_printed_loads_beside_the_rest(place: Place) -> None:
    ended = place.run("import-segments")
    assert (ended.code, ended.err) == (0, "")
    saved = {it["name"]: it["query"] for it in place.control("/shops/main/segments")["segments"]}
    tables = tomllib.loads(ended.out)["segments"]
    assert {it["title"]: it["query"] for it in tables.values()} == saved
    assert tables["opened-an-e-mail-lately"]["source"] == "shopify"
    place.file.write_text(place.file.read_text() + ended.out)
    assert place.run("check", "--offline").code == 0


def test_append_adds_what_is_not_there_and_nothing_twice(place: Place) -> None:
    place.control("/shops/main/segments", {"name": "Ours already", "query": "number_of_orders >= 2"})
    first = place.run("import-segments", "--append", "--json").json
    assert first["added"]
    assert [it["segment"] for it in first["segments"] if it["already"]] == ["repeat-buyers"]
    after = place.file.read_text()
    assert len(tomllib.loads(after)["segments"]) == 2 + 7
    again = place.run("import-segments", "--append")
    assert (again.code, place.file.read_text()) == (0, after)
    assert "0 segments added" in again.out
    assert "8 were there already" in again.out


def test_a_store_that_is_not_in_the_settings_is_none(place: Place) -> None:
    ended = place.run("import-segments", "--store", "nowhere", "--json")
    assert (ended.code, ended.json["error"]["kind"]) == (2, "usage")
