"""How many calls a push takes, counted by the other side; and that its price said so before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from connectors.sandbox.exchange import Request
from syncd.model import Change, ContactStatus, NewContact, OutcomeState
from syncd.plan.batches import batches
from syncd.ports import Price
from tests.conftest import StillClock
from tests.contract.suite_bench import add, remove
from tests.contract.suite_mailchimp import MailchimpBench, mailchimp
from tests.contract.suite_shopify import ShopifyBench, customer, shopify
from tests.unit.mailchimp.simulated import open_simulated

NEW = NewContact(status=ContactStatus.SUBSCRIBED)


@pytest.fixture
def store(clock: StillClock) -> Iterator[ShopifyBench]:
    with shopify(clock) as bench:
        yield bench


@pytest.fixture
def audience(clock: StillClock) -> Iterator[MailchimpBench]:
    with mailchimp(clock) as bench:
        yield bench


@contextmanager
def counted(bench: ShopifyBench) -> Iterator[Counter[str]]:
    """Count what comes in, looks at whether a file was worked through aside."""
    seen: Counter[str] = Counter()
    answer = bench.door.answer

    def counting(request: Request) -> object:
        if b"PollBulkOperation" not in request.body:
            seen[request.path.split("/")[1]] += 1
        return answer(request)

    bench.door.answer = counting  # type: ignore[assignment]
    yield seen
    bench.door.answer = answer


def customers(bench: ShopifyBench, count: int) -> list[str]:
    now = bench.clock.now()
    with bench.shop.lock:
        bench.shop.customers.update({number: customer(number, now) for number in range(1, count + 1)})
        bench.shop.changed("customers")
    return [str(number) for number in range(1, count + 1)]


def carry_out(bench: ShopifyBench, changes: Sequence[Change]) -> tuple[Price, int]:
    """Carry changes out; return their price, and how many requests the store saw."""
    price = bench.target.price(changes)
    with counted(bench) as seen:
        assert {outcome.state for outcome in bench.target.apply(changes)} == {OutcomeState.APPLIED}
    return price, seen.total()


@pytest.mark.parametrize(("adds", "removes"), [(20, 0), (10, 10), (1, 1), (0, 20)])
def test_twenty_tags_take_one_request(store: ShopifyBench, adds: int, removes: int) -> None:
    people = customers(store, adds + removes)
    changes = [add(store.target, one, "vip") for one in people[:adds]]
    changes += [remove(store.target, one, "old") for one in people[adds:]]
    price, requests = carry_out(store, changes)
    assert price.calls == requests == 1
    assert price.points == 10.0 * len(changes)


@pytest.mark.parametrize("many", [1_001, 3_000])
def test_thousands_of_tags_take_four_requests_however_many(store: ShopifyBench, many: int) -> None:
    price, requests = carry_out(store, [add(store.target, one, "vip") for one in customers(store, many)])
    assert price.calls == requests == 4
    assert price.points is not None
    assert price.points < 50


def test_a_few_removals_beside_thousands_of_additions_take_one_request_more(store: ShopifyBench) -> None:
    people = customers(store, 1_020)
    changes = [add(store.target, one, "vip") for one in people[:1_000]]
    changes += [remove(store.target, one, "old") for one in people[1_000:]]
    price, requests = carry_out(store, changes)
    assert price.calls == requests == 5


def test_thousands_of_additions_and_of_removals_take_seven_requests(store: ShopifyBench) -> None:
    people = customers(store, 1_001)
    changes = [add(store.target, one, "vip") for one in people]
    changes += [remove(store.target, one, "old") for one in people]
    price, requests = carry_out(store, changes)
    assert price.calls == requests == 7


def test_a_push_to_a_store_keeps_one_connection(store: ShopifyBench) -> None:
    people = customers(store, 1_001)
    carry_out(store, [add(store.target, one, "vip") for one in people])
    carry_out(store, [remove(store.target, one, "vip") for one in people])
    carry_out(store, [add(store.target, one, "vip") for one in people[:20]])
    assert store.door.accepted == 1


def people(what: str, count: int) -> list[str]:
    return [f"{what}{number}@people.example" for number in range(count)]


@pytest.mark.parametrize(
    ("new", "there", "gone", "known"),
    [
        (0, 3, 0, False),
        (501, 0, 0, False),
        (40, 620, 0, False),
        (0, 3, 1, True),
        (501, 0, 501, True),
        (40, 620, 30, True),
        (0, 0, 0, True),
    ],
)
def test_the_price_of_a_push_to_an_audience_is_the_calls_that_it_takes(
    audience: MailchimpBench, clock: StillClock, new: int, there: int, gone: int, *, known: bool
) -> None:
    service, host = audience.service, audience.host
    service.put(*people("there", there))
    if known:
        service.put("first@people.example", *people("gone", gone), tags=["vip"])
        target = audience.target
        list(target.apply([add(target, "first@people.example", label) for label in ("vip", "gold")]))
    target = open_simulated(clock, host)  # another process, with the same memory
    changes = [add(target, one, label, NEW) for label in ("vip", "gold") for one in people("new", new)]
    changes += [add(target, one, label) for label in ("vip", "gold") for one in people("there", there)]
    changes += [remove(target, one, "vip") for one in people("gone", gone)]
    said = target.price(changes).calls
    host.calls.clear()
    for batch in batches([], changes, target.traits):
        assert {outcome.state for outcome in target.apply(batch)} == {OutcomeState.APPLIED}
    assert host.calls.total() == said


def test_a_price_asks_for_nothing(store: ShopifyBench, audience: MailchimpBench) -> None:
    assert store.target.price([]).calls == 0
    assert audience.target.price([]).calls == 0
    store.target.price([add(store.target, "1", "vip")])
    audience.target.price([add(audience.target, "a@people.example", "vip", NEW)])
    assert not store.calls
    assert not audience.calls


def test_the_points_that_a_store_lacks_are_waited_for_in_its_price(store: ShopifyBench) -> None:
    people = customers(store, 190)
    store.source.check()  # tells how full the bucket is
    few = [add(store.target, one, "gold") for one in people[:25]]
    at_once = store.target.price(few)
    carry_out(store, [add(store.target, one, "vip") for one in people])
    later = store.target.price(few)
    assert later.seconds > at_once.seconds + 1
    assert (later.calls, later.points) == (at_once.calls, at_once.points)


def test_the_time_of_a_push_is_reckoned_by_the_last_one(audience: MailchimpBench, clock: StillClock) -> None:
    target = audience.audience
    some = people("there", 200)
    audience.service.put(*some)
    assumed = target.price([add(target, one, "vip") for one in some]).seconds

    def slow(_: object) -> None:
        clock.instant += 50

    audience.service.reply = slow  # type: ignore[assignment]
    list(target.apply([add(target, one, "vip") for one in some]))
    slower = target.price([remove(target, one, "vip") for one in some]).seconds
    assert slower > 40 > assumed
