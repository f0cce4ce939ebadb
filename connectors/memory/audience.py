"""A mailing list in memory, as syncd sees it: its contacts, and their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter

import msgspec

from connectors.memory.feed import MemoryFeed
from connectors.memory.people import MailingList, is_address
from connectors.memory.target import answered, normalised, price, refused
from syncd.model import LABELLED, Action, Change, Contact, ContactStatus, Outcome, OutcomeState, fold
from syncd.ports import Check, Feed, Price, Traits

LABELS = Traits(subject="email", batch_size=500, label_max=100, label_forbidden=",", starts_automations=True)


class MemoryAudience:
    """The port over a mailing list, with the consent rules of the real ones.

    A contact that is there keeps its status whatever a change says of creating it. Who was deleted for good is
    refused. An archived contact is not on the list any more and is refused too; those who unsubscribed, bounced or
    have not confirmed yet may lose and gain labels, and stay what they are.
    """

    def __init__(
        self,
        name: str,
        people: MailingList,
        *,
        calls: Counter[str] | None = None,
        page_size: int = 1000,
        traits: Traits = LABELS,
    ) -> None:
        """Read and write nothing yet.

        Args:
            name: The audience's name in the settings.
            people: Who is truly there.
            calls: Counts each call by what it was for.
            page_size: Most rows in a page.
            traits: A smaller batch makes for more interleavings.
        """
        self.name = name
        self.traits = traits
        self._people = people
        self._calls = Counter[str]() if calls is None else calls
        self._page_size = page_size

    def check(self) -> Check:
        """Describe the list."""
        self._call("check")
        return Check(account=self.name)

    @property
    def contacts(self) -> Feed[Contact]:
        """Everybody on the list, archived ones included."""
        return MemoryFeed(
            self._people.listed,
            attrgetter("changed_at"),
            lambda: self._call("contacts"),
            self._break_off,
            self._page_size,
            "subject",
        )

    def normalise(self, label: str) -> str:
        """Return the label without space around it."""
        return normalised(label, self.traits)

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read contacts by their addresses, as they truly are."""
        self._call("read")
        for subject in subjects:
            contact = self._people.contact(subject)
            if contact is not None:
                yield contact

    def price(self, changes: Sequence[Change]) -> Price:
        """Say how many calls a push takes."""
        return price(changes, self.traits)

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out changes of labels, creating contacts where a change says so."""
        self._call("write")
        people = self._people
        faults, people.faults = people.faults, msgspec.structs.replace(people.faults, mishap=None)
        yield from answered(changes, self._carry_out, faults, self.traits, f"the audience {self.name}")

    def _carry_out(self, change: Change) -> Outcome:
        contact = self._people.contact(change.subject)
        if contact is None:
            words = self._why_not_created(change)
            if words or change.create is None:
                forgotten = change.subject in self._people.forgotten
                return msgspec.structs.replace(refused(change, words), final=forgotten)
            contact = self._people.create(change.email or change.subject, change.create)
        elif contact.status is ContactStatus.ARCHIVED:
            return refused(change, "The contact is archived")
        labels = tuple(label for label in contact.labels if fold(label) != fold(change.label))
        if change.action is Action.ADD:
            labels = (*labels, change.label)
        most = self.traits.labels_per_subject
        if most is not None and len(labels) > max(most, len(contact.labels)):
            return refused(change, f"A contact cannot have more than {most} tags")
        after = self._people.write_labels(contact, labels, quietly=change.quiet)
        return Outcome(
            change=change,
            state=OutcomeState.APPLIED,
            changed_at=after.changed_at,
            labels=after.labels,
            contact=after,
        )

    def _why_not_created(self, change: Change) -> str:
        """Return the service's words for not creating a contact; nothing where it may be created."""
        if change.subject in self._people.forgotten:
            return "The contact was permanently deleted and cannot be re-imported. It must re-subscribe"
        if change.create is None or change.action is Action.REMOVE:
            return "The contact is not on this list"
        if not is_address(change.subject):
            return "This value looks fake or invalid, please enter a real email address"
        if change.create.status not in LABELLED:
            return f"A contact is not created as {change.create.status}"
        return ""

    def _call(self, what: str) -> None:
        self._calls[what] += 1
        self._people.faults.meet(f"the audience {self.name}")

    def _break_off(self) -> int | None:
        faults = self._people.faults
        self._people.faults = msgspec.structs.replace(faults, break_off=None)
        return faults.break_off
