"""Ratios measured in one run, side by side: `make bench`. Seconds differ between machines, ratios hardly do."""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from syncd.mirror import membership, shapes
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shelves import Shelf
from syncd.model import Customer, LineItem, Order
from syncd.segments import Frame, members, parse
from tests.bench import reports

NOW = 1_795_000_000
PAGE = 2_000
QUERIES = (
    "number_of_orders > 1 AND last_order_date >= -180d",
    "amount_spent > 500",
    "customer_tags CONTAINS 'vip' OR customer_countries CONTAINS 'DE'",
    "orders_placed MATCHES (date >= -90d, amount > 50, count >= 2)",
    "NOT (email_subscription_status = 'SUBSCRIBED') AND customer_added_date < -1y",
)


def customers(count: int) -> Iterator[Customer]:
    """Yield the customers of a synthetic store."""
    dice = random.Random(1)
    for number in range(1, count + 1):
        yield Customer(
            id=number,
            created_at=NOW - dice.randrange(10**8),
            updated_at=NOW,
            email=f"person{number}@shop.example",
            email_consent=dice.choice(["SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED"]),
            number_of_orders=dice.randrange(8),
            amount_spent=dice.randrange(200_000),
            currency="EUR",
            last_order_at=NOW - dice.randrange(10**8),
            tags=("vip",) if number % 10 == 0 else (),
        )


def orders(count: int, buyers: int) -> Iterator[Order]:
    """Yield the orders of a synthetic store, two and a half lines each."""
    dice = random.Random(2)
    for number in range(1, count + 1):
        at = NOW - dice.randrange(10**8)
        yield Order(
            id=number,
            created_at=at,
            processed_at=at,
            updated_at=NOW,
            customer_id=dice.randrange(1, buyers + 1),
            email="somebody@shop.example",
            currency="EUR",
            current_total=dice.randrange(1_000, 30_000),
            lines=tuple(
                LineItem(id=number * 10 + line, quantity=1, current_quantity=1, product_id=dice.randrange(500))
                for line in range(2 + number % 2)
            ),
        )


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work in this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def child_cpu(*command: str) -> float:
    """Return the median CPU seconds of a command, over five runs after one to warm up."""
    spent = []
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(spent[1:])


def store_everything(mirror: Mirror, people: list[Customer], bought: list[Order]) -> None:
    """Put ready values onto their shelves, page by page."""
    for feed, shape, rows in (("customers", shapes.CUSTOMERS, people), ("orders", shapes.ORDERS, bought)):
        shelf = Shelf(mirror, "main", feed, shape)
        for start in range(0, len(rows), PAGE):
            shelf.put(rows[start : start + PAGE], None)


def naive_copy(people: list[Customer], bought: list[Order], path: Path) -> None:
    """Write ready tuples with `executemany`, no upsert, no index but the key: the floor for storing."""
    with closing(sqlite3.connect(path)) as raw:
        for name, shape, rows in (("c", shapes.CUSTOMERS, people), ("o", shapes.ORDERS, bought)):
            raw.execute(f"CREATE TABLE {name} ({', '.join(shape.columns)}, PRIMARY KEY (id)) WITHOUT ROWID")
            places = ", ".join("?" for _ in shape.columns)
            raw.executemany(f"INSERT INTO {name} VALUES ({places})", [shape.row(row) for row in rows])
        lines = [(order.id, line.id, line.product_id, line.quantity) for order in bought for line in order.lines]
        raw.execute("CREATE TABLE l (o, id, p, q, PRIMARY KEY (o, id)) WITHOUT ROWID")
        raw.executemany("INSERT INTO l VALUES (?, ?, ?, ?)", lines)
        raw.commit()


def evaluate(mirror: Mirror, run: int) -> None:
    """Evaluate every query over the whole store."""
    frame = Frame(store="main", now=NOW, zone=ZoneInfo("Europe/Berlin"), currency="EUR")
    for number, query in enumerate(QUERIES):
        membership.renew(mirror, f"s{number}", "main", query, members(parse(query), frame), run, NOW + run)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--customers", type=int, default=20_000)
    size = asked.parse_args().customers
    people = list(customers(size))
    bought = list(orders(4 * size, size))
    rows = len(people) + len(bought) + sum(len(order.lines) for order in bought)
    table = Table("measured", "ratio or rate", "of what", title=f"{size:,} customers, {4 * size:,} orders")
    with tempfile.TemporaryDirectory() as folder:
        naive = cpu(lambda: naive_copy(people, bought, Path(folder) / "naive.db"))
        mirror = open_mirror(Path(folder) / "syncd.db")
        first = cpu(lambda: store_everything(mirror, people, bought))
        again = cpu(lambda: store_everything(mirror, people, bought))
        full = cpu(lambda: evaluate(mirror, 1))
        mirror.close()
    table.add_row("rows stored per CPU second", f"{rows / first:,.0f}", "first load through the shelves, indexes kept")
    table.add_row(
        "first load ÷ bare executemany", f"{first / naive:.2f}", "CPU; no upsert, no index, no children there"
    )
    table.add_row("the same rows again ÷ first load", f"{again / first:.2f}", "CPU")
    table.add_row(f"evaluating {len(QUERIES)} segments ÷ first load", f"{full / first:.3f}", "CPU")
    bare = child_cpu(sys.executable, "-I", "-c", "pass")
    table.add_row(
        "syncd --help ÷ bare interpreter",
        f"{child_cpu(str(Path(sys.executable).with_name('syncd')), '--help') / bare:.1f}",
        "CPU, whole process",
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table.add_row("peak of this process, values included", f"{peak} MiB", "")
    Console().print(table)
    reports.main(size)


if __name__ == "__main__":
    main()
