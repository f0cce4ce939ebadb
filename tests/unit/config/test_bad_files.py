"""One file for each message: `bad/NAME.toml`, and beside it what the user is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncd.config import load
from syncd.errors import ConfigError

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.toml"))


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_a_bad_file_is_told_in_the_users_words(
    name: str, connectors: dict[str, Any], environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ConfigError) as caught:
        load(Path(f"{name}.toml"), connectors, environ=environ)
    told = str(caught.value).replace(f"{BAD}/", "/somewhere/").replace(str(BAD), "/somewhere")
    assert told + "\n" == (BAD / f"{name}.txt").read_text(encoding="utf-8")


def test_every_bad_file_has_its_message_and_every_message_its_file() -> None:
    assert [file.stem for file in FILES] == [file.stem for file in sorted(BAD.glob("*.txt"))]


@pytest.mark.parametrize("text", [file.read_text(encoding="utf-8") for file in BAD.glob("*.txt")])
def test_no_message_speaks_of_pydantic_or_holds_a_secret(text: str, environ: Mapping[str, str]) -> None:
    jargon = ("pydantic", "errors.pydantic.dev", "Input should", "Value error", "type=", "validation error")
    for word in (*jargon, *filter(None, environ.values()), "list-secret-9"):
        assert word not in text
