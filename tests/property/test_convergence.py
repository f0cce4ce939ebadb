"""Whatever people do by hand, whatever breaks and whenever syncd dies: after quiet, the labels are right.

A store and a mailing list in memory, changed at random by merchants, customers and other apps between cycles, with
lost answers, refusals, services that stop half-way and kills. The oracle looks only at the worlds.

One thing no protocol can decide: a label that syncd once gave, that a person took off and put on again between two
looks, cannot be told from one that stayed. For such a pair, once nobody wants it, both ends are right.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.memory import Ending, Faults, Killed, Mishap
from syncd.mirror.ledger import PAUSES
from syncd.model import LABELLED, ContactStatus, Kind, fold, identity
from tests.support.examples import examples
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.many]
query = "number_of_orders >= 3"
tag = "Many"
audiences = ["news"]

[segments.few]
query = "number_of_orders < 2 OR customer_tags CONTAINS 'odd'"
tag = "few"

[segments.adopted]
query = "number_of_orders = 2"
tag = "two"
adopt = true
audiences = ["news"]
audience_tag = "Two Orders"
"""
WANTED = {
    "many": lambda customer: customer.number_of_orders >= 3,
    "few": lambda customer: customer.number_of_orders < 2 or "odd" in customer.tags,
    "two": lambda customer: customer.number_of_orders == 2,
}
IN_NEWS = {"many": WANTED["many"], "two orders": WANTED["two"]}
ADOPTED = {"two", "two orders"}
REFUSING = {"UNSUBSCRIBED", "REDACTED", "INVALID"}

numbers = st.integers(1, 4)
emails = st.sampled_from(["a@x.example", "A@X.example", "b@x.example", None])
addresses = st.sampled_from(["a@x.example", "b@x.example", "z@x.example"])
consents = st.sampled_from(["SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", None])
tags = st.sampled_from(["Many", "few", "two", "odd", "VIP"])
labels = st.sampled_from(["many", "Two Orders", "VIP"])


class Convergence(RuleBasedStateMachine):
    """People, faults and crashes on one side, cycles on the other."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-convergence-"))
        self.house = Household(self.folder, SETTINGS, batch_size=2)
        self.world = self.house.worlds["main"]
        self.people = self.house.lists["news"]
        self.refused: set[str] = set()
        self.seen = 0

    def teardown(self) -> None:
        if hasattr(self, "house"):
            try:
                self.quiet()
            finally:
                self.house.mirror.close()
                shutil.rmtree(self.folder)

    @rule(number=numbers, email=emails, consent=consents, orders=st.integers(0, 4))
    def customer_changes(self, number: int, email: str | None, consent: str | None, orders: int) -> None:
        self.house.clock.instant += 1
        self.world.put_customer(number, email=email, email_consent=consent, number_of_orders=orders)

    @rule(number=numbers)
    def customer_is_deleted(self, number: int) -> None:
        # a later customer of this number is somebody else: what was on this one is no deed of the merchant's then
        if self.world.customer(number) is not None:
            self.world.untag_by_hand(number, *self.world.tags_of(number))
        self.world.delete(Kind.CUSTOMERS, number)

    @rule(number=numbers, tag=tags, on=st.booleans())
    def merchant_tags_by_hand(self, number: int, tag: str, on: bool) -> None:
        if self.world.customer(number) is not None:
            self.house.clock.instant += 1
            (self.world.tag_by_hand if on else self.world.untag_by_hand)(number, tag)

    @rule(email=addresses, status=st.sampled_from(list(ContactStatus)))
    def contact_comes_or_changes(self, email: str, status: ContactStatus) -> None:
        self.house.clock.instant += 1
        self.people.put_contact(email, status, self.people.labels_of(email))

    @rule(email=addresses, label=labels, on=st.booleans())
    def owner_labels_by_hand(self, email: str, label: str, on: bool) -> None:
        if self.people.contact(email) is not None:
            self.house.clock.instant += 1
            (self.people.tag_by_hand if on else self.people.untag_by_hand)(email, label)

    @rule(
        ending=st.sampled_from(list(Ending)),
        done=st.integers(0, 3),
        told=st.integers(0, 2),
        store=st.booleans(),
    )
    def a_push_goes_wrong(self, ending: Ending, done: int, told: int, store: bool) -> None:
        service = self.world if store else self.people
        service.faults = Faults(mishap=Mishap(ending, done, told))
        self.a_cycle_runs()

    @rule()
    def the_fourth_is_refused(self) -> None:
        self.world.faults = Faults(refuse={"4": "no"})
        self.people.faults = Faults(refuse={"z@x.example": "no"})
        self.refused = {"4", "z@x.example"}

    @rule(number=numbers, email=addresses, applied=st.booleans())
    def an_answer_leaves_somebody_out(self, number: int, email: str, applied: bool) -> None:
        self.world.faults = Faults(unnamed={str(number): applied})
        self.people.faults = Faults(unnamed={email: applied})

    @rule()
    def nobody_can_be_changed_for_now(self) -> None:
        self.everybody_turns_about()
        self.world.faults = Faults(fail={str(number): "later" for number in range(1, 5)})
        self.people.faults = Faults(fail={f"{name}@x.example": "later" for name in "abz"})
        self.a_cycle_runs()

    @rule()
    def a_service_is_away(self) -> None:
        self.world.faults = Faults(unreachable=True)

    @rule()
    def all_is_well_again(self) -> None:
        self.world.faults = Faults()
        self.people.faults = Faults()

    @rule()
    def a_cycle_runs(self) -> None:
        self.house.clock.instant += 1
        try:
            self.house.run()
        except Killed:
            self.house.restart()

    @rule()
    def everybody_turns_about(self) -> None:
        """Everybody's answer to the rules changes, right after whatever went wrong."""
        self.house.clock.instant += 1
        for number, customer in self.world.records(Kind.CUSTOMERS).items():
            self.world.put_customer(number, number_of_orders=(customer.number_of_orders + 2) % 5)

    @rule()
    def quiet(self) -> None:
        self.all_is_well_again()
        self.house.clock.instant += max(PAUSES)
        for _ in range(3):
            self.a_cycle_runs()
            self.house.clock.instant += 30
        self._tags_are_right()
        self._labels_are_right()
        assert self._writes_when_idle() == 0

    @invariant()
    def consent_is_read_never_made(self) -> None:
        if not hasattr(self, "people"):
            return
        for event in self.people.history[self.seen :]:
            if event.by == "syncd":
                assert event.what != "status"
                if event.what == "added":
                    assert self.people.status_of(event.subject) in LABELLED
                if event.what == "created" and event.value == ContactStatus.SUBSCRIBED:
                    states = self._consents(event.subject)
                    assert "SUBSCRIBED" in states
                    assert not states & REFUSING
        self.seen = len(self.people.history)

    def _consents(self, subject: str) -> set[str | None]:
        customers = self.world.records(Kind.CUSTOMERS).values()
        return {it.email_consent for it in customers if identity(it.email) == subject}

    def _writes_when_idle(self) -> int:
        self.house.run()
        return sum(calls["write"] for calls in self.house.calls.values())

    def _tags_are_right(self) -> None:
        for number, customer in self.world.records(Kind.CUSTOMERS).items():
            held = {fold(tag) for tag in customer.tags}
            for tag, wanted in WANTED.items():
                if str(number) in self.refused:
                    continue
                if wanted(customer):
                    assert tag in held
                else:
                    self._unwanted(self.world.history, str(number), tag, tag in held)

    def _labels_are_right(self) -> None:
        customers = list(self.world.records(Kind.CUSTOMERS).values())
        for subject, contact in self.people.contacts().items():
            held = {fold(label) for label in contact.labels}
            for label, wanted in IN_NEWS.items():
                if subject in self.refused:
                    continue
                if any(identity(it.email) == subject and wanted(it) for it in customers):
                    assert label in held or contact.status not in LABELLED
                elif contact.status is not ContactStatus.ARCHIVED:
                    self._unwanted(self.people.history, subject, label, label in held)

    def _unwanted(self, history: list, subject: str, label: str, there: bool) -> None:
        """A label that nobody wants: gone if syncd gave it last, untouched if syncd never did."""
        writes = [it for it in history if it.subject == subject and fold(it.value) == label]
        gave = [it for it in writes if it.what == "added"]
        if gave and gave[-1].by == "syncd":
            assert not there
        elif not any(it.by == "syncd" for it in gave) and label not in ADOPTED:
            by_hand = [it for it in writes if it.what in {"added", "removed"}]
            assert there == bool(by_hand and by_hand[-1].what == "added")
            assert all(it.by == "hand" for it in by_hand)


TestConvergence = pytest.mark.filterwarnings("default")(Convergence.TestCase)
TestConvergence.settings = settings(
    max_examples=examples(150), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
