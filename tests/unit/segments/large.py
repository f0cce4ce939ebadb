"""The largest rules that are taken."""

from __future__ import annotations

from syncd.segments.check import MAX_HEIGHT
from syncd.segments.syntax import MAX_CLAUSES, MAX_DEPTH

_LIST = ", ".join(["'x > y'"] * 50)
LARGEST = (
    " OR ".join(["last_order_date > -3d"] * MAX_CLAUSES),
    " AND ".join(["NOT (amount_spent > 5)"] * MAX_CLAUSES),
    *(
        "NOT (number_of_orders = 1 AND (number_of_orders = 2 OR " * (MAX_HEIGHT // 2) + leaf + "))" * (MAX_HEIGHT // 2)
        for leaf in (
            "NOT (average_order_amount = 5)",
            "orders_placed NOT MATCHES (average_amount NOT IN (3, 5), date NOT IN (today, yesterday), tag != 'x')",
            "products_purchased NOT MATCHES (category NOT IN ('x', 'y'), collection != 'z')",
            "customer_within_distance NOT MATCHES (coordinates = (45.5, -75.7), distance_km = 10)",
            "favourite_vendor NOT IN ('a', 'b')",
        )
    ),
    "(" * MAX_DEPTH + "number_of_orders = 0" + ")" * MAX_DEPTH,
    "NOT " * MAX_DEPTH + "number_of_orders = 0",
    f"products_purchased MATCHES (category IN ({_LIST}), count > 1, sum_quantity > 1)",
    f"products_purchased MATCHES (id IN ({', '.join(map(str, range(1000)))}))",
    " OR ".join([f"products_purchased MATCHES (category IN ({_LIST}))"] * 50),
)
