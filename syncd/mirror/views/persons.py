"""Views of people: one line an address, over all stores, guests included."""

from __future__ import annotations

from syncd.mirror.consents import REFUSES
from syncd.mirror.views.shop import ORDERS, PERSON
from syncd.mirror.views.view import Column, View, day, instant, money, plain

_KEPT = f"""kept AS (
  SELECT email_key AS person, count(*) AS records, count(DISTINCT store) AS stores, min(created_at) AS created_at,
    min({day("created_at", "customers.store")}) AS created_day,
    total(email_consent = 'SUBSCRIBED') > 0
      AND total(email_consent IN {REFUSES}) = 0 AS subscribed
  FROM customers WHERE email_key IS NOT NULL GROUP BY email_key
)"""
_BOUGHT = f"""bought AS (
  SELECT {PERSON} AS person, count(*) AS orders, sum(o.customer_id IS NULL) AS guest_orders,
    sum(o.current_total) AS amount, count(DISTINCT o.currency) AS currencies, min(o.currency) AS currency,
    min({day("o.processed_at", "o.store")}) AS first_order_day,
    max({day("o.processed_at", "o.store")}) AS last_order_day
  FROM {ORDERS} WHERE o.counts = 1 GROUP BY 1 HAVING person IS NOT NULL
)"""
_ONE = "b.currencies = 1"

_PEOPLE = View(
    "v_people",
    "An e-mail address: all customer records and guest orders of it, over all stores.",
    (
        Column("person", "p.person", "the address in lower case"),
        Column("records", "coalesce(k.records, 0)", "customer records; 0 for who only ever ordered as a guest"),
        Column("stores", "coalesce(k.stores, 0)", "stores that have a record"),
        Column(
            "subscribed",
            "coalesce(k.subscribed, 0)",
            "1 where a record says `SUBSCRIBED` and none says otherwise; what syncd doubts of it is not in here",
        ),
        Column("created_at", instant("k.created_at"), "the first record"),
        Column("created_day", "k.created_day", "the day of it"),
        Column("orders", "coalesce(b.orders, 0)", "counted orders"),
        Column("guest_orders", "coalesce(b.guest_orders, 0)", "of these, as a guest"),
        Column(
            "amount",
            f"CASE WHEN {_ONE} THEN {money('b.amount', 'b.currency')} END",
            "of the counted orders; empty where they are in several currencies: see `v_people_money`",
        ),
        Column("amount_minor", f"CASE WHEN {_ONE} THEN b.amount END", "the same in minor units (cents)"),
        Column("currency", f"CASE WHEN {_ONE} THEN b.currency END", "empty where there are several, or no orders"),
        *plain("b", first_order_day="of the counted orders", last_order_day="of the counted orders"),
    ),
    "(SELECT person FROM kept UNION SELECT person FROM bought) AS p "
    "LEFT JOIN kept AS k ON k.person = p.person LEFT JOIN bought AS b ON b.person = p.person",
    before=f"WITH {_KEPT},\n{_BOUGHT}\n",
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
    f"{ORDERS} WHERE o.counts = 1 GROUP BY 1, 2 HAVING person IS NOT NULL",
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
