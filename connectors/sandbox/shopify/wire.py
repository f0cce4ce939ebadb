"""How values look on the wire: global ids, instants, money, cursors."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from syncd.model import exponent

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,19})$")
DAY = 86_400


class Money(NamedTuple):
    """An amount in minor units with its currency."""

    amount: int
    currency: str


def gid(kind: str, number: int) -> str:
    """Return a global id."""
    return f"gid://shopify/{kind}/{number}"


def read_gid(text: str) -> tuple[str, int] | None:
    """Return kind and number of a global id, None where it is none."""
    found = _GID.match(text)
    return (found[1], int(found[2])) if found else None


@lru_cache(maxsize=8192)
def _day_text(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d")


def instant_text(instant: int) -> str:
    """Return an instant as the service writes it (`2026-05-06T02:40:36Z`)."""
    day, second = divmod(instant, DAY)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_day_text(day)}T{hour:02}:{minute:02}:{second:02}Z"


def maybe_instant_text(instant: int | None) -> str | None:
    """Return an instant as text, None for none."""
    return None if instant is None else instant_text(instant)


@lru_cache(maxsize=65_536)
def decimal_text(money: Money) -> str:
    """Return an amount as the service writes it: at least one decimal, no further noughts (`11884.9`, `0.0`)."""
    places = exponent(money.currency)
    if not places:
        return f"{money.amount}.0"
    whole, part = divmod(abs(money.amount), 10**places)
    sign = "-" if money.amount < 0 else ""
    return f"{sign}{whole}.{str(part).zfill(places).rstrip('0') or '0'}"


def cursor_text(last_id: int, last_value: Any) -> str:
    """Return an opaque cursor."""
    return base64.b64encode(msgspec.json.encode({"last_id": last_id, "last_value": last_value})).decode()


def read_cursor(text: str) -> tuple[int, Any] | None:
    """Return id and value of a cursor, None where it is none."""
    try:
        found = msgspec.json.decode(base64.b64decode(text, validate=True))
        return int(found["last_id"]), found["last_value"]
    except (binascii.Error, msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
