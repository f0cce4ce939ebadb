"""What a search finds: its tree made into a test of one record.

As recorded: an unknown field is *ignored* (so that all rows match) and only a warning tells; so is a value that a
field does not accept. `>` on times acts like `>=`, and an offset of a time is overlooked: both reported of the real
service, and both worth meeting in a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from connectors.sandbox.shopify.query import Both, Node, Not, Term, described, parse
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import DAY

Test = Callable[[Any], bool]
Read = Callable[[Any, View], Any]

_TIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?$")


class Field(msgspec.Struct, frozen=True):
    """One searchable field.

    Attributes:
        kind: `time`, `day` (equality takes the whole day), `number`, `boolean`, `word`, `text` (tokenised), `tags`, or
            `without` (none of the tags).
        read: What of a record is compared; a collection matches if any of it does.
        accepted: The only values, in lower case, where there are such.
    """

    kind: str
    read: Read
    accepted: frozenset[str] = frozenset()


class NotSimulatedError(Exception):
    """The real service knows this field; the sandbox does not."""


class Found(msgspec.Struct, frozen=True):
    """A search, ready to be used."""

    test: Test
    warnings: tuple[dict[str, str], ...]
    parsed: dict[str, Any]


class _Ignored(Exception):  # noqa: N818  # a way out, not an error
    def __init__(self, field: str | None, code: str, message: str) -> None:
        super().__init__(message)
        self.warning = {"field": field or "", "message": message, "code": code}


def compiled(text: str, fields: Mapping[str, Field | None], view: View, *, words: Field | None) -> Found:
    """Return the test that `text` stands for.

    Args:
        text: The search.
        fields: By name; None for one that the real service knows and the sandbox does not.
        view: What may be seen.
        words: What a bare word looks at; None where a search must name its fields.

    Raises:
        NotSimulatedError: The search uses a field that the sandbox does not know.
    """
    tree = parse(text)
    if tree is None:
        return Found(lambda _: True, (), {})
    maker = _Compiler(fields, view, words)
    test = maker.test(tree)
    return Found(test or (lambda _: True), tuple(maker.warnings), described(tree))


class _Compiler:
    def __init__(self, fields: Mapping[str, Field | None], view: View, words: Field | None) -> None:
        self._fields = fields
        self._view = view
        self._words = words
        self.warnings: list[dict[str, str]] = []

    def test(self, node: Node) -> Test | None:
        """Return the test of a node, None where it is ignored."""
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Not):
            inner = self.test(node.item)
            return None if inner is None else lambda record: not inner(record)
        tests = [test for test in (self.test(item) for item in node.items) if test is not None]
        if len(tests) < 2:
            return tests[0] if tests else None
        joined = all if isinstance(node, Both) else any
        return lambda record: joined(test(record) for test in tests)

    def _term(self, term: Term) -> Test | None:
        try:
            return self._comparison(term, self._field(term))
        except _Ignored as ignored:
            self.warnings.append(ignored.warning)
            return None

    def _field(self, term: Term) -> Field:
        if term.field is None:
            if self._words is None:
                raise _Ignored("", "missing_named_field", "Input must use named search fields in this query.")
            return self._words
        if term.field not in self._fields:
            raise _Ignored(term.field, "invalid_field", "Invalid search field for this query.")
        field = self._fields[term.field]
        if field is None:
            raise NotSimulatedError(term.field)
        return field

    def _comparison(self, term: Term, field: Field) -> Test:
        view, read = self._view, field.read
        if term.value == "*" and not term.quoted:
            return lambda record: read(record, view) not in (None, "", ())
        if field.kind in {"time", "day", "number"}:
            holds = _ordered(term, field, view)
        else:
            holds = _MATCHERS[field.kind](term, field)
        if field.kind == "without":
            return lambda record: not _any(holds, read(record, view))
        return lambda record: _any(holds, read(record, view))


def _any(holds: Test, value: Any) -> bool:
    if isinstance(value, tuple):
        return any(holds(item) for item in value if item is not None)
    return value is not None and holds(value)


def _bad_value(term: Term) -> _Ignored:
    return _Ignored(term.field, "invalid_value", f"Input `{term.value}` is not an accepted value.")


def _ordered(term: Term, field: Field, view: View) -> Test:
    if ".." in term.value and not term.op:
        low, _, high = term.value.partition("..")
        start, end = _point(term, low, field, view)[0], _point(term, high, field, view)[1]
        return lambda value: start <= value <= end
    start, end = _point(term, term.value, field, view)
    timely = field.kind != "number"
    tests: dict[str, Test] = {
        "": lambda value: start <= value <= end,
        ">=": lambda value: value >= start,
        ">": (lambda value: value >= start) if timely else (lambda value: value > start),
        "<=": lambda value: value <= end,
        "<": lambda value: value < start,
    }
    return tests[term.op]


def _point(term: Term, text: str, field: Field, view: View) -> tuple[Any, Any]:
    """Return first and last value that `text` stands for (a date stands for its day)."""
    if field.kind == "number":
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            raise _bad_value(term) from None
        exact = int(number) if number == number.to_integral_value() else number
        return exact, exact
    if text.strip().lower() == "now":
        return view.now, view.now
    span = _span(text.strip())
    if span is None:
        raise _bad_value(term)
    if field.kind == "day" and not term.op and span[0] == span[1]:
        start = span[0] // DAY * DAY
        return start, start + DAY - 1
    return span


def _span(text: str) -> tuple[int, int] | None:
    found = _TIME.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        start = datetime(year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
        if hour is not None:
            return int(start.timestamp()), int(start.timestamp())
        after = _next(start, month=month, day=day)
    except ValueError:
        return None
    return int(start.timestamp()), int(after.timestamp()) - 1


def _next(start: datetime, *, month: int | None, day: int | None) -> datetime:
    if day is not None:
        return datetime.fromtimestamp(start.timestamp() + DAY, UTC)
    if month is None or month == 12:
        return start.replace(year=start.year + 1, month=1)
    return start.replace(month=start.month + 1)


def _word(term: Term, field: Field) -> Test:
    wanted = {part.strip().casefold() for part in ([term.value] if term.quoted else term.value.split(","))}
    if field.accepted and not wanted <= field.accepted:
        raise _bad_value(term)
    if term.value.endswith("*") and not term.quoted:
        start = term.value[:-1].casefold()
        return lambda value: str(value).casefold().startswith(start)
    return lambda value: str(value).casefold() in wanted


def _boolean(term: Term, _: Field) -> Test:
    if term.value.lower() not in {"true", "false"}:
        raise _bad_value(term)
    wanted = term.value.lower() == "true"
    return lambda value: value is wanted


def _tokens(text: str) -> list[str]:
    return [token for token in re.split(r"[^\w]+", text.casefold()) if token]


def _text(term: Term, _: Field) -> Test:
    """Quoted: the whole value; bare: its tokens in a row, or the beginning of one with a star."""
    if term.quoted:
        exact = term.value.casefold()
        return lambda value: value.casefold() == exact
    if term.value.endswith("*"):
        start = term.value[:-1].casefold()
        return lambda value: value.casefold().startswith(start) or any(x.startswith(start) for x in _tokens(value))
    wanted = " ".join(_tokens(term.value))
    return lambda value: f" {wanted} " in f" {' '.join(_tokens(value))} "


def _tags(term: Term, _: Field) -> Test:
    wanted = {tag.strip().casefold() for tag in term.value.split(",")}
    return lambda value: value.casefold() in wanted


_MATCHERS: Mapping[str, Callable[[Term, Field], Test]] = {
    "word": _word,
    "boolean": _boolean,
    "text": _text,
    "tags": _tags,
    "without": _tags,
}
