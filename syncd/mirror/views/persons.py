"""Views of people: one line an address, over all stores, guests included."""

from __future__ import annotations

from syncd.mirror.consents import CONSENTS, REFUSES
from syncd.mirror.views.shop import ORDERS, PERSON
from syncd.mirror.views.view import Column, View, day, instant, money, plain

_COUNTED = f"{ORDERS.replace('AS o', 'AS o NOT INDEXED', 1)} WHERE o.counts = 1"
"""Read as they lie: by an index of theirs, each order would be looked up somewhere else."""
_SUMS = """count(*) AS orders, sum(current_total) AS amount, min(currency) AS low, max(currency) AS high,
    min(processed_at) AS first, max(processed_at) AS last FROM orders INDEXED BY orders_of_customer WHERE counts = 1"""
_BOUGHT = f"""
  SELECT store, customer_id, NULL AS email_key, {_SUMS} AND customer_id IS NOT NULL GROUP BY store, customer_id
  UNION ALL
  SELECT store, NULL, email_key, {_SUMS} AND customer_id IS NULL GROUP BY store, email_key
"""
"""Added up a customer before their address is looked up: that index has it all, in this order."""
_EACH = f"""(
  SELECT email_key AS person, store, 1 AS records, created_at, {day("created_at", "customers.store")} AS created_day,
    email_consent = '{CONSENTS}' AS consents, email_consent IN {REFUSES} AS refuses,
    0 AS orders, 0 AS guest_orders, NULL AS amount, NULL AS low, NULL AS high, NULL AS first, NULL AS last
  FROM customers WHERE email_key IS NOT NULL
  UNION ALL
  SELECT {PERSON}, NULL, 0, NULL, NULL, 0, 0,
    o.orders, o.orders * (o.customer_id IS NULL), o.amount, o.low, o.high,
    {day("o.first", "o.store")}, {day("o.last", "o.store")}
  FROM ({_BOUGHT}) AS o LEFT JOIN customers AS c ON c.store = o.store AND c.id = o.customer_id
)"""
_ONE = "min(p.low) = max(p.high)"

_PEOPLE = View(
    "v_people",
    "An e-mail address: all customer records and guest orders of it, over all stores.",
    (
        *plain("p", person="the address in lower case"),
        Column("records", "sum(p.records)", "customer records; 0 for who only ever ordered as a guest"),
        Column("stores", "count(DISTINCT p.store)", "stores that have a record"),
        Column(
            "subscribed",
            "total(p.consents) > 0 AND total(p.refuses) = 0",
            "1 where a record says `SUBSCRIBED` and none says otherwise; what syncd doubts of it is not in here",
        ),
        Column("created_at", instant("min(p.created_at)"), "the first record"),
        Column("created_day", "min(p.created_day)", "the day of it"),
        Column("orders", "sum(p.orders)", "counted orders"),
        Column("guest_orders", "sum(p.guest_orders)", "of these, as a guest"),
        Column(
            "amount",
            f"CASE WHEN {_ONE} THEN {money('sum(p.amount)', 'min(p.low)')} END",
            "of the counted orders; empty where they are in several currencies: see `v_people_money`",
        ),
        Column("amount_minor", f"CASE WHEN {_ONE} THEN sum(p.amount) END", "the same in minor units (cents)"),
        Column("currency", f"CASE WHEN {_ONE} THEN min(p.low) END", "empty where there are several, or no orders"),
        Column("first_order_day", "min(p.first)", "of the counted orders"),
        Column("last_order_day", "max(p.last)", "of the counted orders"),
    ),
    f"{_EACH} AS p WHERE p.person IS NOT NULL GROUP BY p.person",
)
_PEOPLE_MONEY = View(
    "v_people_money",
    "What a person spent in one currency; amounts of several are never added.",
    (
        Column("person", PERSON, "the address in lower case"),
        *plain("o", currency="the one"),
        Column("orders", "count(*)", "counted orders in it"),
        Column("amount", money("sum(o.current_total)", "o.currency"), "of these orders, in `currency`"),
        Column("amount_minor", "sum(o.current_total)", "the same in minor units (cents)"),
        Column("first_order_day", f"min({day('o.processed_at', 'o.store')})", "of these orders"),
        Column("last_order_day", f"max({day('o.processed_at', 'o.store')})", "of these orders"),
    ),
    f"{_COUNTED} GROUP BY 1, 2 HAVING person IS NOT NULL",
)
_CONTACTS = View(
    "v_contacts",
    "A contact of a mailing list, as the list last said.",
    (
        Column("audience", "k.target", "the list's name in the settings"),
        Column("person", "k.subject", "the address in lower case"),
        *plain("k", email="as the list has it", status="`subscribed`, `unsubscribed`, `transactional`, …"),
        Column("changed_at", instant("k.changed_at"), "when the list last changed it"),
    ),
    "contacts AS k",
)
_CONTACT_LABELS = View(
    "v_contact_labels",
    "A tag that a contact carries, whoever wrote it.",
    (
        Column("audience", "l.target", "the list's name in the settings"),
        Column("person", "l.subject", "the address in lower case"),
        *plain("l", label="the tag as the list spells it"),
    ),
    "contact_labels AS l",
)
VIEWS = (_PEOPLE, _PEOPLE_MONEY, _CONTACTS, _CONTACT_LABELS)
