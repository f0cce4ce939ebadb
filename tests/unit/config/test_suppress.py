"""The exclusion list: understood whole or not at all, and no line of it is ever repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config import Settings, exclusion_sources
from syncd.errors import ConfigError

Load = Callable[..., Settings]
WITH_FILE = '[suppress]\nfiles = ["left-alone.txt"]\n'


def entries(settings: Settings) -> list[str]:
    return exclusion_sources(settings.suppress).entries()


@pytest.fixture
def listed(tmp_path: Path, load_text: Load) -> Callable[[str], Settings]:
    """Return a way to load settings with one file of exclusions."""

    def write(text: str) -> Settings:
        (tmp_path / "left-alone.txt").write_text(text, encoding="utf-8")
        return load_text(WITH_FILE)

    return write


def test_without_the_table_nobody_is_excluded(load_text: Load) -> None:
    assert entries(load_text("")) == []


def test_addresses_and_domains_are_taken_as_identities(load_text: Load) -> None:
    text = '[suppress]\naddresses = [" Ada@X.Example "]\ndomains = ["Example.ORG", "@shop.example"]\n'
    assert entries(load_text(text)) == ["@example.org", "@shop.example", "ada@x.example"]


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("ada@x.example", "ada@x.example"),
        ("  ADA@X.example\t", "ada@x.example"),
        ("@x.example", "@x.example"),
        ("x.example", "@x.example"),
        ("ada@x.example # asked by telephone", "ada@x.example"),
        ("ada#1@x.example", "ada#1@x.example"),
        ('"ada@x.example",Ada,2026-01-02', "ada@x.example"),
        ("ada@x.example;Ada", "ada@x.example"),
        ("ada@x.example\tAda", "ada@x.example"),
        ('"odd@local"@x.example', '"odd@local"@x.example'),
        ("jürgen@müller.example", "jürgen@müller.example"),
    ],
)
def test_a_line_is_an_address_or_a_domain(line: str, entry: str, listed: Callable[[str], Settings]) -> None:
    assert entries(listed(f"{line}\n")) == [entry]


@pytest.mark.parametrize("text", ["", "\n\n", "# nobody yet\n", "  # nobody, really\r\n\r\n", "\ufeff# with a mark\n"])
def test_comments_and_empty_lines_are_nobody(text: str, listed: Callable[[str], Settings]) -> None:
    assert entries(listed(text)) == []


def test_the_heading_of_an_export_is_nobody(listed: Callable[[str], Settings]) -> None:
    assert entries(listed("Email Address,First Name\r\nada@x.example,Ada\r\n")) == ["ada@x.example"]


def test_each_wrong_line_is_named_and_none_is_repeated(listed: Callable[[str], Settings], tmp_path: Path) -> None:
    settings = listed("ada@x.example\nsecret person\nbob@\n@\nbob@nodomain\nEmail\n")

    with pytest.raises(ConfigError) as caught:
        entries(settings)

    problems = caught.value.problems
    assert [(it.file, it.line) for it in problems] == [(str(tmp_path / "left-alone.txt"), at) for at in (2, 3, 4, 5, 6)]
    assert all(it.fix for it in problems)
    for word in ("ada", "secret", "bob"):
        assert word not in str(caught.value)


def test_a_file_of_rubbish_tells_the_first_lines_only(listed: Callable[[str], Settings]) -> None:
    with pytest.raises(ConfigError) as caught:
        entries(listed("?\n" * 1000))
    assert len(caught.value.problems) == 20


def test_a_missing_file_is_told_with_its_name(load_text: Load, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        exclusion_sources(load_text(WITH_FILE).suppress)
    assert caught.value.problems[0].file == str(tmp_path / "left-alone.txt")


def test_a_folder_is_not_a_list(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "left-alone.txt").mkdir()
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        exclusion_sources(load_text(WITH_FILE).suppress)


def test_a_line_that_is_not_utf_8_is_named(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "left-alone.txt").write_bytes(b"ada@x.example\nj\xfcrgen@x.example\n")
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        entries(load_text(WITH_FILE))
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('addresses = ["example.org"]', "suppress.addresses[0]: is not an address"),
        ("addresses = [1]", "suppress.addresses[0]: is not an address"),
        ('domains = ["x.example", "ada@x.example"]', "suppress.domains[1]: is not a domain"),
        ('domains = ["localhost"]', "suppress.domains[0]: is neither an address nor a domain"),
        ('files = "left-alone.txt"', "suppress.files: must be a list of paths in quotes"),
        ('people = ["ada@x.example"]', "suppress.people: is not a known key"),
    ],
)
def test_what_is_wrong_in_the_table_is_told_with_its_place(keys: str, told: str, load_text: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(f"[suppress]\n{keys}\n")
    assert told in str(caught.value)
    assert "ada@" not in str(caught.value)


def test_the_digest_tells_every_change_and_no_other(listed: Callable[[str], Settings], load_text: Load) -> None:
    first = exclusion_sources(listed("ada@x.example\n").suppress).digest
    again = exclusion_sources(listed("ada@x.example\n").suppress).digest
    other = exclusion_sources(listed("bob@x.example\n").suppress).digest
    more = exclusion_sources(load_text(WITH_FILE + 'domains = ["y.example"]\n').suppress).digest

    assert first == again
    assert len({first, other, more}) == 3
