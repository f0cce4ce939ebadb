"""Whatever customers, owners and other apps do to consent and addresses: nobody is subscribed whom the law forbids.

Two oracles look at it. One goes by the truth of the world: for which address each consent was given. The other keeps
the rules of ADR 6 in plain Python, by what each run could see, and says, besides, that nobody is left out for nothing.

One thing cannot be seen: a change of address there and back between two looks, or before the first.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from syncd.mirror import doubts
from syncd.model import LABELLED, ContactStatus, Customer, Kind, identity
from tests.support.examples import examples
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1
max_consent_changes = "40%"

[segments.all]
query = "number_of_orders >= 0"
audiences = ["news"]
audience_tag = "All"
limits = { min_size = 1000 }
"""
REFUSING = {"UNSUBSCRIBED", "REDACTED", "INVALID"}
DAY = 86_400

numbers = st.integers(1, 6)
ADDRESSES = [f"{name}@x.example" for name in "abcdef"]
emails = st.sampled_from(ADDRESSES)
statuses = st.sampled_from([*ContactStatus, None])
consents = st.sampled_from(["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", None])


class Side:
    """What the runs could see of consent at a store or an audience, by the rules of ADR 6."""

    def __init__(self) -> None:
        self.last: dict[Any, tuple[str | None, Any]] = {}
        self.flips: dict[Any, tuple[Any, int]] = {}
        self.doubted: set[Any] = set()

    def look(self, now: dict[Any, tuple[str | None, Any]], consenting: set[Any], at: int) -> None:
        """See everybody's (address, state) in a run."""
        for key, (address, state) in now.items():
            if key not in self.last or (address, state) == self.last[key]:
                continue
            before_address, before = self.last[key]
            if address != before_address or state not in consenting:
                self.flips.pop(key, None)
                self.doubted.discard(key)
            elif address is not None and before not in consenting:
                self.flips[key] = (before, at)
        self.last = dict(now)
        self.flips = {key: it for key, it in self.flips.items() if key in self.doubted or it[1] >= at - DAY}
        recent = {key for key, it in self.flips.items() if it[1] >= at - DAY}
        known = sum(address is not None for address, _ in now.values())
        if recent - self.doubted and len(recent) > 1 and len(recent) * 10 > 4 * known:
            self.doubted |= recent

    def counts(self, key: Any) -> Any:
        return self.flips[key][0] if key in self.doubted else self.last[key][1]

    def believe(self) -> None:
        for key in self.doubted:
            del self.flips[key]
        self.doubted = set()


class Consent(RuleBasedStateMachine):
    """People and apps on one side, cycles and a person who approves on the other."""

    @initialize(said=st.lists(consents, min_size=5, max_size=5), before=st.lists(statuses, min_size=4, max_size=4))
    def start(self, said: list[str | None], before: list[ContactStatus | None]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-consent-"))
        self.house = Household(self.folder, SETTINGS)
        self.world = self.house.worlds["main"]
        self.people = self.house.lists["news"]
        self.given: dict[int, str | None] = {}
        self.since: dict[int, int] = {}
        self.store, self.audience = Side(), Side()
        self.seen = 0
        for place, consent in enumerate(said):
            self._put(place + 1, email=ADDRESSES[place], email_consent=consent)
        for email, status in zip(ADDRESSES[2:], before, strict=True):
            if status is not None:
                self.people.put_contact(email, status)
        self.a_cycle_runs(whole=False)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.mirror.close()
            shutil.rmtree(self.folder)

    @property
    def customers(self) -> dict[int, Customer]:
        return self.world.records(Kind.CUSTOMERS)

    @rule(number=numbers, email=emails, consent=consents)
    def customer_comes_or_changes_at_once(self, number: int, email: str, consent: str | None) -> None:
        self._put(number, email=email, email_consent=consent)

    @rule(number=numbers, consent=consents, whole=st.booleans())
    def consent_is_given_or_taken(self, number: int, consent: str | None, whole: bool) -> None:
        if number in self.customers:
            self._put(number, email_consent=consent)
            self.a_cycle_runs(whole)

    @rule(number=numbers, email=emails, whole=st.booleans())
    def address_changes(self, number: int, email: str, whole: bool) -> None:
        if number in self.customers:
            self._put(number, email=email)
            self.a_cycle_runs(whole)

    @rule(some=st.sets(numbers, min_size=2), whole=st.booleans())
    def an_app_subscribes_many_customers(self, some: set[int], whole: bool) -> None:
        for number in some & self.customers.keys():
            self._put(number, email_consent="SUBSCRIBED")
        self.a_cycle_runs(whole)

    @rule(some=st.sets(emails, min_size=1), status=st.sampled_from(list(ContactStatus)))
    def contacts_come_or_change(self, some: set[str], status: ContactStatus) -> None:
        for email in sorted(some):
            self.house.clock.instant += 1
            self.people.put_contact(email, status, self.people.labels_of(email))

    @rule(some=st.sets(emails, min_size=2))
    def an_app_subscribes_many_contacts(self, some: set[str]) -> None:
        self.contacts_come_or_change(some & self.people.contacts().keys(), ContactStatus.SUBSCRIBED)
        self.a_cycle_runs(whole=True)

    @rule()
    def days_pass(self) -> None:
        self.house.clock.instant += 2 * DAY

    @rule(whole=st.booleans())
    def a_cycle_runs(self, whole: bool) -> None:
        self.house.clock.instant += 1
        self._look()
        self.house.run(upto="push" if whole else "pull")
        if whole:
            self.audience.last = self._contacts()
            self._nobody_is_left_out_for_nothing()

    @rule(at=st.sampled_from(["main", "news"]))
    def a_person_approves(self, at: str) -> None:
        for doubt in doubts.standing(self.house.mirror):
            if doubt.owner == at:
                doubts.approve(self.house.mirror, doubt.run)
        # a doubt at both sides may have come in the same run, and one approval is good for both
        left = {it.owner for it in doubts.standing(self.house.mirror)}
        for name, side in (("main", self.store), ("news", self.audience)):
            if name not in left:
                side.believe()

    @invariant()
    def the_doubts_are_those_of_the_rules(self) -> None:
        if hasattr(self, "house"):
            standing = {it.owner: it.flips for it in doubts.standing(self.house.mirror)}
            sides = {"main": len(self.store.doubted), "news": len(self.audience.doubted)}
            assert standing == {name: flips for name, flips in sides.items() if flips}

    @invariant()
    def nobody_is_subscribed_or_labelled_against_the_law(self) -> None:
        if not hasattr(self, "house"):
            return
        for event in self.people.history[self.seen :]:
            if event.by == "syncd":
                assert event.what != "status"
                if event.what == "created":
                    states = self._truly(event.subject)
                    assert "SUBSCRIBED" in states
                    assert not states & REFUSING
                    assert self._consents(event.subject)
                elif event.what == "added" and event.subject in self.audience.flips:
                    assert self.audience.counts(event.subject) in LABELLED
        self.seen = len(self.people.history)

    def _put(self, number: int, **fields: Any) -> None:
        self.house.clock.instant += 1
        known = self.customers.get(number)
        if "email_consent" in fields:
            fields["email_consent_at"] = self.house.clock.now()
        after = self.world.put_customer(number, **fields)
        address = identity(after.email)
        seen = self.store.last.get(number)
        unseen = seen is None or seen[0] == address  # of what was between two looks at one address nobody knows
        moved = known is not None and identity(known.email) != address
        if "email_consent" in fields or (moved and unseen):
            self.given[number] = address

    def _look(self) -> None:
        """Keep what a run is about to see."""
        at = self.house.clock.now()
        now = {number: (identity(it.email), it.email_consent) for number, it in self.customers.items()}
        for number, (address, _) in now.items():
            if number in self.store.last and self.store.last[number][0] != address:
                self.since[number] = self.customers[number].updated_at
        self.store.look(now, {"SUBSCRIBED"}, at)
        self.audience.look(self._contacts(), set(LABELLED), at)

    def _contacts(self) -> dict[Any, tuple[str | None, Any]]:
        return {subject: (subject, it.status) for subject, it in self.people.contacts().items()}

    def _truly(self, subject: str) -> set[str | None]:
        """What was truly said for this very address."""
        return {
            it.email_consent if it.email_consent != "SUBSCRIBED" or self.given[number] == subject else "INHERITED"
            for number, it in self.customers.items()
            if identity(it.email) == subject
        }

    def _consents(self, subject: str) -> bool:
        """Whether the rules have it that a contact may be subscribed."""
        states = set()
        for number, it in self.customers.items():
            if identity(it.email) == subject:
                state = self.store.counts(number)
                young = number not in self.since or (it.email_consent_at or 0) > self.since[number]
                states.add(state if state != "SUBSCRIBED" or young else "INHERITED")
        return "SUBSCRIBED" in states and not states & REFUSING

    def _nobody_is_left_out_for_nothing(self) -> None:
        contacts = self.people.contacts()
        for subject in {identity(it.email) for it in self.customers.values()} - {None}:
            if subject not in contacts:
                assert not self._consents(str(subject))
            elif self.audience.counts(subject) in LABELLED:
                assert "All" in contacts[str(subject)].labels


TestConsent = pytest.mark.filterwarnings("default")(Consent.TestCase)
TestConsent.settings = settings(
    max_examples=examples(60), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
