"""What no document of Mailchimp's settles must not matter: the contract suite again, whichever way it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.conftest import StillClock
from tests.contract.test_contract_audience import *  # noqa: F403  # the suite's own tests
from tests.contract.test_contract_errors import *  # noqa: F403
from tests.contract.test_contract_feed import *  # noqa: F403
from tests.contract.test_contract_target import *  # noqa: F403
from tests.unit.mailchimp.bench import MailchimpBench, MailchimpFeedBench, mailchimp

WAYS: Mapping[str, Mapping[str, Any]] = {
    "says nothing of strangers and repetitions, and takes the archived for new": {
        "absent": "silent",
        "repeated": "silent",
        "archived": "new",
    },
    "calls repetitions errors, and shows no tag in listings": {"repeated": "errors", "tags_shown": 0},
}


@pytest.fixture(params=list(WAYS))
def bench(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[MailchimpBench]:
    with mailchimp(clock, **WAYS[request.param]) as opened:
        yield opened


@pytest.fixture
def audience(bench: MailchimpBench) -> MailchimpBench:
    return bench


@pytest.fixture
def feed(bench: MailchimpBench) -> MailchimpFeedBench:
    return bench.feeds["contacts"]
