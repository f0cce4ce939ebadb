"""The benches of the store and the mailing list in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from connectors.memory import Ending, Faults, MailingList, MemoryAudience, Mishap, World, open_store
from syncd.model import Address, ContactStatus, Instant, Kind, LineItem
from syncd.ports import Feed
from tests.conftest import StillClock

PAGE = 7


class MemoryFeedBench:
    """A feed over whatever the three functions reach."""

    page = PAGE

    def __init__(
        self, clock: StillClock, feed: Feed[Any], put: Callable[[int], Any], drop: Callable[[int], None]
    ) -> None:
        self.clock = clock
        self.feed = feed
        self._put = put
        self.drop = drop

    def put(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._put(number)

    def number(self, row: Any) -> int:
        return int(row.email.partition("@")[0]) if hasattr(row, "subject") else int(row.id)

    def changed_at(self, row: Any) -> Instant:
        return int(row.changed_at if hasattr(row, "subject") else row.updated_at)

    def wait(self, seconds: int = 1) -> None:
        self.clock.instant += seconds

    def now(self) -> Instant:
        return self.clock.now()


class MemoryBench:
    """What the two have in common: a service whose faults can be set."""

    secret = "no-key-at-all"

    def __init__(self, clock: StillClock, service: World | MailingList) -> None:
        self.clock = clock
        self.service = service
        self.calls = Counter[str]()
        self._cut_off_writes = False

    def wait(self, seconds: int = 1) -> None:
        self.clock.instant += seconds

    def refuse_key(self) -> None:
        self.service.faults = Faults(key_refused=True)

    def cut_off(self) -> None:
        self.service.faults = Faults(unreachable=True)

    def lose_answers(self) -> None:
        self.service.faults = msgspec.structs.replace(self.service.faults, mishap=Mishap(Ending.LOST))

    def cut_off_after(self, requests: int, *, carried_out: bool, for_good: bool = True) -> None:
        mishap = Mishap(Ending.LOST, done=None if carried_out else 0) if requests == 0 else None
        self.service.faults = Faults(mishap=mishap, break_off=requests)
        self._cut_off_writes = requests == 0

    def was_cut_off(self) -> bool:
        return self._cut_off_writes

    def restore(self) -> None:
        self.service.faults = Faults()


class MemoryStoreBench(MemoryBench):
    """The store in memory."""

    def __init__(self, clock: StillClock) -> None:
        self.world = World(clock.now)
        super().__init__(clock, self.world)
        store = open_store("main", self.world, calls=self.calls, page_size=PAGE)
        self.source = store.source
        self.target = store.tags
        world = self.world
        puts: dict[Kind, Callable[[int], Any]] = {
            Kind.CUSTOMERS: lambda number: world.put_customer(number, email=f"{number}@people.example"),
            Kind.ORDERS: world.put_order,
            Kind.PRODUCTS: world.put_product,
            Kind.CHECKOUTS: world.put_checkout,
            Kind.METAFIELDS: world.put_metafields,
            Kind.COMPANIES: world.put_companies,
            Kind.CREDIT: world.put_credit,
        }
        self.feeds = {
            kind.value: MemoryFeedBench(clock, getattr(self.source, kind.value), put, self._dropping(kind))
            for kind, put in puts.items()
        }

    def _dropping(self, kind: Kind) -> Callable[[int], None]:
        return lambda number: self.world.delete(kind, number)

    def subject(self, number: int) -> str:
        if self.world.customer(number) is None:
            self.world.put_customer(number, email=f"{number}@people.example")
        return str(number)

    def strangers(self) -> list[str]:
        return ["999999999999", "", "not-a-number", "-1"]

    def tag_by_hand(self, subject: str, *labels: str) -> None:
        self.world.tag_by_hand(int(subject), *labels)

    def labels_of(self, subject: str) -> set[str]:
        return set(self.world.tags_of(int(subject)))

    def put_customer_with_addresses(self, number: int, addresses: int) -> None:
        made = tuple(Address(id=place, country="CA", province="ON", city=f"City {place}") for place in range(addresses))
        self.world.put_customer(number, addresses=made)

    def put_consent(self, number: int, consent: str, at: Instant) -> None:
        self.world.put_customer(number, email=f"{number}@people.example", email_consent=consent, email_consent_at=at)

    def consent_of(self, number: int) -> tuple[str | None, Instant | None]:
        customer = self.world.customer(number)
        return (customer.email_consent, customer.email_consent_at) if customer else (None, None)

    def put_order_with_lines(self, number: int, lines: int) -> None:
        made = tuple(LineItem(id=place, quantity=1, current_quantity=1) for place in range(1, lines + 1))
        self.world.put_order(number, lines=made)


class MemoryAudienceBench(MemoryBench):
    """The mailing list in memory."""

    def __init__(self, clock: StillClock) -> None:
        self.people = MailingList(clock.now)
        self.people.journeys = {"vip", "new", "other"}
        super().__init__(clock, self.people)
        self.audience = MemoryAudience("newsletter", self.people, calls=self.calls, page_size=PAGE)
        self.target = self.audience
        self.feeds = {
            "contacts": MemoryFeedBench(
                clock,
                self.audience.contacts,
                lambda number: self.people.put_contact(f"{number}@people.example"),
                lambda number: self.people.forget(f"{number}@people.example"),
            )
        }

    def subject(self, number: int) -> str:
        if self.people.contact(f"{number}@people.example") is None:
            self.people.put_contact(f"{number}@people.example")
        return f"{number}@people.example"

    def strangers(self) -> list[str]:
        return ["nobody@people.example", "", "not-an-address", "two words@people.example", "a@b@c"]

    def tag_by_hand(self, subject: str, *labels: str) -> None:
        self.people.tag_by_hand(subject, *labels)

    def labels_of(self, subject: str) -> set[str]:
        return set(self.people.labels_of(subject))

    def put_contact(self, email: str, status: ContactStatus, *labels: str) -> None:
        self.people.put_contact(email, status, labels)

    def forget(self, email: str) -> None:
        self.people.forget(email)

    def status_of(self, email: str) -> ContactStatus | None:
        return self.people.status_of(email)

    def addresses(self) -> list[str]:
        return [contact.email for contact in self.people.contacts().values()]

    def first_name_of(self, email: str) -> str:
        return self.people.fields.get(email, {}).get("FNAME", "")

    def set_off(self) -> int:
        return sum(mail.why == "automation" for mail in self.people.mails)

    def mails(self) -> Counter[str]:
        return Counter(mail.why for mail in self.people.mails if mail.why != "automation")
