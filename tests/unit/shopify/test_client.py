from __future__ import annotations

import msgspec
import pytest
import responses

from connectors.shopify import CONNECTOR
from syncd.errors import CredentialsError, FatalError, RetriableError
from syncd.ports import Host, Store
from tests.conftest import StillClock
from tests.unit.shopify.scripted import (
    ENDPOINT,
    TOKENS,
    URL,
    ScriptedShop,
    cost,
    data,
    fails,
    shop_and_app,
    status,
)


def count_of(store: Store) -> int:
    return store.source.orders.count()


def whole(count: int) -> dict[str, object]:
    return {"count": count, "precision": "EXACT"}


@pytest.fixture
def granted(shop: ScriptedShop, host: Host) -> Store:
    """A store whose tokens are granted: token-1, token-2."""
    for number in (1, 2):
        shop.mocked.add(responses.POST, TOKENS, json={"access_token": f"token-{number}", "expires_in": 86_399})
    settings = CONNECTOR.settings(shop="main", client_id="an-id", client_secret="a-secret", api_url=URL)
    return CONNECTOR.open("main", settings, host)


def test_a_call_carries_the_token_and_is_counted(shop: ScriptedShop, store: Store, host: Host) -> None:
    shop.on("OrdersCount", data(whole=whole(7)))
    assert count_of(store) == 7
    assert shop.headers[0]["X-Shopify-Access-Token"] == "shpat_1"
    assert shop.headers[0]["Content-Type"] == "application/json"
    assert host.calls == {"orders": 1}


def test_opening_a_store_sends_nothing(shop: ScriptedShop, store: Store, granted: Store) -> None:
    assert (store.source.name, granted.tags.name) == ("main", "main")
    assert len(shop.mocked.calls) == 0


def test_a_token_that_is_refused_is_renewed_once(shop: ScriptedShop, granted: Store) -> None:
    shop.on("OrdersCount", status(401, {"errors": "[API] Invalid API key or access token"}), data(whole=whole(7)))
    assert count_of(granted) == 7
    assert [headers["X-Shopify-Access-Token"] for headers in shop.headers] == ["token-1", "token-2"]


def test_a_token_that_is_refused_twice_is_wrong(shop: ScriptedShop, granted: Store) -> None:
    shop.on("OrdersCount", status(401))
    with pytest.raises(CredentialsError, match="does not accept"):
        count_of(granted)
    assert len(shop.asked) == 2


def test_a_permanent_token_that_is_refused_is_wrong(shop: ScriptedShop, store: Store) -> None:
    shop.on("OrdersCount", status(401))
    with pytest.raises(CredentialsError, match="the store main does not accept"):
        count_of(store)
    assert len(shop.asked) == 1


def test_a_throttled_call_waits_as_long_as_the_bucket_needs(
    shop: ScriptedShop, store: Store, clock: StillClock
) -> None:
    shop.on("OrdersCount", fails("THROTTLED", cost_told=cost(requested=900, available=0)), data(whole=whole(7)))
    assert count_of(store) == 7
    assert 9 <= sum(clock.waits) <= 10


def test_a_call_that_would_be_throttled_waits_first(shop: ScriptedShop, store: Store, clock: StillClock) -> None:
    shop.on("OrdersCount", data(whole=whole(7)) | {"extensions": {"cost": cost(requested=500, available=100)}})
    count_of(store)
    assert clock.waits == []
    count_of(store)
    assert clock.waits == [4]


def test_an_answer_that_does_not_fit_is_told_without_its_content(shop: ScriptedShop, store: Store) -> None:
    shop.on("OrdersCount", data(whole={"count": "anna@example.com"}))
    with pytest.raises(FatalError, match="API version 2026-10") as caught:
        count_of(store)
    assert "anna" not in str(caught.value)


def test_a_count_that_is_not_exact_is_no_count(shop: ScriptedShop, store: Store) -> None:
    shop.on("OrdersCount", data(whole={"count": 10_000, "precision": "AT_LEAST"}))
    with pytest.raises(FatalError, match="exactly"):
        count_of(store)


def test_nothing_is_printed(shop: ScriptedShop, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    shop.on("OrdersCount", status(500, "customer anna@example.com"))
    with pytest.raises(RetriableError):
        count_of(store)
    assert capsys.readouterr() == ("", "")


def test_a_redirect_is_not_followed_with_the_token(shop: ScriptedShop, store: Store) -> None:
    shop.on("OrdersCount", status(301, Location="https://elsewhere.example/"))
    with pytest.raises(FatalError, match="redirect"):
        count_of(store)
    assert len(shop.mocked.calls) == 1


def test_two_stores_share_nothing(shop: ScriptedShop, store: Store, host: Host) -> None:
    other = CONNECTOR.open("other", CONNECTOR.settings(shop="x-2", access_token="shpat_2", api_url=URL), host)
    shop.on("OrdersCount", data(whole=whole(7)))
    for each in (store, other, store):
        count_of(each)
    assert [headers["X-Shopify-Access-Token"] for headers in shop.headers] == ["shpat_1", "shpat_2", "shpat_1"]


def test_the_version_stands_in_the_address(shop: ScriptedShop, host: Host) -> None:
    later = ENDPOINT.replace("2026-10", "2027-01")
    shop.mocked.add(responses.POST, later, json=shop_and_app())
    settings = CONNECTOR.settings(shop="main", access_token="x", api_version="2027-01", api_url=URL)
    assert CONNECTOR.open("main", settings, host).source.check().account == "Main"


def test_a_real_shop_answers_at_its_own_domain(shop: ScriptedShop, host: Host) -> None:
    url = "https://my-shop.myshopify.com/admin/api/2026-10/graphql.json"
    shop.mocked.add(responses.POST, url, json=msgspec.to_builtins(shop_and_app()))
    store = CONNECTOR.open("main", CONNECTOR.settings(shop="my-shop", access_token="x"), host)
    assert store.source.check().currency == "EUR"
