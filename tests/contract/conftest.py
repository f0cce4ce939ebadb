"""The implementations that the contract suite is asked of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import TypeAlias, cast

import pytest

from syncd.model import Kind
from tests.conftest import StillClock
from tests.contract.suite_bench import AudienceBench, Bench, FeedBench, Quiet, StoreBench
from tests.contract.suite_mailchimp import mailchimp
from tests.contract.suite_memory import MemoryAudienceBench, MemoryStoreBench
from tests.contract.suite_shopify import shopify

Opening: TypeAlias = Callable[[StillClock], AbstractContextManager[Bench]]

STORES: Mapping[str, Opening] = {
    "memory": lambda clock: nullcontext(MemoryStoreBench(clock)),
    "shopify": shopify,
}
AUDIENCES: Mapping[str, Opening] = {
    "memory": lambda clock: nullcontext(MemoryAudienceBench(clock)),
    "mailchimp": mailchimp,
}


@contextmanager
def quietly(opening: Opening, clock: StillClock) -> Iterator[Bench]:
    """Open an audience whose labels all come quietly."""
    with opening(clock) as bench:
        bench.target = Quiet(bench.target)  # type: ignore[misc,assignment]
        yield bench


QUIET: Mapping[str, Opening] = {f"{name}-quietly": partial(quietly, opening) for name, opening in AUDIENCES.items()}
"""The same audiences, for what is asked of labels: each way to write them keeps the whole contract."""

FEEDS = {f"{name}-{kind.value}": (opening, kind.value) for name, opening in STORES.items() for kind in Kind} | {
    f"{name}-contacts": (opening, "contacts") for name, opening in AUDIENCES.items()
}
TARGETS = {f"{name}-tags": opening for name, opening in STORES.items()} | {
    f"{name}-audience": opening for name, opening in {**AUDIENCES, **QUIET}.items()
}


@pytest.fixture(params=list(FEEDS))
def feed(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[FeedBench]:
    opening, kind = FEEDS[request.param]
    with opening(clock) as bench:
        yield bench.feeds[kind]


@pytest.fixture(params=list(TARGETS))
def bench(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[Bench]:
    with TARGETS[request.param](clock) as opened:
        yield opened


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[StoreBench]:
    with STORES[request.param](clock) as opened:
        yield cast("StoreBench", opened)


@pytest.fixture(params=[*AUDIENCES, *QUIET])
def audience(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[AudienceBench]:
    with {**AUDIENCES, **QUIET}[request.param](clock) as opened:
        yield cast("AudienceBench", opened)
