"""One value of a query, from its token to its type: number, text, date, place. What does not fit is a problem."""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from lark import Token, Tree

from syncd.segments.comparisons import Type
from syncd.segments.days import PERIODS, Day, Offset, Period, Second, Unit, When
from syncd.segments.problems import RuleProblem
from syncd.segments.syntax import problem
from syncd.segments.tree import Point, Value

Raw: TypeAlias = "Token | Tree[Token]"

_MOST_INTEGER = 2**63 - 1
_MOST_AMOUNT = 10**12
_LONGEST_NUMBER = 30
_LONGEST_TEXT = 1_000
_YEARS = range(1000, 9000)
_FARTHEST = {Unit.DAYS: 73_000, Unit.WEEKS: 10_400, Unit.MONTHS: 2_400, Unit.YEARS: 200}
_MADE_OF = re.compile(r"([+-]?)\s*(\d+)\s*([dwmy])")
_AGO = re.compile(r"(\d+)_([dwmy])")
_GLOBAL_ID = re.compile(r"(?:gid://[\w./-]*/)?(\d{1,18})")
_WANTED = {
    Type.INTEGER: "a whole number (10)",
    Type.AMOUNT: "a number (10.99)",
    Type.DISTANCE: "a number (6.2)",
    Type.ID: "an id, a number without quotes",
    Type.DATE: "a date (2026-11-21, -30d, today)",
    Type.TEXT: "a text in single quotes ('vip')",
    Type.TAG: "a text in single quotes ('vip')",
    Type.CATEGORY: "a category in single quotes ('sg-4-17')",
    Type.POINT: "a place (45.42, -75.69)",
}


class NotThatError(Exception):
    """A token is no value of the wanted type. Ends in a `RuleProblem`, never leaves the check."""

    def __init__(self, problem: RuleProblem) -> None:
        """Keep the problem."""
        super().__init__(problem.message)
        self.problem = problem


def value(raw: Raw, type_: Type, choices: tuple[str, ...] = ()) -> Value:
    """Return the typed value of a token.

    Raises:
        NotThatError: It is no value of that type, or out of bounds.
    """
    if isinstance(raw, Tree):
        return _point(raw, type_)
    match type_:
        case Type.INTEGER | Type.ID:
            return _integer(raw, type_)
        case Type.AMOUNT | Type.DISTANCE:
            return _decimal(raw, type_)
        case Type.DATE:
            return _when(raw)
        case Type.POINT:
            raise _wanted(raw, type_)
        case _:
            return _text(raw, type_, choices)


def place(raw: Raw) -> Token:
    """Return the token that a problem with the value points at."""
    return raw if isinstance(raw, Token) else next(raw.scan_values(lambda _: True))


def quoted_id(raw: Raw) -> int | None:
    """Return the id that the deprecated syntax lets stand in quotes."""
    found = _GLOBAL_ID.fullmatch(raw[1:-1]) if isinstance(raw, Token) and raw.type == "STRING" else None
    return int(found[1]) if found else None


def _integer(token: Token, type_: Type) -> int:
    if token.type != "NUMBER":
        unquoted = quoted_id(token)
        raise _wanted(token, type_, f"write {unquoted}" if unquoted is not None else "")
    if "." in token:
        raise _wanted(token, type_, f"write {token.split('.')[0]}")
    _bounded(token)
    number = int(token)
    if abs(number) > _MOST_INTEGER:
        raise NotThatError(problem(token, "the number is too large"))
    return number


def _bounded(token: Token) -> None:
    if len(token) > _LONGEST_NUMBER:
        raise NotThatError(problem(token, f"a number has at most {_LONGEST_NUMBER} digits"))


def _decimal(token: Token, type_: Type) -> Decimal:
    if token.type != "NUMBER":
        unquoted = str(token)[1:-1]
        mend = f"write {unquoted}" if re.fullmatch(r"[+-]?\d+(\.\d+)?", unquoted) else ""
        raise _wanted(token, type_, mend)
    _bounded(token)
    number = Decimal(token)
    if abs(number) > _MOST_AMOUNT:
        raise NotThatError(problem(token, "the number is too large"))
    if number < 0 and type_ is Type.DISTANCE:
        raise NotThatError(problem(token, "a distance is not negative"))
    return number


def _text(token: Token, type_: Type, choices: tuple[str, ...]) -> str:
    text = unquoted(token) if token.type == "STRING" else str(token)
    if choices:
        return _choice(token, text, choices)
    if token.type != "STRING":
        raise _wanted(token, type_, f"write '{token}'")
    if len(text) > _LONGEST_TEXT:
        raise NotThatError(problem(token, f"a text has at most {_LONGEST_TEXT:,} characters"))
    if "\0" in text:
        raise NotThatError(problem(token, "a text holds no NUL character"))
    return text


def _choice(token: Token, text: str, choices: tuple[str, ...]) -> str:
    if text in choices and token.type == "STRING":
        return text
    close = difflib.get_close_matches(text.upper(), choices, 1)
    mend = f"write '{close[0]}'" if close else f"one of {', '.join(choices)}"
    raise NotThatError(problem(token, f"{_shown(token)} is no value of this filter", mend))


def unquoted(token: Token) -> str:
    r"""Return what a quoted text says: `\'` is a quote, `\\` a backslash, any other backslash is itself."""
    return re.sub(r"\\(['\\])", r"\1", token[1:-1])


def _when(token: Token) -> When:
    try:
        return _date(token)
    except (ValueError, OverflowError):
        raise NotThatError(problem(token, f"there is no date {token}")) from None


def _date(token: Token) -> When:
    match token.type:
        case "DATE":
            return Day(_within(date.fromisoformat(token)))
        case "DATETIME":
            moment = datetime.fromisoformat(token)
            _within(moment.date())
            return Second(moment)
        case "OFFSET":
            return _offset(token, *_MADE_OF.findall(token)[0])
        case "AGO":
            return _offset(token, "-", *_AGO.findall(token)[0])
        case "NAME" if token.lower() in PERIODS:
            return Period(token.lower())
    raise _wanted(token, Type.DATE, _meant_date(token))


def _meant_date(token: Token) -> str:
    if token.type == "STRING" and re.match(r"\d{4}-\d{2}-\d{2}|[+-]\d", token[1:]):
        return f"dates stand without quotes: {token[1:-1]}"
    close = difflib.get_close_matches(token.lower(), PERIODS, 1)
    return f"did you mean {close[0]}?" if close else ""


def _offset(token: Token, sign: str, digits: str, unit: str) -> Offset:
    count, unit_ = int(digits), Unit(unit)
    if count > _FARTHEST[unit_]:
        raise NotThatError(problem(token, "that is more than 200 years away"))
    return Offset(-count if sign == "-" else count, unit_)


def _within(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(day)
    return day


def _point(tree: Tree[Token], type_: Type) -> Point:
    numbers = [each for each in tree.children if isinstance(each, Token) and each.type == "NUMBER"]
    if type_ is not Type.POINT or len(numbers) != 2 or len(tree.children) != 2:
        raise _wanted(place(tree), type_)
    for number in numbers:
        _bounded(number)
    latitude, longitude = map(Decimal, numbers)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise NotThatError(problem(numbers[0], "latitude goes from -90 to 90, longitude from -180 to 180"))
    return Point(latitude, longitude)


def _wanted(token: Token, type_: Type, mend: str = "") -> NotThatError:
    return NotThatError(problem(token, f"{_shown(token)} is not {_WANTED[type_]}", mend))


def _shown(token: Token) -> str:
    return token if len(token) <= 40 else f"{token[:39]}…"
