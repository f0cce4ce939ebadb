"""Do they come back: of those who first ordered in a month, who ordered again in each month after it."""

from __future__ import annotations

import sqlite3
from datetime import date

from syncd.reports.answer import Answer, Column, NoRecipe, Plot
from syncd.reports.laying import Field, lay
from syncd.reports.people import COUNTED, KEY, apart, look
from syncd.reports.question import Question
from syncd.reports.trust import vouched
from syncd.segments.days import start_of, today

_ORDERED = " UNION ALL ".join(
    apart(f"""
SELECT o.store, o.customer_id, {{guest}} AS guest,
       (SELECT m.number FROM months AS m WHERE m.place = looked.place AND m.starts <= o.processed_at
        ORDER BY m.starts DESC LIMIT 1) AS month
FROM {COUNTED}
WHERE o.counts = 1 AND {{whose}} AND (o.customer_id IS NOT NULL OR {{guest}} IS NOT NULL)
      AND (:currency IS NULL OR o.currency = :currency)
GROUP BY looked.place, o.customer_id, 3, 4
""")
)
_MONTHS = f"""
SELECT coalesce({KEY}, e.guest, char(10) || e.store || char(10) || e.customer_id), e.month FROM ({_ORDERED}) AS e
LEFT JOIN customers AS c ON c.store = e.store AND c.id = e.customer_id
ORDER BY 1, 2
"""
"""Who ordered in which month. Sorted on the way in: to be put where it belongs row by row takes three times as long."""
_SINCE = 1970
_NO_RECIPE = NoRecipe("a cohort is no segment; ask for first_order_date in one")


def cohorts(raw: sqlite3.Connection, question: Question, months: int = 12) -> Answer:
    """Return the months of first orders, each with the share that ordered again one, two … months later.

    Args:
        raw: The mirror's connection, within a snapshot that lasts until the rows were read.
        question: With a period, only people who first ordered on one of its days' months.
        months: How many months after the first one are told. A month that has not begun yet has no share.

    Raises:
        ReportError: A column to sort by is not there.
    """
    look(raw, question, None)
    raw.execute("DROP TABLE IF EXISTS temp.bought")
    raw.execute("CREATE TEMP TABLE bought (key TEXT, month INTEGER, PRIMARY KEY (key, month)) WITHOUT ROWID")
    _count_months(raw, question)
    raw.execute(f"INSERT OR IGNORE INTO bought {_MONTHS}", {"currency": question.currency})
    _place(raw, question, months)
    later = [_later(after) for after in range(1, months + 1)]
    fields = [
        Field(Column("cohort", "first order in", "text"), "printf('%04d-%02d', p.month / 12, p.month % 12 + 1)"),
        Field(Column("customers", "customers", "count"), "p.customers", "coalesce(sum(p.customers), 0)"),
        *later,
    ]
    laid = lay(raw, "placed", fields, question)
    answer = Answer(
        report="cohorts",
        title="Who came back, by month of the first order",
        columns=laid.columns,
        rows=laid.rows,
        size=laid.size,
        totals=laid.totals,
        recipe=_NO_RECIPE,
        plot=Plot("grid", "cohort", tuple(field.column.name for field in later)),
        empty="Nobody ordered for the first time in this time.",
    )
    return vouched(raw, question, answer)


def _count_months(raw: sqlite3.Connection, question: Question) -> None:
    """Make the table `months`: when each begins in each store's zone. A look-up an order is far less than a call."""
    raw.execute("DROP TABLE IF EXISTS temp.months")
    columns = "place INTEGER, starts INTEGER, number INTEGER, PRIMARY KEY (place, starts)"
    raw.execute(f"CREATE TEMP TABLE months ({columns}) WITHOUT ROWID")
    last = today(question.frames[0]).year + 1
    raw.executemany(
        "INSERT INTO months VALUES (?, ?, ?)",
        (
            (place, start_of(date(year, month + 1, 1), frame.zone), year * 12 + month)
            for place, frame in enumerate(question.frames)
            for year in range(_SINCE, last + 1)
            for month in range(12)
        ),
    )


def _place(raw: sqlite3.Connection, question: Question, months: int) -> None:
    """Make the table `placed` of months with those who first ordered in them, and how many came back when."""
    now = today(question.frames[0])
    this = now.year * 12 + now.month - 1
    counts = ", ".join(
        f"CASE WHEN first + {after} <= {this} THEN sum(month = first + {after}) END" for after in range(1, months + 1)
    )
    names = ", ".join(f"again_{after}" for after in range(1, months + 1))
    span = question.period.span if question.period else None
    first = span.first.year * 12 + span.first.month - 1 if span else 0
    last = min(this, span.last.year * 12 + span.last.month - 1) if span else this
    raw.execute("DROP TABLE IF EXISTS temp.placed")
    raw.execute(f"CREATE TEMP TABLE placed (number INTEGER PRIMARY KEY, month, customers, {names})")
    raw.execute(
        f"INSERT INTO placed (month, customers, {names}) SELECT first, count(DISTINCT key), {counts} "
        "FROM (SELECT key, month, min(month) OVER (PARTITION BY key) AS first FROM bought) "
        "WHERE first BETWEEN ? AND ? GROUP BY first ORDER BY first",
        (first, last),
    )


def _later(after: int) -> Field:
    column = Column(f"month_{after}", f"+{after}", "share")
    whole = f"sum(CASE WHEN p.again_{after} IS NOT NULL THEN p.customers END)"
    return Field(
        column,
        f"CAST(p.again_{after} AS REAL) / p.customers",
        f"CAST(sum(p.again_{after}) AS REAL) / nullif({whole}, 0)",
    )
