"""The same thirty segments in DuckDB, over its own tables, in one statement: what our full evaluation is held against.

It is written by hand for these rules alone, and its answers have to be ours.
"""

from __future__ import annotations

import csv
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from syncd.segments.days import day_of, start_of
from tests.bench import segments, town

_ZONE = ZoneInfo(town.ZONE)
_TABLES = {
    "customers": "id BIGINT, email_key VARCHAR, consent VARCHAR, language VARCHAR, rfm VARCHAR, n BIGINT, spent BIGINT,"
    " created_at BIGINT",
    "addresses": "customer_id BIGINT, country VARCHAR",
    "tags": "customer_id BIGINT, tag_key VARCHAR",
    "orders": "id BIGINT, customer_id BIGINT, email_key VARCHAR, moment BIGINT, total BIGINT, source VARCHAR,"
    " state VARCHAR",
    "lines": "order_id BIGINT, product_id BIGINT, vendor VARCHAR, type VARCHAR, quantity BIGINT",
    "sale": "product_id BIGINT",
    "checkouts": "customer_id BIGINT, created_at BIGINT, completed_at BIGINT",
}
_FROM = {
    "customers": "SELECT id, email_key, email_consent, language, rfm_group, number_of_orders, amount_spent, created_at"
    " FROM customers ORDER BY id",
    "addresses": "SELECT customer_id, country FROM customer_addresses",
    "tags": "SELECT customer_id, tag_key FROM customer_tags WHERE tag_key NOT LIKE 'bench-%'",
    "orders": "SELECT id, customer_id, email_key, processed_at, current_total, source_name, financial_status"
    " FROM orders WHERE counts = 1 ORDER BY id",
    "lines": "SELECT l.order_id, l.product_id, l.vendor, l.product_type, l.current_quantity FROM lines AS l"
    " WHERE l.current_quantity > 0 ORDER BY l.order_id",
    "sale": "SELECT product_id FROM product_tags WHERE tag_key = 'sale'",
    "checkouts": "SELECT customer_id, created_at, completed_at FROM checkouts",
}
_TOP = """
    {name} AS (
        SELECT {key} FROM (
            SELECT {key}, row_number() OVER (ORDER BY {order}) AS place, count(*) OVER () AS size
            FROM {of} WHERE {where}
        ) WHERE {limit}
    )"""
_STATEMENT = """
CREATE OR REPLACE TABLE found AS WITH
    o AS (
        SELECT customer_id AS id, count(*) AS n, sum(total) AS s, min(moment) AS f, max(moment) AS l,
            count(*) FILTER (moment >= {d90}) AS n90, sum(total) FILTER (moment >= {d90}) AS s90,
            min(moment) FILTER (moment >= {d90}) AS f90,
            sum(total) FILTER (moment >= {d365}) AS s365, bool_or(total >= 30000) AS large,
            bool_or(source = 'pos' AND moment >= {d365}) AS pos, count(*) FILTER (state = 'REFUNDED') AS refunded,
            bool_or(moment >= {month} AND moment < {month_end}) AS month, bool_or(moment >= {d120}) AS d120
        FROM orders WHERE customer_id IS NOT NULL GROUP BY 1
    ),
    l AS (
        SELECT o.customer_id AS id, count(*) FILTER (vendor = 'Vendor 7') AS vendor,
            bool_or(product_id = {product}) AS one,
            sum(quantity) FILTER (type = 'Type 3') AS units,
            bool_or(o.moment >= {d30} AND product_id IN (SELECT product_id FROM sale)) AS sale
        FROM lines JOIN orders AS o ON o.id = lines.order_id WHERE o.customer_id IS NOT NULL GROUP BY 1
    ),
    a AS (
        SELECT customer_id AS id, bool_or(country = 'DE') AS de, bool_or(country = 'FR') AS fr FROM addresses GROUP BY 1
    ),
    t AS (SELECT DISTINCT customer_id AS id FROM tags WHERE tag_key IN ('tag30', 'tag60')),
    k AS (SELECT customer_id AS id, max(created_at) AS moment FROM checkouts WHERE completed_at IS NULL GROUP BY 1),
    c AS (
        SELECT customers.*, coalesce(de, false) AS de, coalesce(fr, false) AS fr, t.id IS NOT NULL AS tagged,
            k.moment AS cart,
            o.* EXCLUDE (id, n), o.n AS placed, vendor, one, units, sale,
            CASE consent WHEN 'UNSUBSCRIBED' THEN 0 WHEN 'SUBSCRIBED' THEN 1 ELSE 2 END AS word
        FROM customers LEFT JOIN o USING (id) LEFT JOIN l USING (id) LEFT JOIN a USING (id) LEFT JOIN t USING (id)
            LEFT JOIN k USING (id)
    ),
    g AS (
        SELECT email_key, count(*) FILTER (customer_id IS NULL) AS n, sum(total) FILTER (customer_id IS NULL) AS s
        FROM orders GROUP BY 1
    ),
    w AS (
        SELECT coalesce(c.email_key, o.email_key) AS email_key, count(*) FILTER (moment >= {d60}) AS n60,
            count(*) FILTER (moment >= {d365}) AS n365, sum(total) FILTER (moment >= {d365}) AS s365,
            min(moment) FILTER (moment >= {d365}) AS f365
        FROM orders AS o LEFT JOIN customers AS c ON c.id = o.customer_id GROUP BY 1
    ),
    p AS (
        SELECT c.email_key, sum(c.n) + coalesce(any_value(g.n), 0) AS n,
            sum(c.spent) + coalesce(any_value(g.s), 0) AS s, bool_or(de) AS de, min(word) = 1 AS consents,
            any_value(w.n60) AS n60, any_value(w.n365) AS n365,
            any_value(w.s365) AS s365, any_value(w.f365) AS f365, min(id) AS id
        FROM c LEFT JOIN g USING (email_key) LEFT JOIN w USING (email_key) GROUP BY 1
    ),
    {tops}
SELECT c.id,
    {bits} AS mask
FROM c JOIN p USING (email_key) LEFT JOIN r1 ON r1.id = c.id LEFT JOIN r2 ON r2.id = c.id
    LEFT JOIN r3 ON r3.email_key = c.email_key LEFT JOIN r4 ON r4.email_key = c.email_key
"""
_BITS = {
    "repeat-buyers": "c.n > 1 AND c.l >= {d180}",
    "big-spenders": "c.spent >= 100000",
    "lapsed": "c.l < {d365}",
    "new": "c.created_at >= {d30}",
    "subscribed-germans": "c.de AND c.consent = 'SUBSCRIBED'",
    "three-lately": "c.n90 >= 3",
    "spent-lately": "c.s365 >= 50000",
    "one-large-order": "c.large",
    "from-the-till": "c.pos",
    "refunded": "c.refunded >= 2",
    "last-month": "c.month",
    "vendor-lovers": "c.vendor >= 2",
    "product-buyers": "c.one",
    "sale-lately": "c.sale",
    "many-units": "c.units >= 10",
    "tagged": "c.tagged",
    "left-in-cart": "c.cart >= {d7} AND c.consent = 'SUBSCRIBED'",
    "high-average": "c.s * 2 >= c.placed * 29999 AND c.n >= 2",
    "first-this-year": "c.f >= {year}",
    "not-for-a-while": "c.n >= 3 AND NOT coalesce(c.d120, false)",
    "french-speaking": "c.language = 'fr' AND NOT c.fr",
    "loyal-and-large": "c.n > 1 AND c.l >= {d180} AND c.spent >= 100000",
    "champions": "c.rfm = 'CHAMPIONS' AND NOT coalesce(c.consent = 'UNSUBSCRIBED', false)",
    "top-spenders": "r1.id IS NOT NULL",
    "top-of-the-quarter": "r2.id IS NOT NULL",
    "people-repeating": "p.n > 1",
    "people-spending": "p.s >= 150000 AND p.de",
    "people-lately": "p.n60 >= 2",
    "people-on-top": "r3.email_key IS NOT NULL",
    "people-often": "r4.email_key IS NOT NULL",
}
_TOPS = (
    {
        "name": "r1", "key": "id", "of": "c", "where": "consent = 'SUBSCRIBED' AND n > 0", "limit": "place <= 1000",
        "order": "spent DESC, n DESC, f NULLS LAST, email_key, id",
    },
    {
        "name": "r2", "key": "id", "of": "c", "where": "n >= 1 AND n90 > 0", "limit": "place <= 500",
        "order": "s90 DESC, n90 DESC, f90, email_key, id",
    },
    {
        "name": "r3", "key": "email_key", "of": "p", "where": "consents AND n365 > 0", "limit": "place <= 1000",
        "order": "s365 // n365 DESC, (s365 % n365)::DOUBLE / n365 DESC, s365 DESC, n365 DESC, f365, email_key",
    },
    {
        "name": "r4", "key": "email_key", "of": "p", "where": "n >= 1 AND n365 > 0",
        "limit": "(place - 1) * 100 < size", "order": "n365 DESC, s365 DESC, f365, email_key",
    },
)  # fmt: skip


def available() -> bool:
    """Whether DuckDB is installed; it is needed for this comparison only."""
    try:
        import_module("duckdb")
    except ImportError:
        return False
    return True


def load(mirror: Path, path: Path) -> None:
    """Make DuckDB's own tables of what a mirror holds."""
    duckdb = import_module("duckdb")
    with closing(sqlite3.connect(mirror)) as raw, closing(duckdb.connect(str(path))) as duck:
        for table, columns in _TABLES.items():
            file = path.with_suffix(f".{table}.csv")
            with file.open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(raw.execute(_FROM[table]))
            duck.execute(f"CREATE TABLE {table} ({columns})")
            duck.execute(f"COPY {table} FROM '{file}' (HEADER false, NULLSTR '')")
            file.unlink()


def answer(path: Path, now: int) -> tuple[dict[str, int], float]:
    """Answer all segments in one statement; return how many are in each, and the CPU seconds that it took."""
    duckdb = import_module("duckdb")
    days = _days(now)
    tops = ",".join(_TOP.format(**top) for top in _TOPS)
    bits = "\n    + ".join(
        f"(CASE WHEN {rule.format(**days)} THEN {1 << at} ELSE 0 END)::BIGINT" for at, rule in enumerate(_BITS.values())
    )
    with closing(duckdb.connect(str(path))) as duck:
        duck.execute("SET threads = 1")
        duck.execute("SELECT count(*) FROM orders").fetchall()
        began = time.process_time()
        duck.execute(_STATEMENT.format(tops=tops, bits=bits, product=town.BASE + 11, **days))
        spent = time.process_time() - began
        counts = ", ".join(f"count(*) FILTER (mask & {1 << at} != 0)" for at, _ in enumerate(_BITS))
        (found,) = duck.execute(f"SELECT {counts} FROM found").fetchall()
    return dict(zip(segments.RULES, found, strict=True)), spent


def _days(now: int) -> dict[str, Any]:
    today = day_of(now, _ZONE)
    first = today.replace(day=1)
    previous = (first - timedelta(days=1)).replace(day=1)
    ago = {f"d{days}": start_of(today - timedelta(days=days), _ZONE) for days in (7, 30, 60, 90, 120, 180, 365)}
    return ago | {
        "month": start_of(previous, _ZONE),
        "month_end": start_of(first, _ZONE),
        "year": start_of(date(2026, 1, 1), _ZONE),
    }
