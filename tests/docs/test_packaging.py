"""What a server gets is what was developed with, and the package says which version it is."""

from __future__ import annotations

import re
import tomllib

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return version and hashes of each package of a lock."""
    found = {}
    for entry in re.split(r"(?m)^(?=\w)", (ROOT / name).read_text()):
        if named := re.match(r"([\w.-]+)==(\S+)", entry):
            found[named[1]] = (named[2], frozenset(re.findall(r"sha256:\w+", entry)))
    return found


def test_a_server_gets_what_was_developed_with_hash_by_hash() -> None:
    everything, service = _locked("requirements.lock"), _locked("requirements-service.lock")

    assert service.items() <= everything.items()
    assert all(hashes for _, hashes in service.values())
    wanted = {re.split(r"[<>=]", it)[0] for it in PROJECT["dependencies"]}
    assert wanted <= service.keys()


def test_a_server_gets_no_tool_of_ours() -> None:
    tools = {re.split(r"[<>=]", it)[0] for it in PROJECT["optional-dependencies"]["dev"]}

    assert not tools & _locked("requirements-service.lock").keys()


def test_every_tool_that_builds_the_wheel_is_held_to_its_hash() -> None:
    assert {"hatchling", "setuptools", "wheel"} <= _locked("requirements-build.lock").keys()


def test_the_package_has_the_version_of_the_project() -> None:
    newest = re.match(r"syncd \(([\d.]+)-\d+\)", (ROOT / "debian" / "changelog").read_text())

    assert newest is not None
    assert newest[1] == PROJECT["version"]
