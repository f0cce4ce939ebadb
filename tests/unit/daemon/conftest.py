"""Days of cycles are not logged to a terminal; whoever wants to see a line captures it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import structlog


def _drop(_logger: Any, _method: str, _event: Any) -> NoReturn:
    raise structlog.DropEvent


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    structlog.configure(processors=[_drop])
    yield
    structlog.reset_defaults()
