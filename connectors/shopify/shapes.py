"""The kinds of record: how each is asked for, and what its rows become.

What a field needs beyond its kind's own scope stands beside it: one field without its scope fails a whole export.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec

from connectors.shopify import hanging, wire
from connectors.shopify.recipe import Recipe, alone, as_it_is, each
from syncd.model import Checkout, Companies, Credit, Customer, Instant, Kind, Metafields, Order, Product


class Row(Protocol):
    """What all of syncd's values of records have."""

    @property
    def id(self) -> int:
        """The record's number."""
        ...

    @property
    def updated_at(self) -> Instant:
        """When it last changed."""
        ...


T = TypeVar("T", bound=Row)


class Selection(msgspec.Struct, frozen=True):
    """Fields to ask for.

    Attributes:
        always: What the kind's own scope opens.
        scoped: Scope and fields, for what needs another one.
    """

    always: str
    scoped: tuple[tuple[str, str], ...] = ()

    def under(self, scopes: frozenset[str]) -> str:
        """Return the fields that these scopes open."""
        return " ".join([self.always, *(fields for scope, fields in self.scoped if scope in scopes)])


class Branch(msgspec.Struct, frozen=True):
    """The connection below a record: its addresses, lines or collections.

    Attributes:
        field: The connection's name.
        selection: What is asked of each.
        first: How many come with the record; the rest is paged.
    """

    field: str
    selection: Selection
    first: int


class Shape(msgspec.Struct, Generic[T], frozen=True):
    """How one kind of record is asked for.

    Attributes:
        kind: Which.
        root: The field that lists them.
        single: The field that gives one by id.
        count: The field that counts them.
        sort: The sort key to read by.
        by_change: Whether that is the time of change.
        size: Rows a page.
        selection: What is asked of each.
        branch: The connection below, where there is one.
        recipe: How what comes becomes syncd's value.
    """

    kind: Kind
    root: str
    single: str
    count: str
    sort: str
    by_change: bool
    size: int
    selection: Selection
    branch: Branch | None
    recipe: Recipe[T]


CUSTOMERS: Shape[Customer] = Shape(
    kind=Kind.CUSTOMERS,
    root="customers",
    single="customer",
    count="customersCount",
    sort="UPDATED_AT",
    by_change=True,
    size=250,
    selection=Selection(
        "id createdAt updatedAt firstName lastName locale state verifiedEmail tags numberOfOrders "
        "amountSpent { amount currencyCode } productSubscriberStatus statistics { predictedSpendTier rfmGroup } "
        "defaultEmailAddress { emailAddress marketingState marketingUpdatedAt } "
        "defaultPhoneNumber { phoneNumber smsMarketingConsent { state } }",
        (("read_orders", "lastOrder { processedAt }"),),
    ),
    branch=Branch(
        "addressesV2",
        Selection("id countryCodeV2 provinceCode city zip latitude longitude"),
        first=10,
    ),
    recipe=Recipe(wire.CustomerNode, wire.AddressNode, each(wire.customer), each(wire.address), wire.with_addresses),
)

ORDERS: Shape[Order] = Shape(
    kind=Kind.ORDERS,
    root="orders",
    single="order",
    count="ordersCount",
    sort="UPDATED_AT",
    by_change=True,
    size=100,
    selection=Selection(
        "id createdAt processedAt updatedAt cancelledAt test name email sourceName app { id } tags discountCodes "
        "displayFinancialStatus totalPriceSet { shopMoney { amount } } "
        "currentTotalPriceSet { shopMoney { amount currencyCode } } totalRefundedSet { shopMoney { amount } }",
        (("read_customers", "customer { id }"),),
    ),
    branch=Branch(
        "lineItems",
        Selection(
            "id title vendor sku quantity currentQuantity isGiftCard discountedTotalSet { shopMoney { amount } }",
            (("read_products", "product { id productType } variant { id }"),),
        ),
        first=30,
    ),
    recipe=Recipe(wire.OrderNode, wire.LineNode, wire.orders, wire.lines, wire.with_lines),
)

PRODUCTS: Shape[Product] = Shape(
    kind=Kind.PRODUCTS,
    root="products",
    single="product",
    count="productsCount",
    sort="UPDATED_AT",
    by_change=True,
    size=250,
    selection=Selection("id updatedAt title vendor productType status tags category { id fullName }"),
    branch=Branch("collections", Selection("id title handle"), first=20),
    recipe=Recipe(
        wire.ProductNode, wire.CollectionNode, each(wire.product), each(wire.collection), wire.with_collections
    ),
)

CHECKOUTS: Shape[Checkout] = Shape(
    kind=Kind.CHECKOUTS,
    root="abandonedCheckouts",
    single="",
    count="abandonedCheckoutsCount",
    sort="CREATED_AT",  # there is no UPDATED_AT sort key
    by_change=False,
    size=250,
    selection=Selection(
        "id createdAt updatedAt completedAt totalPriceSet { shopMoney { amount currencyCode } }",
        (("read_customers", "customer { id }"),),
    ),
    branch=None,
    recipe=Recipe(wire.CheckoutNode, None, each(wire.checkout), as_it_is, alone),
)

METAFIELDS: Shape[Metafields] = Shape(
    kind=Kind.METAFIELDS,
    root="customers",
    single="customer",
    count="customersCount",
    sort="UPDATED_AT",
    by_change=True,
    size=100,
    selection=Selection("id updatedAt"),
    branch=Branch("metafields", Selection("id namespace key type value"), first=20),
    recipe=Recipe(hanging.MetafieldOwner, hanging.MetafieldNode, as_it_is, as_it_is, hanging.metafields),
)

COMPANIES: Shape[Companies] = Shape(
    kind=Kind.COMPANIES,
    root="customers",
    single="customer",
    count="customersCount",
    sort="UPDATED_AT",
    by_change=True,
    size=250,
    selection=Selection("id updatedAt companyContactProfiles { company { id } }"),
    branch=None,
    recipe=Recipe(hanging.CompanyCustomer, None, as_it_is, as_it_is, hanging.companies),
)

CREDIT: Shape[Credit] = Shape(
    kind=Kind.CREDIT,
    root="customers",
    single="customer",
    count="customersCount",
    sort="UPDATED_AT",
    by_change=True,
    size=250,
    selection=Selection("id updatedAt"),
    branch=Branch("storeCreditAccounts", Selection("id balance { amount currencyCode }"), first=5),
    recipe=Recipe(hanging.CreditOwner, hanging.CreditAccountNode, as_it_is, as_it_is, hanging.credit),
)
