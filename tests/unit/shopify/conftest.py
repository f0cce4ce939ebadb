"""A store whose answers are scripted, and a host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from connectors.shopify import CONNECTOR
from syncd.ports import Host, Progress, Store
from tests.conftest import StillClock
from tests.unit.shopify.scripted import URL, ScriptedShop


@pytest.fixture
def shop() -> Iterator[ScriptedShop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield ScriptedShop(mocked)


@pytest.fixture
def told() -> list[Progress]:
    return []


@pytest.fixture
def host(clock: StillClock, told: list[Progress]) -> Host:
    return Host(clock=clock, memo={}, progress=told.append)


@pytest.fixture
def store(shop: ScriptedShop, host: Host) -> Store:
    return CONNECTOR.open("main", CONNECTOR.settings(shop="main", access_token="shpat_1", api_url=URL), host)
