"""The command line as a merchant has it: a process of its own, against simulated services on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.running import Running
from tests.acceptance.place import Place


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A small shop and a mailing list."""
    with SANDBOX.start(Options(customers=80, bulk_seconds=0.0)) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, sandbox: Running) -> Place:
    """A folder with the settings of a small shop and two segments."""
    return Place(tmp_path, sandbox)
