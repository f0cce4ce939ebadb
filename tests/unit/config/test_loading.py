"""From a good file to values, and files that can't be read at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.config import GlobalLimits, Share, load
from syncd.config.tables import Limits
from syncd.config.units import parse_share
from syncd.errors import ConfigError

VIP = '\n[segments.vip]\nquery = "amount_spent > 100"\n'


def test_defaults_of_a_file_with_one_store(load_text: Any, tmp_path: Path) -> None:
    settings = load_text('[stores.main]\nkind = "shop"\nshop = "my-shop"\ntoken = { env = "SHOP_TOKEN" }\n')
    assert settings.syncd.database == tmp_path / "syncd.db"
    assert (settings.syncd.log_format, settings.syncd.timezone, settings.syncd.week_starts) == ("auto", None, "monday")
    assert settings.limits == GlobalLimits()
    assert str(settings.limits.max_consent_changes) == "10%"
    assert (str(settings.limits.max_remove), str(settings.limits.max_add)) == ("30%", "50%")
    assert (settings.limits.min_size, settings.limits.first_push) == (20, "hold")
    store = settings.stores["main"]
    assert (store.name, store.kind, store.every, store.cron) == ("main", "shop", 300, None)
    assert dict(settings.audiences) == {}
    assert dict(settings.segments) == {}
    assert settings.path == tmp_path / "syncd.toml"
    assert settings.warnings == ()


def test_everything_said_is_kept(load_text: Any, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    settings = load_text("""
        [syncd]
        database = "sub/mirror.db"
        log_format = "json"
        timezone = "Europe/Paris"
        week_starts = "sunday"
        [stores.one]
        kind = "shop"
        shop = "one"
        token = { env = "SHOP_TOKEN" }
        every = "1h"
        [stores.two]
        kind = "shop"
        shop = "two"
        token = { env = "SHOP_TOKEN" }
        cron = "0 3 * * *"
        [audiences.news]
        kind = "list"
        list = "abc"
        key = { env = "LIST_KEY" }
        fields = { FNAME = "first_name" }
        new_contacts = "never"
        every = "2d"
        [segments.vip]
        title = "Very important"
        query = "amount_spent > 100"
        tag = "VIP"
        audiences = ["news"]
        audience_tag = "Vip!"
        stores = ["two"]
        adopt = true
        enabled = false
    """)
    assert settings.syncd.database == tmp_path / "sub" / "mirror.db"
    assert (settings.syncd.log_format, settings.syncd.timezone, settings.syncd.week_starts) == (
        "json",
        "Europe/Paris",
        "sunday",
    )
    assert list(settings.stores) == ["one", "two"]
    assert (settings.stores["one"].every, settings.stores["one"].cron) == (3600, None)
    assert (settings.stores["two"].every, settings.stores["two"].cron) == (None, "0 3 * * *")
    news = settings.audiences["news"]
    assert (news.new_contacts, news.every, news.own.fields) == ("never", 172_800, {"FNAME": "first_name"})
    vip = settings.segments["vip"]
    assert (vip.name, vip.title, vip.stores, vip.adopt, vip.enabled) == ("vip", "Very important", ("two",), True, False)
    assert vip.rule.text == vip.query == "amount_spent > 100"
    assert list(vip.labels()) == [("two", "VIP"), ("news", "Vip!")]


def test_a_segment_is_about_all_stores_unless_it_names_some(load_text: Any) -> None:
    shops = "".join(
        f'[stores.{name}]\nkind = "shop"\nshop = "{name}"\ntoken = {{ env = "SHOP_TOKEN" }}\n' for name in ("b", "a")
    )
    vip = load_text(shops + VIP + 'tag = "vip"\n').segments["vip"]
    assert vip.stores == ("b", "a")
    assert list(vip.labels()) == [("b", "vip"), ("a", "vip")]


def test_labels_without_a_tag_go_to_audiences_only_and_without_any_nowhere(load_text: Any) -> None:
    settings = load_text(
        VIP + 'audiences = ["news"]\naudience_tag = "x"\n\n[segments.all]\nquery = "amount_spent >= 0"\n'
    )
    assert list(settings.segments["vip"].labels()) == [("news", "x")]
    assert list(settings.segments["all"].labels()) == []


def test_two_segments_may_write_one_tag_to_different_targets(load_text: Any) -> None:
    settings = load_text(
        VIP
        + 'tag = "gold"\n\n[segments.two]\nquery = "amount_spent > 1"\naudiences = ["news"]\naudience_tag = "gold"\n'
    )
    assert list(settings.segments) == ["vip", "two"]


def test_limits_of_a_segment_complete_those_of_the_file(load_text: Any) -> None:
    limits = '[limits]\nmax_remove = "10%"\nmin_size = 5\n'
    settings = load_text(limits + VIP + 'limits = { min_size = 0, first_push = "apply" }\n')
    assert settings.segments["vip"].limits == Limits(
        max_remove=parse_share("10%"), max_add=parse_share("50%"), min_size=0, first_push="apply"
    )
    assert settings.limits.min_size == 5
    assert isinstance(settings.limits.max_add, Share)


def test_a_database_may_be_anywhere(load_text: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load_text('[syncd]\ndatabase = "~/x.db"\n').syncd.database == tmp_path / "home" / "x.db"
    assert load_text(f'[syncd]\ndatabase = "{tmp_path}/home/y.db"\n').syncd.database == tmp_path / "home" / "y.db"


def test_settings_cannot_be_changed(load_text: Any) -> None:
    settings = load_text(VIP)
    with pytest.raises(ValidationError):
        settings.limits.min_size = 1
    with pytest.raises(TypeError):
        settings.segments["other"] = settings.segments["vip"]


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_mark_at_the_start_and_windows_newlines_make_no_difference(
    load_text: Any, tmp_path: Path, connectors: dict[str, Any], environ: Mapping[str, str], change: Any
) -> None:
    plain = load_text(VIP)
    path = tmp_path / "syncd.toml"
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())
    assert load(path, connectors, environ=environ) == plain


def test_windows_newlines_do_not_shift_lines(
    tmp_path: Path, connectors: dict[str, Any], environ: Mapping[str, str]
) -> None:
    path = tmp_path / "syncd.toml"
    path.write_bytes(b'[segments.vip]\r\nquery = """\r\namount_spent > 1\r\nAND emial = 2\r\n"""\r\n')
    with pytest.raises(ConfigError) as caught:
        load(path, connectors, environ=environ)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (0, "stores"),
        (4, "segments.vip.query"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"# fine\n# caf\xe9\n", 2, "not UTF-8"),
        (b"a = " + b"[" * 5000, 0, "nested too deeply"),
        (b"a = 1" + b"0" * 5000, 1, ""),
        ("a = “x”\n".encode(), 1, "straight quotes"),
    ],
)
def test_a_text_that_is_no_toml_is_told(
    tmp_path: Path, connectors: dict[str, Any], content: bytes, line: int, told: str
) -> None:
    path = tmp_path / "syncd.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path, connectors, environ={})
    (problem,) = caught.value.problems
    assert problem.line == line
    assert told in str(problem)


@pytest.mark.parametrize(
    ("name", "told"),
    [("gone.toml", "no such file"), ("folder", "this is a folder"), ("syncd.toml/x", "cannot be read")],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, connectors: dict[str, Any], name: str, told: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "syncd.toml").touch()
    with pytest.raises(ConfigError, match=told):
        load(tmp_path / name, connectors, environ={})


class Shelf(Mapping[str, Any]):
    """Connectors that are fetched when they are asked for."""

    def __init__(self, connectors: dict[str, Any]) -> None:
        self.connectors = connectors
        self.fetched: list[str] = []

    def __getitem__(self, kind: str) -> Any:
        self.fetched.append(kind)
        return self.connectors[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.connectors)

    def __len__(self) -> int:
        return len(self.connectors)


def test_only_connectors_that_the_file_names_are_fetched(load_text: Any, connectors: dict[str, Any]) -> None:
    path = load_text('[stores.main]\nkind = "shop"\nshop = "my-shop"\ntoken = "x"\n').path
    shelf = Shelf(connectors)
    load(path, shelf, environ={})
    assert shelf.fetched == ["shop"]


def test_a_rule_that_is_perhaps_not_meant_is_a_warning_on_its_line(load_text: Any) -> None:
    (warning,) = load_text('\n[segments.vip]\nquery = "amount_spent > 1 and number_of_orders > 1"\n').warnings
    assert (warning.line, warning.key) == (12, "segments.vip.query")


def test_an_audience_tag_without_audiences_is_a_warning(load_text: Any) -> None:
    (warning,) = load_text(VIP + 'audience_tag = "x"\n').warnings
    assert (warning.line, warning.message) == (13, "has no effect without audiences")


def test_a_file_without_problems_needs_no_second_reading(load_text: Any) -> None:
    path = load_text(VIP).path
    program = (
        "import sys; from pathlib import Path; from syncd.config.document import parse, read;"
        "from syncd.config.findings import Findings;"
        "text = read(Path(sys.argv[1])); parse(Path(sys.argv[1]), text);"
        "assert Findings('', text).problems() == []; assert 'tree_sitter' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
