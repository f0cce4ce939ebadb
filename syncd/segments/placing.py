"""A place in a rank as bytes: of two people, the better one has the smaller.

The bytes say, in this order, what decides: the figure, the part of an average beyond it, the amount, how many orders,
when the first was, the address, the id. They are made to be compared by a database that knows nothing of their parts.
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

ABOVE: Final = b""
"""Stands for the place of somebody who is better than everybody whose place is known."""
BELOW: Final = b"\xff"
"""Stands for the place of somebody who is worse than everybody whose place is known."""
_FORM = struct.Struct(">cQQQQQ")
_ZERO = 1 << 63
_LAST = (1 << 64) - 1
_NUMBER = struct.Struct(">Q")
_PART = struct.Struct(">d")


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """What a person is compared by, as `syncd.segments.best.figures` has it."""

    id: int
    email_key: str | None
    figure: int
    part: float
    amount: int | None
    orders: int
    first: int | None


def place(its: Figures) -> bytes:
    """Return the place of a person."""
    return (
        _FORM.pack(
            b"\1",
            _falling(its.figure),
            _LAST - _NUMBER.unpack(_PART.pack(its.part))[0],
            _falling(its.amount),
            _falling(its.orders),
            _LAST if its.first is None else its.first + _ZERO,
        )
        + _text(its.email_key)
        + _NUMBER.pack(its.id + _ZERO)
    )


def figure_in(its_place: bytes) -> int:
    """Return the figure that a place says."""
    _, figure, *_ = _FORM.unpack_from(its_place)
    return _ZERO - 1 - int(figure)


def _falling(number: int | None) -> int:
    """Return a number that is the smaller the larger the given one is; a missing one comes last."""
    return _LAST if number is None else _ZERO - 1 - number


def _text(text: str | None) -> bytes:
    """Return bytes in the order of texts, of which none is the beginning of another; a missing one comes last."""
    return b"\xff" if text is None else text.encode().replace(b"\0", b"\0\xff") + b"\0\0"
