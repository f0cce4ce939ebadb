"""The bench of the Mailchimp connector: the one of its own tests, with a service that can go away in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from connectors.sandbox.mailchimp import consent
from tests.conftest import StillClock
from tests.unit.mailchimp.bench import MailchimpBench as MailchimpBenchOfItsOwn
from tests.unit.mailchimp.simulated import Reply, Sent, unreachable


class MailchimpBench(MailchimpBenchOfItsOwn):
    """One audience of the simulated account."""

    cut = False

    def cut_off_after(self, requests_left: int, *, carried_out: bool, for_good: bool = True) -> None:
        left = iter(range(requests_left))
        self.cut = False

        def reply(request: Sent) -> Reply | None:
            if next(left, None) is not None or (self.cut and not for_good):
                return None
            if self.cut or not carried_out:
                self.cut = True
                return unreachable(request)
            self.cut = True
            self.service.forward(request)
            raise requests.ConnectionError("reset by peer")

        self.service.reply = reply

    def was_cut_off(self) -> bool:
        return self.cut


@contextmanager
def mailchimp(clock: StillClock) -> Iterator[MailchimpBench]:
    """Open an account with one list and nobody in it."""
    bench = MailchimpBench(clock)
    # its bench has people at example.org, which Mailchimp takes for a fake
    with pytest.MonkeyPatch.context() as patch, bench.service.reachable():
        patch.setattr(consent, "_NOBODYS", frozenset())
        yield bench
