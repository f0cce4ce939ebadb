"""Saved segments as tables of the file: whatever a store's people wrote, the file reads it back unchanged."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.config.appending import append
from syncd.config.imported import Imported, imported, quoted
from syncd.errors import ConfigError, FatalError, Problem
from syncd.ports import SavedSegment

ODD = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"\\\n\r\t\x00\x7f'#é💎\u2028"), max_size=40)


def read(*saved: SavedSegment, known: dict[str, str] | None = None, taken: tuple[str, ...] = ()) -> list[Imported]:
    return imported(saved, kind="shop", stores=(), known=known or {}, taken=taken)


@given(ODD)
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}\n")["x"] == text


@given(st.lists(st.tuples(ODD, ODD), max_size=5))
@settings(max_examples=60)
def test_whatever_the_store_holds_the_tables_are_toml(saved: list[tuple[str, str]]) -> None:
    found = read(*(SavedSegment(*each) for each in saved))
    tables = tomllib.loads("\n".join(it.toml() for it in found)).get("segments", {})
    usable = [it for it in found if it.usable]
    assert tables == {it.name: {"title": it.title, "query": it.query} for it in usable}
    assert len({it.name for it in found}) == len(found)


def test_a_query_of_several_lines_stays_as_it_is(load_text: Any) -> None:
    query = "customer_tags CONTAINS 'O\\'Reilly\\'s \"friends\"'\n  OR number_of_orders   >= 5"
    (it,) = read(SavedSegment('VIP & "friends"', query))
    loaded = load_text(it.toml()).segments["vip-friends"]
    assert (loaded.title, loaded.query) == ('VIP & "friends"', query)


def test_what_only_the_store_knows_is_asked_of_it(load_text: Any) -> None:
    (it,) = read(SavedSegment("Opened", "shopify_email.opened MATCHES (date >= -30d)"))
    assert it.toml().startswith("# shopify_email.opened is known to the store alone")
    assert load_text(it.toml()).segments["opened"].asks_store


def test_what_cannot_be_read_stands_there_as_a_comment(load_text: Any) -> None:
    (it,) = read(SavedSegment("New thing", "colour = 'blue'"))
    assert "'colour'" in it.toml()
    assert all(line.startswith("#") for line in it.toml().splitlines())
    assert load_text(it.toml()).segments == {}


def test_names_are_good_and_unlike_each_other() -> None:
    titles = ["Été à Zürich!", "Été à Zürich?", "日本", "", "x" * 300, "vip"]
    found = read(*(SavedSegment(title, "number_of_orders > 1") for title in titles), taken=("vip",))
    assert [it.name for it in found] == ["ete-a-zurich", "ete-a-zurich-2", "segment", "segment-2", "x" * 59, "vip-2"]


def test_what_the_file_has_already_is_only_mentioned() -> None:
    (it,) = read(SavedSegment("A", " number_of_orders > 1"), known={"number_of_orders > 1": "repeat"})
    assert it.toml() == "# 'A' is in this file already: [segments.repeat]\n"


def test_with_several_stores_it_is_said_whose_it_is(load_text: Any) -> None:
    (it,) = imported([SavedSegment("A", "amount_spent > 1")], kind="shop", stores=("main",), known={}, taken=())
    assert load_text(it.toml()).segments["a"].stores == ("main",)


class TestAppending:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "syncd.toml"
        path.write_bytes(b"[a]\nb = 1")
        path.chmod(0o640)
        return path

    def test_the_new_file_takes_the_old_ones_place_and_mode(self, file: Path) -> None:
        link = file.with_name("link.toml")
        link.symlink_to(file)
        append(link, "[c]\nd = 2\n", lambda path: tomllib.loads(path.read_text()))
        assert file.read_text() == "[a]\nb = 1\n\n[c]\nd = 2\n"
        assert link.is_symlink()
        assert file.stat().st_mode & 0o777 == 0o640
        assert sorted(each.name for each in file.parent.iterdir()) == ["link.toml", "syncd.toml"]

    def test_a_file_that_changed_meanwhile_is_left_alone(self, file: Path) -> None:
        with pytest.raises(FatalError, match="changed meanwhile"):
            append(file, "[c]\n", lambda _: file.write_bytes(b"other"))
        assert [each.read_bytes() for each in file.parent.iterdir()] == [b"other"]

    def test_a_new_file_that_would_not_load_is_not_kept(self, file: Path) -> None:
        def refused(path: Path) -> None:
            raise ConfigError([Problem(str(path), 3, "segments.a.query", "is wrong\n  here")])

        with pytest.raises(FatalError, match=r"would not load \(segments.a.query: is wrong\); it is left as it is"):
            append(file, "x = 1\n", refused)
        assert len(list(file.parent.iterdir())) == 1
        assert file.read_bytes() == b"[a]\nb = 1"

    def test_a_file_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(FatalError, match="cannot be written: no such file"):
            append(tmp_path / "none.toml", "", lambda _: None)
