"""What a view is, and how instants, days and money are told in one.

Instants are ISO-8601 text in UTC, as `--json` prints them. A day is the shop's own: SQLite knows no zones, so the
offset comes from `zone_offsets` (`syncd.mirror.zones`). Money is there twice: a number in major units, to be shown and
charted, and whole minor units (`…_minor`), to be added up exactly.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from syncd.model.money import EXPONENTS


class Column(msgspec.Struct, frozen=True):
    """A column: its name, the expression that it is, and what it means (a line of `docs/reports.md`)."""

    name: str
    sql: str
    about: str


class View(msgspec.Struct, frozen=True):
    """A view.

    Attributes:
        about: What a row is.
        source: What follows FROM.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    source: str

    @property
    def statement(self) -> str:
        """The statement that makes it."""
        columns = ",\n  ".join(f"{column.sql} AS {column.name}" for column in self.columns)
        return f"CREATE VIEW {self.name} AS\nSELECT\n  {columns}\nFROM {self.source}"


def plain(table: str, **about: str) -> tuple[Column, ...]:
    """Return columns that are what a table has, under the same names."""
    return tuple(Column(name, f"{table}.{name}", text) for name, text in about.items())


def instant(column: str) -> str:
    """Return the expression of an instant as text."""
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, 'unixepoch')"


def day(column: str, store: str) -> str:
    """Return the expression of an instant's day in the zone of a store."""
    ahead = (
        f"SELECT z.ahead FROM zone_offsets AS z WHERE z.store = {store} AND z.starts_at <= {column} "
        "ORDER BY z.starts_at DESC LIMIT 1"
    )
    return f"date({column} + ({ahead}), 'unixepoch')"


def money(minor: str, currency: str) -> str:
    """Return the expression of an amount in major units."""
    return f"{minor} / {_units(currency)}"


def amount(name: str, minor: str, currency: str, about: str) -> tuple[Column, Column]:
    """Return the two columns of an amount of money."""
    return (
        Column(name, money(minor, currency), f"{about}, in `currency`"),
        Column(f"{name}_minor", minor, "the same in minor units (cents)"),
    )


def _units(currency: str) -> str:
    """Return the expression of how many minor units a currency's major unit has."""
    by_exponent = defaultdict(list)
    for code, exponent in EXPONENTS.items():
        by_exponent[exponent].append(f"'{code}'")
    cases = " ".join(
        f"WHEN {currency} IN ({', '.join(codes)}) THEN {float(10**exponent)}" for exponent, codes in by_exponent.items()
    )
    return f"CASE {cases} ELSE 100.0 END"
