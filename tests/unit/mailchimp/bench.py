"""The bench of the Mailchimp connector, on the simulated account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from connectors.mailchimp.client import LIMITS
from connectors.sandbox.mailchimp import DEFAULT_KEY
from syncd.model import Contact, ContactStatus, Instant, identity
from syncd.ports import Feed, Host
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, open_simulated, unreachable

PAGE = 7
LEFT_ALONE = int(LIMITS.rest)


class MailchimpFeedBench:
    """The contacts, by number."""

    page = PAGE

    def __init__(self, service: Simulated, feed: Feed[Contact]) -> None:
        self.service = service
        self.feed = feed

    def put(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            email = f"{number}@people.example"
            if self.service.truth(email) is None:
                self.service.put(email)
            else:
                self.service.edit(email, merge_fields={"FNAME": "changed"})

    def drop(self, number: int) -> None:
        self.service.edit(f"{number}@people.example", status="forgotten")

    def number(self, row: Contact) -> int:
        return int(row.subject.partition("@")[0])

    def changed_at(self, row: Contact) -> Instant:
        return row.changed_at

    def wait(self, seconds: int = 1) -> None:
        self.service.clock.instant += seconds

    def now(self) -> Instant:
        return self.service.clock.now()


class MailchimpBench:
    """One audience of the simulated account."""

    secret = DEFAULT_KEY

    def __init__(self, clock: StillClock, **options: Any) -> None:
        self.service = Simulated(clock, **options)
        self.host = Host(clock=clock, memo={})
        self.calls: Counter[str] = self.host.calls
        self.audience = open_simulated(clock, self.host, PAGE, merge_fields={"FNAME": "first_name"})
        self.target = self.audience
        self.feeds = {"contacts": MailchimpFeedBench(self.service, self.audience.contacts)}

    def wait(self, seconds: int = 1) -> None:
        self.service.clock.instant += seconds

    def subject(self, number: int) -> str:
        email = f"{number}@people.example"
        if self.service.truth(email) is None:
            self.service.put(email)
        return email

    def strangers(self) -> list[str]:
        return ["nobody@people.example", "", "not-an-address", "two words@people.example", "a@b@c"]

    def tag_by_hand(self, subject: str, *labels: str) -> None:
        self.service.edit(subject, add_tags=labels)

    def labels_of(self, subject: str) -> set[str]:
        found = self.service.truth(subject)
        return set(found["tags"]) if found else set()

    def refuse_key(self) -> None:
        self.service.control("PATCH", "/", {"api_key": "f" * 32 + "-us1"})

    def cut_off(self) -> None:
        self.service.reply = unreachable

    def lose_answers(self) -> None:
        def broken(request: Sent) -> Reply | None:
            if request.method == "GET" or str(request.path_url).endswith("/segments"):
                return None
            self.service.forward(request)
            raise requests.ConnectionError("reset by peer")

        self.service.reply = broken

    def restore(self) -> None:
        self.service.control("PATCH", "/", {"api_key": DEFAULT_KEY})
        self.service.reply = lambda _: None
        self.wait(LEFT_ALONE)

    def put_contact(self, email: str, status: ContactStatus, *labels: str) -> None:
        present = self.service.truth(email)
        if present is None:
            self.service.put(email, status=status.value, by="self", tags=labels)
        else:
            gone = set(present["tags"]) - set(labels)
            self.service.edit(email, status=status.value, by="self", add_tags=labels, remove_tags=sorted(gone))

    def forget(self, email: str) -> None:
        self.service.edit(email, status="forgotten")

    def status_of(self, email: str) -> ContactStatus | None:
        found = self.service.truth(email)
        return ContactStatus(found["status"]) if found else None

    def addresses(self) -> list[str]:
        members = self.service.control("GET", f"/lists/{LIST}/members")["members"]
        return [each["email_address"] for each in members if identity(each["email_address"])]

    def first_name_of(self, email: str) -> str:
        found = self.service.truth(email)
        return str(found["merge_fields"].get("FNAME", "")) if found else ""

    def set_off(self) -> int:
        return sum(mail["kind"] == "automation" for mail in self.service.mails())

    def mails(self) -> Counter[str]:
        return Counter(mail["kind"] for mail in self.service.mails() if mail["kind"] != "automation")


@contextmanager
def mailchimp(clock: StillClock, **options: Any) -> Iterator[MailchimpBench]:
    """Open an account whose unsettled behaviour is as `options` say."""
    bench = MailchimpBench(clock, **options)
    with bench.service.reachable():
        yield bench
