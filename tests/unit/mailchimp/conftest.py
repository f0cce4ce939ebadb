"""An audience on the simulated account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.mailchimp.audience import MailchimpAudience
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import Simulated, open_simulated


@pytest.fixture
def service(clock: StillClock) -> Iterator[Simulated]:
    opened = Simulated(clock)
    with opened.reachable():
        yield opened


@pytest.fixture
def host(clock: StillClock) -> Host:
    return Host(clock=clock, memo={})


@pytest.fixture
def audience(service: Simulated, host: Host, clock: StillClock) -> MailchimpAudience:
    return open_simulated(clock, host, merge_fields={"FNAME": "first_name"})
