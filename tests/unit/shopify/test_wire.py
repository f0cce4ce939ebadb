from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shopify import shapes, wire
from syncd.model import Address, Checkout, Collection, LineItem, minor_units

CUSTOMER: dict[str, Any] = {
    "id": "gid://shopify/Customer/7",
    "createdAt": "2025-03-26T19:51:37Z",
    "updatedAt": "2026-05-06T02:40:36Z",
    "numberOfOrders": "13",
    "amountSpent": {"amount": "11884.9", "currencyCode": "CAD"},
}
ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/5",
    "createdAt": "2026-01-01T00:00:00Z",
    "processedAt": "2025-12-31T23:59:59Z",
    "updatedAt": "2026-01-02T00:00:00Z",
    "totalPriceSet": {"shopMoney": {"amount": "100.0"}},
    "currentTotalPriceSet": {"shopMoney": {"amount": "60.05", "currencyCode": "EUR"}},
    "totalRefundedSet": {"shopMoney": {"amount": "39.95"}},
}
LINE: dict[str, Any] = {
    "id": "gid://shopify/LineItem/3",
    "quantity": 2,
    "currentQuantity": 1,
    "discountedTotalSet": {"shopMoney": {"amount": "60.05"}},
}


def decoded(value: dict[str, Any], kind: type[Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value), type=kind, strict=False)


def customer(*addresses: dict[str, Any], **fields: Any) -> Any:
    nodes = [decoded(each, wire.AddressNode) for each in addresses]
    return shapes.CUSTOMERS.recipe.value(decoded(CUSTOMER | fields, wire.CustomerNode), nodes)


def order(*lines: dict[str, Any], **fields: Any) -> Any:
    nodes = [decoded(each, wire.LineNode) for each in lines]
    return shapes.ORDERS.recipe.value(decoded(ORDER | fields, wire.OrderNode), nodes)


def test_a_bare_customer_is_one() -> None:
    bare = customer()
    assert (bare.id, bare.created_at, bare.updated_at) == (7, 1743018697, 1778035236)
    assert (bare.number_of_orders, bare.amount_spent, bare.currency) == (13, 1188490, "CAD")
    assert (bare.email, bare.email_consent, bare.phone, bare.tags, bare.last_order_at) == (None, None, None, (), None)


def test_the_recorded_customer_is_read(shared: Path) -> None:
    recorded = json.loads((shared / "api" / "recorded" / "customer-detail.json").read_text())["data"]["customer"]
    read = shapes.CUSTOMERS.recipe.value(decoded(recorded, wire.CustomerNode), [])
    assert read.id == 9522206933298
    assert read.amount_spent == 1188490
    assert (read.language, read.account_state, read.verified_email) == ("en", "DISABLED", True)


@pytest.mark.parametrize("state", ["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID"])
def test_consent_is_the_state_and_nothing_else(state: str) -> None:
    address = {
        "emailAddress": " Anna@Example.com ",
        "marketingState": state,
        "marketingOptInLevel": "CONFIRMED_OPT_IN",
        "marketingUpdatedAt": "2025-03-26T19:51:37Z",
    }
    read = customer(defaultEmailAddress=address)
    assert (read.email, read.email_consent, read.email_consent_at) == ("Anna@Example.com", state, 1743018697)


def test_an_address_that_we_may_not_see_is_unknown_but_its_consent_is_not() -> None:
    read = customer(defaultEmailAddress={"emailAddress": None, "marketingState": "SUBSCRIBED"})
    assert (read.email, read.email_consent) == (None, "SUBSCRIBED")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("ACTIVE", "SUBSCRIBED"),
        ("CANCELLED", "CANCELED"),
        ("EXPIRED", "EXPIRED"),
        ("FAILED", "FAILED"),
        ("NEVER_SUBSCRIBED", "NEVER_SUBSCRIBED"),
        ("PAUSED", "PAUSED"),
    ],
)
def test_product_subscriptions_are_spelled_as_in_segments(theirs: str, ours: str) -> None:
    assert customer(productSubscriberStatus=theirs).product_subscription == ours


def test_consent_to_text_messages_is_spelled_as_in_segments() -> None:
    phone = {"phoneNumber": "+16135550142", "smsMarketingConsent": {"state": "NEVER_SUBSCRIBED"}}
    read = customer(defaultPhoneNumber=phone)
    assert (read.phone, read.sms_consent) == ("+16135550142", "NOT_SUBSCRIBED")


def test_addresses_are_kept_in_the_order_of_their_ids() -> None:
    first = {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", "city": "Ottawa", "latitude": 45.4}
    second = {"id": "gid://shopify/MailingAddress/2", "countryCodeV2": "CA", "provinceCode": "ON", "city": ""}
    assert customer(second, first).addresses == (
        Address(1, city="Ottawa", latitude=45.4),
        Address(2, country="CA", province="ON"),
    )


def test_the_rest_of_a_customer() -> None:
    read = customer(
        firstName="Anna",
        lastName="",
        locale="de",
        state="ENABLED",
        tags=["a", "B"],
        statistics={"predictedSpendTier": "HIGH", "rfmGroup": "CHAMPIONS"},
        lastOrder={"processedAt": "2025-03-26T19:51:37Z"},
    )
    assert (read.first_name, read.last_name, read.language, read.account_state) == ("Anna", None, "de", "ENABLED")
    assert (read.tags, read.spend_tier, read.rfm_group) == (("a", "B"), "HIGH", "CHAMPIONS")
    assert read.last_order_at == 1743018697


def test_an_order_of_a_guest() -> None:
    read = order(email="guest@example.com", customer=None)
    assert (read.id, read.customer_id, read.email) == (5, None, "guest@example.com")
    assert (read.total, read.current_total, read.refunded, read.currency) == (10000, 6005, 3995, "EUR")
    assert (read.created_at, read.processed_at) == (1767225600, 1767225599)
    assert (read.cancelled_at, read.test, read.counts) == (None, False, True)


def test_the_rest_of_an_order() -> None:
    read = order(
        customer={"id": "gid://shopify/Customer/7"},
        app={"id": "gid://shopify/App/580111"},
        cancelledAt="2026-01-02T00:00:00Z",
        test=True,
        tags=["x"],
        discountCodes=["WB10"],
        displayFinancialStatus="REFUNDED",
        sourceName="web",
        name="#1001",
    )
    assert (read.customer_id, read.app_id, read.cancelled_at, read.test) == (7, 580111, 1767312000, True)
    assert (read.tags, read.discount_codes, read.financial_status) == (("x",), ("WB10",), "REFUNDED")
    assert (read.source_name, read.name, read.counts) == ("web", "#1001", False)


def test_lines_with_and_without_a_product() -> None:
    product = {"id": "gid://shopify/Product/8", "productType": "Candle"}
    full = LINE | {
        "id": "gid://shopify/LineItem/4",
        "product": product,
        "variant": {"id": "gid://shopify/ProductVariant/9"},
    }
    custom = LINE | {"product": None, "variant": None, "title": "Engraving", "isGiftCard": True}
    assert order(full, custom).lines == (
        LineItem(id=3, quantity=2, current_quantity=1, title="Engraving", amount=6005, gift_card=True),
        LineItem(id=4, quantity=2, current_quantity=1, product_id=8, variant_id=9, product_type="Candle", amount=6005),
    )


def test_money_follows_the_currency() -> None:
    def yen(amount: str) -> dict[str, Any]:
        return {"shopMoney": {"amount": amount, "currencyCode": "JPY"}}

    read = order(totalPriceSet=yen("1200.0"), currentTotalPriceSet=yen("1200.0"), totalRefundedSet=yen("0.0"))
    assert (read.total, read.currency) == (1200, "JPY")


@given(st.integers(0, 10**12))
def test_money_is_exact(minor: int) -> None:
    spent = {"amount": f"{minor // 100}.{minor % 100:02}", "currencyCode": "EUR"}
    assert customer(amountSpent=spent).amount_spent == minor


def test_money_that_is_no_text_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        customer(amountSpent={"amount": 1.1, "currencyCode": "EUR"})


def test_a_product_with_its_collections() -> None:
    node = decoded(
        {
            "id": "gid://shopify/Product/8",
            "updatedAt": "2026-01-01T00:00:00Z",
            "title": "Candle",
            "vendor": "Kiln",
            "productType": "",
            "status": "ACTIVE",
            "tags": ["eco"],
            "category": {"id": "gid://shopify/TaxonomyCategory/sg-4-17-2-17", "fullName": "A > B"},
        },
        wire.ProductNode,
    )
    sale = decoded({"id": "gid://shopify/Collection/2", "title": "Sale", "handle": "sale"}, wire.CollectionNode)
    read = shapes.PRODUCTS.recipe.value(node, [sale])
    assert (read.id, read.product_type, read.category_id, read.category) == (8, None, "sg-4-17-2-17", "A > B")
    assert read.collections == (Collection(2, "Sale", "sale"),)


def test_a_checkout() -> None:
    node = decoded(
        {
            "id": "gid://shopify/AbandonedCheckout/3",
            "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:01Z",
            "totalPriceSet": {"shopMoney": {"amount": "5", "currencyCode": "EUR"}},
        },
        wire.CheckoutNode,
    )
    assert wire.checkout(node) == Checkout(
        id=3, created_at=1767225600, updated_at=1767225601, total=500, currency="EUR"
    )


def test_ids_are_numbers() -> None:
    assert wire.number(wire.gid("Customer", "12")) == 12
    with pytest.raises(ValueError, match="invalid literal"):
        wire.number("gid://shopify/Customer/x")


@given(
    st.lists(st.tuples(st.sampled_from(["Order", "LineItem"]), st.integers(1, 10**15), st.sampled_from(["", "?a=b"])))
)
def test_ids_that_are_read_together_have_the_numbers_that_each_has(ids: list[tuple[str, int, str]]) -> None:
    gids = [wire.gid(kind, number) + behind for kind, number, behind in ids]

    assert wire.numbers(gids) == [number for _, number, _ in ids]


@pytest.mark.parametrize("odd", ["gid://shopify/Order/", "gid://shopify/Order/x", ""])
def test_an_id_without_a_number_is_refused_among_others(odd: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.numbers(["gid://shopify/Order/7", odd])


def test_a_line_without_a_product_leaves_the_others_theirs() -> None:
    sold = {"product": {"id": "gid://shopify/Product/8"}, "variant": {"id": "gid://shopify/ProductVariant/9"}}
    order = shapes.ORDERS.recipe.value(
        decoded(ORDER, wire.OrderNode),
        [
            decoded(LINE | {"id": f"gid://shopify/LineItem/{number}"} | more, wire.LineNode)
            for number, more in enumerate([{}, sold, {}, sold], 1)
        ],
    )

    assert [(it.id, it.product_id, it.variant_id) for it in order.lines] == [
        (1, None, None), (2, 8, 9), (3, None, None), (4, 8, 9),
    ]  # fmt: skip


def test_an_amount_with_two_points_is_none() -> None:
    with pytest.raises(ValueError, match="is not an amount of money"):
        minor_units("1.2.34", "EUR")
