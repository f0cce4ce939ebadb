"""What the memory connector offers beyond the contract: mishaps, faults of single subjects, listings that lag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from connectors.memory import (
    CONNECTOR,
    Ending,
    Faults,
    Killed,
    Mail,
    MailingList,
    MemoryAudience,
    MemoryConnector,
    MemorySettings,
    Mishap,
    World,
    open_store,
)
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.model import Action, Change, ContactStatus, Kind, NewContact, Outcome, OutcomeState
from syncd.ports import AudienceConnector, Host, Missing, Store, StoreConnector, Target, Traits
from tests.conftest import StillClock

EVERYBODY = range(1, 6)


@pytest.fixture
def world(clock: StillClock) -> World:
    made = World(clock.now)
    for number in EVERYBODY:
        made.put_customer(number)
    return made


@pytest.fixture
def store(world: World) -> Store:
    return open_store("main", world, page_size=2)


def adds(label: str = "vip", subjects: Iterable[object] = EVERYBODY) -> list[Change]:
    return [
        Change(target="main", label=label, segment="s", subject=str(subject), action=Action.ADD) for subject in subjects
    ]


def told_before(target: Target, error: type[BaseException]) -> tuple[list[Outcome], BaseException]:
    outcomes: list[Outcome] = []
    with pytest.raises(error) as caught:
        outcomes.extend(target.apply(adds()))
    return outcomes, caught.value


@pytest.mark.parametrize(
    ("mishap", "done", "told"),
    [
        (Mishap(Ending.LOST), 5, 0),
        (Mishap(Ending.LOST, done=3, told=2), 3, 2),
        (Mishap(Ending.LOST, done=2, told=9), 2, 2),
        (Mishap(Ending.LOST, done=0), 0, 0),
        (Mishap(Ending.STOPPED, done=0), 0, 0),
        (Mishap(Ending.STOPPED, done=3), 3, 3),
        (Mishap(Ending.KILLED, done=0), 0, 0),
        (Mishap(Ending.KILLED, done=4, told=1), 4, 1),
        (Mishap(Ending.KILLED), 5, 0),
    ],
)
def test_a_mishap_carries_out_and_tells_as_much_as_it_says(
    world: World, store: Store, mishap: Mishap, done: int, told: int
) -> None:
    world.faults = Faults(mishap=mishap)
    outcomes, error = told_before(store.tags, Killed if mishap.ending is Ending.KILLED else RetriableError)
    assert world.holders("vip") == set(range(1, done + 1))
    assert [outcome.change.subject for outcome in outcomes] == [str(number) for number in range(1, told + 1)]
    if isinstance(error, RetriableError):
        assert error.unknown_fate is (mishap.ending is Ending.LOST)


def test_a_mishap_befalls_one_call_only(world: World, store: Store) -> None:
    world.faults = Faults(mishap=Mishap(Ending.STOPPED, done=0), refuse={"1": "no"})
    told_before(store.tags, RetriableError)
    assert world.faults == Faults(refuse={"1": "no"})
    assert [outcome.state for outcome in store.tags.apply(adds())] == ["refused", *["applied"] * 4]


def test_nothing_that_catches_errors_catches_a_kill() -> None:
    assert not issubclass(Killed, Exception)


def test_single_subjects_may_be_refused_fail_or_go_unnamed(world: World, store: Store) -> None:
    world.faults = Faults(refuse={"1": "not him"}, fail={"2": "come back later"}, unnamed={"3": True, "4": False})
    outcomes = {outcome.change.subject: outcome for outcome in store.tags.apply(adds())}
    assert {subject: outcome.state for subject, outcome in outcomes.items()} == {
        "1": OutcomeState.REFUSED,
        "2": OutcomeState.FAILED,
        "3": OutcomeState.UNKNOWN,
        "4": OutcomeState.UNKNOWN,
        "5": OutcomeState.APPLIED,
    }
    assert outcomes["1"].answer == "not him"
    assert outcomes["2"].answer == "come back later"
    assert world.holders("vip") == {3, 5}


def test_a_reading_breaks_off_once_after_so_many_pages(world: World, store: Store) -> None:
    world.faults = Faults(break_off=1)
    pages = store.source.customers.pages(None)
    assert [row.id for row in next(pages).rows] == [1, 2]
    with pytest.raises(RetriableError):
        next(pages)
    assert len([row for page in store.source.customers.pages(None) for row in page.rows]) == 5


def test_listings_lag_and_direct_reads_do_not(world: World, store: Store, clock: StillClock) -> None:
    clock.instant += 60
    world.lag = 10
    world.delete(Kind.CUSTOMERS, 5)
    world.put_customer(6)
    list(store.tags.apply(adds(subjects=[1])))
    assert {row.id for row in store.source.customers.peek(0).rows} == {4, 5}
    assert store.source.customers.count() == 5
    assert [contact.labels for contact in store.tags.read(["1"])] == [("vip",)]
    assert list(store.tags.read(["5"])) == []
    clock.instant += 10
    assert [page.rows for page in store.source.customers.ids()] == [[1, 2], [3, 4], [6]]
    assert [row.tags for row in store.source.customers.peek(0).rows if row.id == 1] == [("vip",)]


def test_history_tells_who_did_what(world: World, store: Store) -> None:
    world.tag_by_hand(1, "Wholesale")
    list(store.tags.apply(adds(subjects=[1])))
    world.untag_by_hand(1, "VIP")
    assert [(event.by, event.what, event.subject, event.value) for event in world.history] == [
        ("hand", "added", "1", "Wholesale"),
        ("syncd", "added", "1", "vip"),
        ("hand", "removed", "1", "vip"),
    ]


def test_the_store_keeps_the_spelling_that_it_saw_first(world: World, store: Store) -> None:
    world.tag_by_hand(1, "VIP, net-30")
    list(store.tags.apply(adds()))
    assert world.tags_of(1) == ("VIP", "net-30")
    assert world.tags_of(2) == ("VIP",)


def test_kinds_that_the_account_lacks_cannot_be_read(world: World, store: Store) -> None:
    world.missing = (Missing("scope read_orders", "no orders", kinds=frozenset({Kind.ORDERS})),)
    assert store.source.check().missing == world.missing
    with pytest.raises(FatalError, match="read_orders"):
        store.source.orders.count()
    assert store.source.customers.count() == 5


def test_old_orders_are_invisible_where_the_account_says_so(world: World, store: Store, clock: StillClock) -> None:
    world.put_order(1, created_at=clock.now() - 100)
    world.put_order(2, created_at=clock.now())
    world.missing = (Missing("scope read_all_orders", "old orders", visible_from=clock.now() - 50),)
    assert [row.id for row in store.source.orders.peek(0).rows] == [2]


def test_an_account_that_may_not_write_tags_is_told_so(world: World, store: Store) -> None:
    world.missing = (Missing("scope write_customers", "no tags", blocks_write=True),)
    told_before(store.tags, CredentialsError)
    assert world.holders("vip") == set()


def test_more_changes_than_a_batch_are_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="100"):
        list(store.tags.apply(adds(subjects=range(101))))


def test_a_label_sets_off_the_mail_of_its_journey_once(clock: StillClock) -> None:
    people = MailingList(clock.now)
    people.journeys.add("vip")
    people.put_contact("anna@people.example", ContactStatus.SUBSCRIBED)
    audience = MemoryAudience("newsletter", people)
    for _ in range(2):
        list(audience.apply(adds(subjects=["anna@people.example"])))
    assert people.mails == [Mail("anna@people.example", "automation", "vip")]


def test_people_come_and_go_by_hand(clock: StillClock) -> None:
    people = MailingList(clock.now)
    people.put_contact("Anna@people.example", labels=("a", "b"))
    people.set_status("anna@people.example", ContactStatus.UNSUBSCRIBED)
    people.untag_by_hand("ANNA@people.example", "A")
    assert people.contacts()["anna@people.example"].labels == ("b",)
    assert people.holders("B") == {"anna@people.example"}
    people.forget("anna@people.example")
    assert people.status_of("anna@people.example") is None
    assert people.labels_of("anna@people.example") == ()
    with pytest.raises(LookupError):
        people.set_status("anna@people.example", ContactStatus.SUBSCRIBED)
    with pytest.raises(LookupError):
        people.put_contact("not an address")
    people.put_contact("anna@people.example")
    assert [event.what for event in people.history] == [
        "created", "added", "added", "status", "removed", "forgotten", "created",
    ]  # fmt: skip


def test_a_list_may_limit_the_labels_of_a_contact(clock: StillClock) -> None:
    people = MailingList(clock.now)
    people.put_contact("anna@people.example", labels=("a", "b"))
    few = Traits(subject="email", batch_size=5, label_max=20, labels_per_subject=2)
    audience = MemoryAudience("newsletter", people, traits=few)
    (outcome,) = audience.apply(adds(subjects=["anna@people.example"]))
    assert (outcome.state, people.labels_of("anna@people.example")) == (OutcomeState.REFUSED, ("a", "b"))


def test_somebody_who_is_to_confirm_is_mailed(clock: StillClock) -> None:
    people = MailingList(clock.now)
    people.create("anna@people.example", NewContact(status=ContactStatus.PENDING))
    assert people.mails == [Mail("anna@people.example", "confirmation")]


def test_all_records_can_be_looked_at_as_they_truly_are(world: World) -> None:
    world.lag = 10
    world.put_product(3, title="Thing")
    assert (world.lag, world.records(Kind.PRODUCTS)[3].title, world.listed(Kind.PRODUCTS)) == (10, "Thing", {})


def test_created_contacts_carry_their_fields(clock: StillClock) -> None:
    people = MailingList(clock.now)
    audience = MemoryAudience("newsletter", people)
    create = NewContact(status=ContactStatus.TRANSACTIONAL, fields={"FNAME": "Anna"})
    change = Change(
        target="newsletter", label="vip", segment="s", subject="anna@people.example", action=Action.ADD, create=create
    )
    (outcome,) = audience.apply([change])
    assert outcome.contact == people.contact("anna@people.example")
    assert people.fields == {"anna@people.example": {"FNAME": "Anna"}}
    assert people.lag == 0


def test_the_connector_opens_the_world_of_a_name_again_and_again(clock: StillClock) -> None:
    world = World(clock.now)
    world.put_customer(1)
    connector = MemoryConnector({"main": world})
    host = Host(clock=clock, memo={}, calls=Counter())
    assert connector.open("main", MemorySettings(), host).source.customers.count() == 1
    assert host.calls == {"customers": 1}
    connector.open("other", MemorySettings(), host)
    connector.worlds["other"].put_customer(7)
    assert connector.open("other", MemorySettings(), host).source.customers.count() == 1


def test_the_entry_point_is_what_the_port_asks_for() -> None:
    connector: StoreConnector | AudienceConnector = CONNECTOR
    assert connector.role == "store"
    assert connector.settings is MemorySettings
