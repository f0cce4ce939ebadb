"""Which operators a value of some type takes: Shopify's, and ours beside them."""

from __future__ import annotations

from syncd.segments.comparisons import Type
from syncd.segments.tree import Op

_EQUAL = (Op.EQ, Op.NE)
_ORDER = (Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE, Op.BETWEEN)
_IN = (Op.IN, Op.NOT_IN)
_SHAPE = (Op.STARTS, Op.NOT_STARTS, Op.ENDS, Op.NOT_ENDS, Op.LIKE, Op.NOT_LIKE)
_CONTAINS = (Op.CONTAINS, Op.NOT_CONTAINS)
_NULL = (Op.NULL, Op.NOT_NULL)

_SHOPIFY: dict[Type, tuple[Op, ...]] = {
    Type.INTEGER: _ORDER,
    Type.AMOUNT: _ORDER,
    Type.DATE: (*_ORDER, *_NULL),
    Type.ID: (*_EQUAL, *_IN, *_NULL),
    Type.TEXT: _EQUAL,
    Type.TAG: _EQUAL,
    Type.CATEGORY: _EQUAL,
    Type.POINT: (Op.EQ,),
    Type.DISTANCE: (Op.EQ, Op.LE, Op.LT),
}
_OWN: dict[Type, tuple[Op, ...]] = {
    Type.INTEGER: (*_IN, *_NULL),
    Type.AMOUNT: (*_IN, *_NULL),
    Type.DATE: _IN,
    Type.TEXT: (*_IN, *_SHAPE, *_NULL),
    Type.TAG: (*_IN, *_SHAPE, *_NULL),
    Type.CATEGORY: (*_IN, *_NULL),
}


def of_value(type_: Type, *, fixed: bool = False) -> tuple[Op, ...]:
    """Return the operators of a single value, or of a function's parameter; Shopify's first.

    Values that the language lists (`fixed`) have no shape to test.
    """
    ours = _OWN.get(type_, ())
    return (*_SHOPIFY[type_], *(op for op in ours if not fixed or op not in _SHAPE))


def of_listing(*, whole: bool = False) -> tuple[Op, ...]:
    """Return the operators of an attribute with several values (`whole`: that are only asked for by name)."""
    return _CONTAINS if whole else (*_CONTAINS, *_NULL, *_SHAPE)


def own(op: Op, type_: Type, *, listing: bool = False) -> bool:
    """Return whether Shopify would not take the operator there."""
    return op in _SHAPE if listing else op not in _SHOPIFY[type_]
