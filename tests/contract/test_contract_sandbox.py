"""Both connectors against the whole sandbox, as `syncd sandbox` runs it: real sockets, its control API, its clock."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
import requests

from connectors.mailchimp import CONNECTOR as MAILCHIMP
from connectors.sandbox import SANDBOX, Options
from connectors.shopify import CONNECTOR as SHOPIFY
from syncd.model import ON_DEMAND, ContactStatus, Kind, NewContact, OutcomeState
from syncd.ports import Audience, Host, Store
from tests.contract.suite_bench import add, everything, folded, ids_of
from tests.contract.test_contract_feed import HUGE

WAYS_IN = {"permanent token": ("access_token",), "client credentials": ("client_id", "client_secret")}
KINDS = [kind.value for kind in Kind]


class Sandbox:
    """A running sandbox. It is also the connectors' clock: to wait is to move its hour."""

    def __init__(self, url: str) -> None:
        self.session = requests.Session()
        self.control_url = f"{url}/control"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, self.control_url + path, json=body, timeout=10)
        assert answer.ok, (path, answer.text)
        return answer.json() if answer.content else None

    def dump(self) -> list[dict[str, Any]]:
        answer = self.session.get(f"{self.control_url}/shops/main/dump", timeout=10)
        return [msgspec.json.decode(line) for line in answer.content.splitlines()]

    def now(self) -> int:
        return int(self.control("GET", "/world")["now"])

    def monotonic(self) -> float:
        return float(self.now())

    def sleep(self, seconds: float) -> None:
        self.control("POST", "/advance", {"seconds": math.ceil(seconds)})

    def host(self) -> Host:
        return Host(clock=self, memo={}, calls=Counter())


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, Mapping[str, Any]]]:
    with SANDBOX.start(Options(customers=120, bulk_seconds=0.0)) as started:
        sandbox = Sandbox(started.url)
        with sandbox.session:
            yield sandbox, started.settings()


@pytest.fixture
def sandbox(running: tuple[Sandbox, Mapping[str, Any]]) -> Sandbox:
    return running[0]


@pytest.fixture(params=list(WAYS_IN))
def store(request: pytest.FixtureRequest, running: tuple[Sandbox, Mapping[str, Any]]) -> Store:
    given = running[1]["stores"]["main"]
    keys = ("shop", "api_url", "api_version", *WAYS_IN[request.param])
    settings = SHOPIFY.settings.model_validate({key: given[key] for key in keys})
    return SHOPIFY.open("main", settings, running[0].host())


@pytest.fixture
def audience(running: tuple[Sandbox, Mapping[str, Any]]) -> Audience:
    (given,) = running[1]["audiences"].values()
    settings = MAILCHIMP.settings.model_validate({key: given[key] for key in ("api_url", "api_key", "list")})
    return MAILCHIMP.open("newsletter", settings, running[0].host())


@pytest.mark.parametrize("kind", KINDS)
def test_everything_in_the_store_is_read_by_pages_and_by_an_export_alike(
    sandbox: Sandbox, store: Store, kind: str
) -> None:
    feed = getattr(store.source, kind)
    paged = {row.id: row for row in everything(feed, None, 0)}
    exported = {row.id: row for row in everything(feed, None, HUGE)}
    records = "customers" if kind in ON_DEMAND else kind
    there = {record["id"] for record in sandbox.dump() if f"{record['kind'].rstrip('s')}s" == records}
    assert set(paged) == set(exported) == set(ids_of(feed)) == there
    assert len(there) == feed.count() == sandbox.control("GET", "/world")["shops"]["main"][records]
    assert paged == exported


def test_a_label_written_to_the_store_is_in_the_store(sandbox: Sandbox, store: Store) -> None:
    subjects = [str(number) for number in ids_of(store.source.customers)[:30]]
    label = f"syncd {sandbox.now()}"
    outcomes = list(store.tags.apply([add(store.tags, subject, label) for subject in subjects]))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}
    for subject in subjects:
        record = sandbox.control("GET", f"/shops/main/customers/{subject}")
        assert label in record["tags"]
    assert {contact.subject for contact in store.tags.read(subjects) if label in contact.labels} == set(subjects)


def test_people_of_the_store_are_brought_into_the_audience_once(store: Store, audience: Audience) -> None:
    consenting = [row for row in everything(store.source.customers) if row.email and row.email_consent == "SUBSCRIBED"]
    create = NewContact(status=ContactStatus.SUBSCRIBED)
    by_address = {row.email.strip().lower(): row.email for row in consenting}
    changes = [add(audience, subject, "vip", create, email) for subject, email in by_address.items()]
    assert changes
    for _ in range(2):
        assert {outcome.state for outcome in audience.apply(changes)} == {OutcomeState.APPLIED}
    contacts = {contact.subject: contact for contact in everything(audience.contacts)}
    assert set(contacts) == set(by_address)
    assert audience.contacts.count() == len(by_address)
    assert {contact.status for contact in contacts.values()} == {ContactStatus.SUBSCRIBED}
    assert all(folded(contact.labels) == {"vip"} for contact in contacts.values())
