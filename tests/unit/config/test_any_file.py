"""Whatever is in the file, the answer is settings or problems in plain words, never a traceback."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.config import load
from syncd.errors import ConfigError, Problem

KEYS = st.sampled_from(
    "syncd stores audiences segments limits main news vip kind shop token app_secret version list key fields every cron"
    " new_contacts query tag audience_tag stores by rank over top adopt enabled max_remove max_add min_size first_push"
    " tests in not_in today orders date amount added products vendor"
    " database log_format timezone week_starts env file credential x".split()
)
TEXTS = st.sampled_from(
    ["", " ", "shop", "list", "main", "news", "vip", "VIP", "my-shop", "abc", "5m", "0 3 * * *", "30%", "email", "a,b",
     "~nobody-of-that-name/x", ".", "/", "x\0y", "x" * 5000, "amount_spent > 1", "amount_spend > 1", "((((", "'",
     "SHOP_TOKEN"]
) | st.text(max_size=8)  # fmt: skip
LEAVES = TEXTS | st.booleans() | st.integers(-3, 2**70) | st.floats(allow_nan=True)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
ACCOUNT = st.fixed_dictionaries(
    {"kind": st.sampled_from(["shop", "list", "x"])}, optional={"shop": TEXTS, "key": VALUES}
)
SEGMENT = st.fixed_dictionaries(
    {"query": TEXTS}, optional=dict.fromkeys(("tag", "audiences", "limits", "rank"), VALUES)
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "syncd": st.dictionaries(KEYS, VALUES, max_size=3) | VALUES,
        "limits": st.dictionaries(KEYS, VALUES, max_size=3) | VALUES,
        "stores": st.dictionaries(KEYS, ACCOUNT | st.dictionaries(KEYS, VALUES, max_size=4), max_size=2) | VALUES,
        "audiences": st.dictionaries(KEYS, ACCOUNT | st.dictionaries(KEYS, VALUES, max_size=4), max_size=2) | VALUES,
        "segments": st.dictionaries(KEYS, SEGMENT | st.dictionaries(KEYS, VALUES, max_size=4), max_size=3) | VALUES,
        "tests": st.lists(st.dictionaries(KEYS, VALUES, max_size=4) | VALUES, max_size=2) | VALUES,
        "other": VALUES,
    },
)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan"
    return json.dumps(value).replace("\x7f", "\\u007f")


def attempt(path: Path, connectors: dict[str, Any], content: bytes) -> None:
    path.write_bytes(content)
    problems: list[Problem] = []
    try:
        load(path, connectors, environ={"SHOP_TOKEN": "s3cret-of-the-shop"})
    except ConfigError as error:
        problems = error.problems
    for problem in problems:
        assert problem.message
        assert "s3cret-of-the-shop" not in str(problem)
        assert "Input should" not in str(problem)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(document=DOCUMENTS)
def test_any_tables_end_in_settings_or_problems(document: Any, tmp_path: Path, connectors: dict[str, Any]) -> None:
    text = "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
    attempt(tmp_path / "syncd.toml", connectors, text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, 20_000),
    put=st.binary(max_size=3) | st.sampled_from([b'"', b"'", b"[", b"}", b"=", b"\n", b'"""']),
)
def test_any_slip_of_the_pen_ends_in_settings_or_problems(
    cut: int, put: bytes, tmp_path: Path, connectors: dict[str, Any]
) -> None:
    good = (Path(__file__).resolve().parents[3] / "config.example.toml").read_bytes()
    cut %= len(good)
    attempt(tmp_path / "syncd.toml", connectors, good[:cut] + put + good[cut + 1 :])
    assert [file.name for file in tmp_path.iterdir()] == ["syncd.toml"]
