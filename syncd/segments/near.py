"""Whether an address of the customer lies within a distance.

One formula serves both readings, on floats and on columns alike: the half versine, (1 - cos x) / 2, as its power
series. So SQL needs no function that a build of SQLite may lack, and both compute the same bits: each product below has
its factors in one order, and what stands in parentheses is a column of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, Float, case, func, literal_column, not_, select

from syncd.model import Address
from syncd.segments.comparisons import Type
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import rows_of
from syncd.segments.schema import customer_addresses
from syncd.segments.tree import Matches, Point

_EARTH_KM = 6371.0088
_KM = {"distance_km": 1.0, "distance_mi": 1.609344}
_SQUARE_RADIAN = (math.pi / 180) ** 2
_TERMS = 14
_SERIES = [(-1) ** (term + 1) / (2 * math.factorial(2 * term)) for term in range(_TERMS, 0, -1)]
"""So many terms are exact to the last bits up to half a turn."""
_ALL_ROUND = 2.0


class Near(msgspec.Struct, frozen=True):
    """The reading of a function with a centre and a distance in kilometres or miles, both needed."""

    parameters: Mapping[str, Type]

    def complete(self, names: Iterable[str]) -> bool:
        """Tell whether the parameters named say a centre and one distance."""
        given = set(names)
        return "coordinates" in given and len(given) == 2

    def condition(self, leaf: Matches, frame: Frame) -> ColumnElement[bool]:
        """Return the clause over the table `customers`; never NULL."""
        centre = _centre(leaf)
        squares = rows_of(customer_addresses, frame).with_only_columns(*_squares(centre)).subquery()
        halves = select(*(_half_versine(each).label(each.name) for each in squares.c)).subquery()
        apart = _apart(halves.c.north, halves.c.east, halves.c.own, centre.cosine)
        found = select(literal_column("1")).select_from(halves).where(apart <= centre.limit).exists()
        return not_(found) if leaf.negated else found

    def holds(self, leaf: Matches, person: Person, frame: Frame) -> bool:  # noqa: ARG002  # all readings alike
        """Return whether the clause holds for a person."""
        centre = _centre(leaf)
        found = any(_to(address, centre) <= centre.limit for address in _addresses(person))
        return found is not leaf.negated

    def shown(self, leaf: Matches, person: Person, frame: Frame) -> str:  # noqa: ARG002  # all readings alike
        """Return how far the nearest address is."""
        centre = _centre(leaf)
        nearest = min((_to(address, centre) for address in _addresses(person)), default=math.inf)
        if nearest == math.inf:
            return "none"
        kilometres = 2 * _EARTH_KM * math.asin(math.sqrt(max(0.0, min(1.0, nearest))))
        return f"{kilometres / centre.unit_km:.1f} {centre.unit}"


class _Centre(msgspec.Struct, frozen=True):
    """Where and how far: degrees, the cosine of the latitude, the half versine of the widest angle, the unit."""

    latitude: float
    longitude: float
    cosine: float
    limit: float
    unit: str
    unit_km: float


def _centre(leaf: Matches) -> _Centre:
    values = {parameter.name: parameter.test.values[0] for parameter in leaf.parameters}
    point = cast("Point", values.pop("coordinates"))
    ((name, distance),) = values.items()
    angle = float(cast("Decimal", distance)) * _KM[name] / _EARTH_KM
    limit = math.sin(angle / 2) ** 2 if angle < math.pi else _ALL_ROUND
    latitude = float(point.latitude)
    cosine = 1.0 - _half_versine(latitude * latitude * _SQUARE_RADIAN) * 2.0
    return _Centre(latitude, float(point.longitude), cosine, limit, name.removeprefix("distance_"), _KM[name])


def _half_versine(square: Any) -> Any:
    """Return (1 - cos x) / 2 of an angle's square, a float or a column; the angle up to half a turn."""
    result = square * _SERIES[0]
    for factor in _SERIES[1:]:
        result = (result + factor) * square
    return result


def _squares(centre: _Centre) -> tuple[ColumnElement[float], ...]:
    """Return, of an address, the squared angles to the centre, north and east, and its own latitude's."""
    north = customer_addresses.c.latitude - centre.latitude
    across = func.abs(customer_addresses.c.longitude - centre.longitude, type_=Float())
    east = case((across > 180.0, 360.0 - across), else_=across)
    own = customer_addresses.c.latitude
    angles = {"north": north, "east": east, "own": own}
    return tuple((angle * angle * _SQUARE_RADIAN).label(name) for name, angle in angles.items())


def _apart(north: Any, east: Any, own: Any, cosine: float) -> Any:
    """Return the half versine of the angle between two places, from those of what parts them."""
    return north + (1.0 - own * 2.0) * cosine * east


def _addresses(person: Person) -> Iterator[Address]:
    return (address for record in person.records for address in record.addresses)


def _to(address: Address, centre: _Centre) -> float:
    if address.latitude is None or address.longitude is None:
        return math.inf
    across = abs(address.longitude - centre.longitude)
    angles = (
        address.latitude - centre.latitude,
        360.0 - across if across > 180.0 else across,
        address.latitude,
    )
    north, east, own = (_half_versine(angle * angle * _SQUARE_RADIAN) for angle in angles)
    return float(_apart(north, east, own, centre.cosine))
