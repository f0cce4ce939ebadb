"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is held against generated worlds."""
    for item in items:
        if ROOT / "tests/property" in item.path.parents:
            item.add_marker(pytest.mark.property)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the services' published schemas; skip in a bare checkout, fail in CI."""
    folder = ROOT.parent / "shared"
    if not (folder / "api").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the services' published schemas (../shared/api) are missing in CI")
        pytest.skip("needs the services' published schemas in ../shared/api")
    return folder


class StillClock:
    """A clock that moves only when somebody waits."""

    def __init__(self, now: int = 1_795_000_000) -> None:
        self.instant = float(now)
        self.waits: list[float] = []

    def now(self) -> int:
        return int(self.instant)

    def monotonic(self) -> float:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.instant += max(0.0, seconds)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()
