from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.shopify.lines import Counts, LostRowsError, whole_lines
from connectors.shopify.recipe import Recipe, as_it_is
from connectors.shopify.staging import Staging
from connectors.shopify.wire import Node
from syncd.errors import FatalError


class Row(Node):
    name: str = ""


RECIPE = Recipe(Row, Node, as_it_is, as_it_is, lambda row, below: (row.number, row.name, [it.number for it in below]))


def record(number: int, name: str = "") -> dict[str, Any]:
    return {"id": f"gid://shopify/Order/{number}", "name": name}


def child(number: int, parent: int) -> dict[str, Any]:
    return {"id": f"gid://shopify/LineItem/{number}", "__parentId": f"gid://shopify/Order/{parent}"}


def file(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as a file, slashes escaped as the service does it."""
    return b"".join(msgspec.json.encode(row).replace(b"/", b"\\/") + b"\n" for row in rows)


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def staged(content: bytes, *, size: int = 64, range_bytes: int = 200) -> tuple[Counts, list[tuple[int, list[int]]]]:
    with Staging("the store main", RECIPE, range_bytes=range_bytes) as staging:
        counts = staging.fill(cut(content, size))
        joined = [(number, below) for batch in staging.values() for number, _, below in batch]
    return counts, joined


families = st.dictionaries(
    st.integers(1, 10**13), st.lists(st.integers(1, 10**6), unique=True, max_size=4), max_size=40
)


@settings(max_examples=60)
@given(families, st.randoms(use_true_random=False), st.integers(1, 4000), st.integers(1, 3000))
def test_children_find_their_parents_however_the_lines_are_mixed(
    family: dict[int, list[int]], random: Random, size: int, range_bytes: int
) -> None:
    rows = [record(parent) for parent in family]
    rows += [child(number, parent) for parent, children in family.items() for number in children]
    random.shuffle(rows)
    counts, joined = staged(file(rows), size=size, range_bytes=range_bytes)
    assert [number for number, _ in joined] == sorted(family)
    assert {number: sorted(children) for number, children in joined} == {
        number: sorted(children) for number, children in family.items()
    }
    assert (counts.lines, counts.records) == (len(rows), len(family))


def test_a_large_file_is_joined_in_many_small_ranges() -> None:
    rows = [row for number in range(1, 3001) for row in (record(number), child(number, number))]
    content = file(rows)
    with Staging("the store main", RECIPE, range_bytes=20_000) as staging:
        staging.fill(cut(content, 1000))
        sizes = [len(batch) for batch in staging.values()]
    assert len(sizes) > 10
    assert max(sizes) < 600


def test_an_empty_file_holds_nothing() -> None:
    assert staged(b"") == (Counts(0, 0), [])


def test_a_last_line_without_an_end_is_a_line() -> None:
    assert staged(file([record(1), record(2)])[:-1])[1] == [(1, []), (2, [])]


def test_a_record_that_is_there_twice_is_one_with_all_its_children() -> None:
    rows = [record(1, "old"), child(10, 1), record(1, "new"), child(10, 1), child(11, 1)]
    with Staging("the store main", RECIPE) as staging:
        staging.fill([file(rows)])
        assert next(staging.values()) == [(1, "new", [10, 11])]


def test_a_child_without_its_parent_means_lost_rows() -> None:
    with pytest.raises(LostRowsError, match="lost rows"):
        staged(file([record(1), child(10, 2)]))


def test_a_damaged_file_is_no_file() -> None:
    for content in (b'{"id":"gid://shopify/Order/1"', b"<html>\n", b'{"id":"gid://shopify/Order/1"}\n{"id"\n'):
        with pytest.raises(LostRowsError, match="damaged"):
            staged(content)


def test_a_line_that_is_not_what_was_asked_for_is_told_without_its_content() -> None:
    with pytest.raises(FatalError, match="not what was asked for") as caught:
        staged(file([record(1) | {"name": {"email": "anna@example.com"}}]))
    assert "anna" not in str(caught.value)


def test_the_files_have_no_name_and_are_nobody_elses(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Staging("the store main", RECIPE) as staging:
        staging.fill([file([record(1), child(2, 1)])])
        for pair in staging._ranges:
            for each in pair:
                assert os.fstat(each.fileno()).st_mode & 0o077 == 0
        assert list(tmp_path.iterdir()) == []


def test_text_between_the_ends_of_lines_is_kept_whole() -> None:
    assert list(whole_lines([b"a\nb", b"c", b"\n", b"d\ne\nf"])) == [b"a\n", b"bc\n", b"d\ne\n", b"f\n"]
