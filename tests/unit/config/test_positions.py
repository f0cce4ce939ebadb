"""Where a key stands, and the line within a text of several."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.config.positions import KeyPath, Positions, first_error

TEXT = """\
# a comment
top = 1

[stores.main]
kind = "shop"
api.url = "x"
limits = { a = 1, "b c" = { d = 2 } }
list = [
  "one",  # first
  "two",
]

[stores."my shop"]
'kind' = "shop"

[[tests]]
name = "a"

[[tests]]
name = "b"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("stores",), 4),
        (("stores", "main"), 4),
        (("stores", "main", "kind"), 5),
        (("stores", "main", "api", "url"), 6),
        (("stores", "main", "api"), 6),
        (("stores", "main", "limits", "a"), 7),
        (("stores", "main", "limits", "b c", "d"), 7),
        (("stores", "main", "list"), 8),
        (("stores", "main", "list", 0), 9),
        (("stores", "main", "list", 1), 10),
        (("stores", "main", "missing"), 4),
        (("stores", "my shop", "kind"), 14),
        (("tests", 1, "name"), 20),
        (("nowhere", "at", "all"), 0),
    ],
)
def test_the_line_of_a_key(path: KeyPath, line: int) -> None:
    assert Positions(TEXT).line(path) == line


def test_a_header_comes_before_a_table_that_was_only_meant() -> None:
    positions = Positions("[segments.vip.limits]\nmin_size = 1\n\n[segments.vip]\n")
    assert positions.line(("segments", "vip")) == 4


pieces = st.text(alphabet="ab'\\\t é😀", max_size=6)


@given(lines=st.lists(pieces, min_size=1, max_size=6), quotes=st.sampled_from(['"""', "'''"]), data=st.data())
def test_the_line_of_a_character_in_a_text_of_lines(lines: list[str], quotes: str, data: st.DataObject) -> None:
    if quotes == "'''":
        lines = [line.replace("'", "") for line in lines]
    else:
        endings = data.draw(
            st.lists(st.sampled_from(["", " \\", "\\n", "\\u00e9"]), min_size=len(lines), max_size=len(lines))
        )
        lines = [line.replace("\\", "\\\\") + ending for line, ending in zip(lines, endings, strict=True)]
    marked = data.draw(st.integers(0, len(lines) - 1))
    lines[marked] = "§" + lines[marked]
    text = "\n".join(["# above", f"query = {quotes}", *lines, f"end{quotes}", ""])
    value = tomllib.loads(text)["query"]
    assert Positions(text).line_within(("query",), value.index("§")) == marked + 3


def test_the_line_of_a_text_on_one_line_is_its_own() -> None:
    positions = Positions('a = 1\nquery = "x\\ny"\n')
    assert positions.line_within(("query",), 2) == 2
    assert positions.line_within(("missing",), 2) == 0
    assert positions.line_within(("a",), 0) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('a = 1\nb = """\nx\n', (2, 1)),
        ("a = 1\nb = [1,\n 2\n", (2, 1)),
        ('é = "é" x\n', (1, 1)),
        ("a = 1\n", None),
    ],
)
def test_where_a_text_stops_being_toml(text: str, place: tuple[int, int] | None) -> None:
    assert first_error(text) == place
