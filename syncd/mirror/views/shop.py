"""Views of what the stores said: customers, orders, products, checkouts."""

from __future__ import annotations

from syncd.mirror.views.view import Column, View, amount, day, instant, plain

PERSON = "CASE WHEN o.customer_id IS NULL THEN o.email_key ELSE c.email_key END"
"""Whose an order is: its customer's address, or that of a guest. An order of somebody without one is nobody's."""
ORDERS = "orders AS o LEFT JOIN customers AS c ON c.store = o.store AND c.id = o.customer_id"

_STORES = View(
    "v_stores",
    "A store as it last described itself.",
    (
        *plain(
            "s",
            store="its name in the settings",
            account="what it calls itself",
            timezone="its zone",
            currency="its currency",
        ),
        Column("orders_visible_from", instant("s.orders_visible_from"), "older orders are invisible to syncd"),
        Column("checked_at", instant("s.checked_at"), "when it said so"),
    ),
    "stores AS s",
)
_CUSTOMERS = View(
    "v_customers",
    "A customer record of a store.",
    (
        *plain("c", store="the store"),
        Column("customer_id", "c.id", "the store's own id"),
        *plain("c", email="the address as the store has it"),
        Column("person", "c.email_key", "the address trimmed and in lower case: one person is one of these"),
        *plain(
            "c",
            first_name="as the store has it",
            last_name="likewise",
            phone="with its country code",
            language="the language code (`en`, `fr-CA`)",
        ),
        Column("consent", "c.email_consent", "of e-mail marketing, in the store's words (`SUBSCRIBED`, …)"),
        Column("consent_at", instant("c.email_consent_at"), "since when"),
        *plain("c", sms_consent="of text messages", account_state="`ENABLED`, `DISABLED`, `INVITED`, `DECLINED`"),
        *plain("c", verified_email="1 where the address is verified"),
        Column("orders", "c.number_of_orders", "orders, the store's own lifetime figure"),
        *amount("spent", "c.amount_spent", "c.currency", "spent, the store's own lifetime figure"),
        *plain(
            "c",
            currency="what the store counts in",
            spend_tier="`HIGH`, `MEDIUM`, `LOW`, `NONE`",
            rfm_group="as the store groups them",
            product_subscription="`ACTIVE`, `CANCELLED`, …",
        ),
        Column("created_at", instant("c.created_at"), "when the record was made"),
        Column("created_day", day("c.created_at", "c.store"), "the day of it"),
        Column("updated_at", instant("c.updated_at"), "when the store last changed it"),
        Column("last_order_at", instant("c.last_order_at"), "the store's own last order"),
        Column("last_order_day", day("c.last_order_at", "c.store"), "the day of it"),
    ),
    "customers AS c",
)
_CUSTOMER_TAGS = View(
    "v_customer_tags",
    "A tag of a customer, whoever wrote it.",
    plain("t", store="the store", customer_id="whose", tag="as the store spells it"),
    "customer_tags AS t",
)
_ADDRESSES = View(
    "v_addresses",
    "A postal address of a customer; one customer may have several.",
    (
        *plain("a", store="the store", customer_id="whose"),
        Column("address_id", "a.id", "the store's own id"),
        *plain(
            "a",
            country="two letters (`CA`)",
            province="its code (`ON`)",
            region="both (`CA-ON`)",
            city="as written",
            zip="postal code",
            latitude="degrees north",
            longitude="degrees east",
        ),
    ),
    "customer_addresses AS a",
)
_ORDERS = View(
    "v_orders",
    "An order, counted or not: `WHERE counts` leaves out tests and cancelled ones, as rules and reports do.",
    (
        *plain("o", store="the store"),
        Column("order_id", "o.id", "the store's own id"),
        *plain("o", name="`#1001`", customer_id="empty for a guest"),
        Column("person", PERSON, "the customer's address, or the guest's, in lower case"),
        *plain("o", email="the address on the order"),
        Column("ordered_at", instant("o.processed_at"), "the business date"),
        Column("day", day("o.processed_at", "o.store"), "the day of it: what rules and reports go by"),
        Column("cancelled_at", instant("o.cancelled_at"), "empty where it stands"),
        *plain("o", test="1 for a test", counts="1 where rules and reports look at it"),
        *amount("amount", "o.current_total", "o.currency", "after edits and returns: what rules and reports add up"),
        *amount("total", "o.total", "o.currency", "before returns"),
        *amount("refunded", "o.refunded", "o.currency", "paid back"),
        *plain(
            "o",
            currency="the shop's own",
            financial_status="`PAID`, `REFUNDED`, …",
            source_name="where it was placed (`web`)",
        ),
    ),
    ORDERS,
)
_LINES = View(
    "v_lines",
    "A line of an order.",
    (
        *plain("l", store="the store", order_id="whose"),
        Column("line_id", "l.id", "the store's own id"),
        *plain(
            "l",
            product_id="empty for a custom line or a deleted product",
            variant_id="likewise",
            sku="the stock keeping unit",
            title="as it stood on the order",
            vendor="the brand",
            product_type="the product's type when the order was last read",
        ),
        Column("ordered", "l.quantity", "units ordered"),
        Column("bought", "l.current_quantity", "units left after edits and returns: what rules and reports go by"),
        *amount("amount", "l.amount", "o.currency", "the line's discounted total as ordered"),
        *plain("o", currency="the order's"),
        *plain("l", gift_card="1 for a gift card"),
        Column("day", day("o.processed_at", "o.store"), "the order's day"),
        *plain("o", counts="1 where rules and reports look at the order"),
    ),
    "lines AS l JOIN orders AS o ON o.store = l.store AND o.id = l.order_id",
)
_PRODUCTS = View(
    "v_products",
    "A product of a store's catalogue.",
    (
        *plain("p", store="the store"),
        Column("product_id", "p.id", "the store's own id"),
        *plain(
            "p",
            title="as it is now",
            vendor="the brand",
            product_type="the merchant's own word",
            category="the full name in Shopify's taxonomy",
            category_id="its id there",
            status="`ACTIVE`, `ARCHIVED`, `DRAFT`",
        ),
        Column("updated_at", instant("p.updated_at"), "when the store last changed it"),
    ),
    "products AS p",
)
_PRODUCT_TAGS = View(
    "v_product_tags",
    "A tag of a product.",
    plain("t", store="the store", product_id="whose", tag="as the store spells it"),
    "product_tags AS t",
)
_PRODUCT_COLLECTIONS = View(
    "v_product_collections",
    "A collection that a product is in.",
    plain(
        "k",
        store="the store",
        product_id="the product",
        collection_id="the store's own id",
        title="the collection's",
        handle="its name in links",
    ),
    "product_collections AS k",
)
_CHECKOUTS = View(
    "v_checkouts",
    "A checkout that was begun.",
    (
        *plain("k", store="the store"),
        Column("checkout_id", "k.id", "the store's own id"),
        *plain("k", customer_id="whose, where that is known"),
        Column("person", "c.email_key", "the customer's address in lower case"),
        Column("begun_at", instant("k.created_at"), "when it was begun"),
        Column("day", day("k.created_at", "k.store"), "the day of it"),
        Column("completed_at", instant("k.completed_at"), "empty where it was not"),
        Column("abandoned", "k.completed_at IS NULL", "1 where it was not completed"),
        *amount("total", "k.total", "k.currency", "what was in it"),
        *plain("k", currency="the shop's own"),
    ),
    "checkouts AS k LEFT JOIN customers AS c ON c.store = k.store AND c.id = k.customer_id",
)
VIEWS = (
    _STORES,
    _CUSTOMERS,
    _CUSTOMER_TAGS,
    _ADDRESSES,
    _ORDERS,
    _LINES,
    _PRODUCTS,
    _PRODUCT_TAGS,
    _PRODUCT_COLLECTIONS,
    _CHECKOUTS,
)
