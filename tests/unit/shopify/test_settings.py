from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from shopify.utils.shop_url import sanitize_shop_domain

from connectors.shopify import ShopifySettings
from connectors.shopify.client import shop_address
from syncd.errors import FatalError

PAIR = {"client_id": "an-id", "client_secret": "a-secret"}
TOKEN = {"access_token": "shpat_1"}


@pytest.mark.parametrize("credentials", [TOKEN, PAIR])
def test_one_kind_of_credential_does(credentials: dict[str, str]) -> None:
    assert ShopifySettings(shop="my-shop", **credentials).api_version == "2026-10"


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        ({}, "give access_token, or both"),
        ({"client_id": "an-id"}, "give access_token, or both"),
        ({"client_secret": "a-secret"}, "give access_token, or both"),
        (TOKEN | PAIR, "not both"),
        (TOKEN | {"client_id": "an-id"}, "not both"),
        ({"access_token": "  "}, "must not be empty"),
        ({"client_id": "an-id", "client_secret": ""}, "must not be empty"),
    ],
)
def test_none_or_half_or_two_kinds_of_credential_are_refused(credentials: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        ShopifySettings(shop="my-shop", **credentials)
    assert "secret" not in str(caught.value).replace("client_secret", "")


@pytest.mark.parametrize(
    "written",
    [
        "my-shop",
        "my-shop.myshopify.com",
        " My-Shop ",
        "https://my-shop.myshopify.com/admin",
        "http://my-shop/x?y",
        "https://admin.shopify.com/store/my-shop/customers",
    ],
)
def test_a_shop_may_be_named_in_several_ways(written: str) -> None:
    assert ShopifySettings(shop=written, **TOKEN).shop == "my-shop.myshopify.com"


@pytest.mark.parametrize(
    "written", ["", "x", "shop.example.com", "a shop", "my_shop", "-shop", "my-shop.myshopify.com.evil.example"]
)
def test_another_domain_is_no_shop(written: str) -> None:
    with pytest.raises(ValidationError, match=r"myshopify\.com name"):
        ShopifySettings(shop=written, **TOKEN)


@given(st.from_regex(r"(https?://)?[a-z0-9-]{1,6}(\.myshopify\.com|\.example)?(/admin)?", fullmatch=True))
def test_what_the_package_takes_for_a_shop_is_taken_and_nothing_else_comes_of_it(written: str) -> None:
    expected = sanitize_shop_domain(written)
    try:
        mine = ShopifySettings(shop=written, **TOKEN).shop
    except ValidationError:
        mine = None
    assert expected in (mine, None)
    assert mine is None or sanitize_shop_domain(mine) == mine


@pytest.mark.parametrize("version", ["2026-07", "2025-10", "2026-13", "latest", "2026-1", ""])
def test_versions_without_the_fields_we_ask_for_are_refused(version: str) -> None:
    with pytest.raises(ValidationError):
        ShopifySettings(shop="my-shop", api_version=version, **TOKEN)


@pytest.mark.parametrize("version", ["2026-10", "2027-01", "unstable"])
def test_later_versions_are_taken(version: str) -> None:
    assert ShopifySettings(shop="my-shop", api_version=version, **TOKEN).api_version == version


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        ShopifySettings(shop="my-shop", tokken="x", **TOKEN)


def test_secrets_are_not_shown() -> None:
    shown = repr(ShopifySettings(shop="my-shop", **PAIR))
    assert "a-secret" not in shown
    assert "an-id" not in shown


def test_naming_the_connector_imports_nothing_heavy() -> None:
    code = "import sys, connectors.shopify; print([m for m in ('shopify', 'requests', 'tenacity') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_shop_answers_at_its_myshopify_domain() -> None:
    assert shop_address("my-shop.myshopify.com", None) == "https://my-shop.myshopify.com"
    assert shop_address("my-shop.myshopify.com", "http://127.0.0.1:1/shops/main/") == "http://127.0.0.1:1/shops/main"
    with pytest.raises(FatalError):
        shop_address("shop.example.com", None)
