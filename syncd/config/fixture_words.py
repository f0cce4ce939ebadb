"""The small types of `[[tests]]`: days, amounts, places and the filters' own words, from text to value."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from syncd.config.units import WrongError, shown
from syncd.model import Metafield
from syncd.segments import CATALOGUE
from syncd.segments.days import Day, Offset, Second, Unit, shift
from syncd.segments.filter import Scalar
from syncd.segments.rows import Field as Asked
from syncd.segments.rows import Rows

Moment = Day | Second | Offset
"""A day, a second of the shop's local time, or a day counted from the day of the test."""

_OFFSET = re.compile(r"([+-]?)([0-9]{1,4})([dwmy])")
_NAMED = {"today": Offset(0, Unit.DAYS), "yesterday": Offset(-1, Unit.DAYS)}
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
_YEARS = range(1900, 2200)
_MIDDLE = date(2026, 11, 21)
_HOW = 'write a day ("2026-11-21"), or one counted from today ("-20d", "-3m")'


def parse_moment(value: object) -> Moment:
    """Read a day or a moment: a date or local date-time of TOML or in quotes, or one counted from today (`"-20d"`).

    Raises:
        WrongError: It is none, or more than a century away.
    """
    found = _moment(value)
    if found is None:
        raise WrongError(f"{shown(value)} is not a day", _HOW)
    try:
        near = _day(found).year in _YEARS
    except (ValueError, OverflowError):
        near = False
    if not near:
        raise WrongError(f"{shown(value)} is too far away", _HOW)
    return found


def _day(moment: Moment) -> date:
    """Return about which day it is."""
    match moment:
        case Day(day):
            return day
        case Second(second):
            return second.date()
        case Offset(count, unit):
            return shift(_MIDDLE, count, unit)


def _moment(value: object) -> Moment | None:
    if isinstance(value, datetime):
        return Second(value.replace(microsecond=0)) if value.tzinfo is None else None
    if isinstance(value, date):
        return Day(value)
    text = value.strip() if isinstance(value, str) else ""
    offset = _OFFSET.fullmatch(text)
    if offset:
        return Offset(int(offset[2]) * (-1 if offset[1] == "-" else 1), Unit(offset[3]))
    return _NAMED.get(text) or _written(text)


def _written(text: str) -> Moment | None:
    try:
        return Day(date.fromisoformat(text)) if len(text) == 10 else _moment(datetime.fromisoformat(text))
    except ValueError:
        return None


def parse_day(value: object) -> date:
    """Read a day of the calendar.

    Raises:
        WrongError: It is none, or one counted from another.
    """
    found = parse_moment(value)
    if isinstance(found, Day):
        return found.day
    raise WrongError(f"{shown(value)} is not a day of the calendar", "write it like today = 2026-11-21")


def parse_amount(value: object) -> Decimal:
    """Read an amount of money: text, or a whole number. A number with a point is refused: it would not be exact.

    Raises:
        WrongError: It is none.
    """
    if isinstance(value, float):
        raise WrongError(f"{value} is not exact without quotes", f'put it in quotes: "{value}"')
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if _AMOUNT.fullmatch(text):
        return Decimal(text)
    raise WrongError(f"{shown(value)} is not an amount", 'write it in quotes, with a point: "49.90"')


def parse_place(value: object) -> tuple[float, float]:
    """Read a latitude and a longitude.

    Raises:
        WrongError: It is no place on earth.
    """
    several = value if isinstance(value, list | tuple) else ()
    numbers = [float(each) for each in several if type(each) in {int, float}]
    if len(several) == len(numbers) == 2 and abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180:
        return numbers[0], numbers[1]
    raise WrongError(f"{shown(value)} is not a place", "write latitude and longitude: [45.42, -75.69]")


def parse_metafields(value: object) -> tuple[Metafield, ...]:
    """Read metafields: by namespace, then by key. What a value is, its form says; a list is a metafield of several.

    Raises:
        WrongError: It is no table of tables, or a value is none that a metafield can have.
    """
    if not isinstance(value, dict) or not all(isinstance(keys, dict) for keys in value.values()):
        raise WrongError("must be tables within a table", 'write { facts = { birth_date = "1990-02-28" } }')
    return tuple(
        _metafield(str(namespace), str(key), place, each)
        for namespace, keys in value.items()
        for key, held in keys.items()
        for place, each in enumerate(held if isinstance(held, list) else [held])
    )


def _metafield(namespace: str, key: str, place: int, value: object) -> Metafield:
    text = value.isoformat() if isinstance(value, date) else str(value)
    match value:
        case bool():
            kind, text = "boolean", text.lower()
        case int():
            kind = "number_integer"
        case float():
            kind = "number_decimal"
        case datetime():
            kind = "date_time"
        case date():
            kind = "date"
        case str():
            kind = "date" if isinstance(_moment(text), Day) else "single_line_text_field"
        case _:
            raise WrongError(f"{key} holds what no metafield can", "write text, a number, a day, true or false")
    return Metafield(namespace=namespace, key=key, place=place, type=kind, value=text)


def parse_currency(value: object) -> object:
    """Return a currency's three letters.

    Raises:
        WrongError: It is text, and not three capital letters.
    """
    if isinstance(value, str) and not re.fullmatch("[A-Z]{3}", value):
        raise WrongError(f"{shown(value)} is not a currency", 'write its three letters: "EUR"')
    return value


def words_of(filter_: str, parameter: str = "") -> list[str]:
    """Return the values that the language lists for a filter, or for a parameter of it."""
    reading = CATALOGUE[filter_].reading
    if isinstance(reading, Rows):
        asked = reading.parameters[parameter]
        return list(asked.choices) if isinstance(asked, Asked) else []
    return list(reading.choices) if isinstance(reading, Scalar) else []


def parse_word(value: str | None, words: list[str]) -> str | None:
    """Return one of the language's own words.

    Raises:
        WrongError: It is none of them.
    """
    if value is None or value in words:
        return value
    fix = f"write {value.upper()!r}" if value.upper() in words else ""
    raise WrongError(f"{shown(value)} is not one of {', '.join(words)}", fix)


_DAY: dict[str, Any] = {"type": "string", "examples": ["-20d", "2026-11-21"]}
_MONEY: dict[str, Any] = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": f"^{_AMOUNT.pattern}$"}]}
_PLACE: dict[str, Any] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

When = Annotated[Moment, PlainValidator(parse_moment), WithJsonSchema(_DAY)]
Today = Annotated[date, PlainValidator(parse_day), WithJsonSchema({"type": "string", "examples": ["2026-11-21"]})]
Amount = Annotated[Decimal, PlainValidator(parse_amount), WithJsonSchema(_MONEY)]
Place = Annotated[tuple[float, float], PlainValidator(parse_place), WithJsonSchema(_PLACE)]
Metafields = Annotated[
    tuple[Metafield, ...],
    PlainValidator(parse_metafields),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "object"}}),
]
Percentile = Annotated[int, Field(ge=0, le=99)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Id = Annotated[int, Field(ge=1, le=10**18)]
Currency = Annotated[str, BeforeValidator(parse_currency), Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})]
