"""The columns that several reports have, over a row `p` of people (`syncd.reports.people`)."""

from __future__ import annotations

from syncd.reports.answer import Column
from syncd.reports.laying import Field, half_even

_HERS = "FROM customers AS c INDEXED BY customers_email JOIN looked USING (store) WHERE c.email_key = p.address"
_ITS = "FROM customers AS c WHERE c.store = p.store AND c.id = p.customer_id"
_NAME = "nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), '')"
_IDS = f"SELECT json_group_array(id) FROM (SELECT DISTINCT c.id {_HERS} ORDER BY c.id)"

RANK = Field(Column("rank", "rank", "count"), "p.rank")
EMAIL = Field(Column("email", "email", "text"), "p.address")
NAME = Field(
    Column("name", "name", "text"),
    f"CASE WHEN p.address IS NULL THEN (SELECT {_NAME} {_ITS}) "
    f"ELSE (SELECT {_NAME} {_HERS} AND {_NAME} IS NOT NULL ORDER BY looked.place, c.id LIMIT 1) END",
)
IDS = Field(
    Column("customer_ids", "customer", "ids"),
    f"CASE WHEN p.address IS NULL THEN json_array(p.customer_id) ELSE ({_IDS}) END",
    order=f"CASE WHEN p.address IS NULL THEN p.customer_id ELSE (SELECT min(c.id) {_HERS}) END",
)
ORDERS = Field(Column("orders", "orders", "count"), "p.orders", "coalesce(sum(p.orders), 0)")
UNITS = Field(Column("units", "units", "units"), "p.units", "coalesce(sum(p.units), 0)")
AMOUNT = Field(Column("amount", "spent", "money"), "p.amount", "coalesce(sum(p.amount), 0)")
AVERAGE = Field(
    Column("average", "average order", "money"),
    half_even("p.amount", "p.orders"),
    f"CASE WHEN sum(p.orders) > 0 THEN {half_even('sum(p.amount)', 'sum(p.orders)')} END",
    order="CAST(p.amount AS REAL) / p.orders",
)
FIRST = Field(Column("first_order", "first order", "day"), "shop_day(p.first)", "shop_day(min(p.first))")
LAST = Field(Column("last_order", "last order", "day"), "shop_day(p.last)", "shop_day(max(p.last))")
