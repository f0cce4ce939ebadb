"""From the text of a segment's query to a tree. Keywords may be in small letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn, TypeAlias

LONGEST = 5_000
MOST_CLAUSES = 10

_WORD = re.compile(
    r"(?P<string>'(?:\\.|[^'\\])*')|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<offset>[+-]\d+[dwmy]\b)|(?P<name>\d+_\w+|[A-Za-z_][\w.]*)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<operator><=|>=|!=|[=<>])|(?P<mark>[(),:])|(?P<odd>\S)"
)
_VALUES = {"string", "moment", "date", "offset", "number", "name"}


class QueryError(Exception):
    """What is wrong with a query, in the service's words."""

    def __init__(self, *messages: str) -> None:
        """Keep the messages."""
        super().__init__("; ".join(messages))
        self.messages = messages


class Word(NamedTuple):
    """One word of a query: what it is, as it is written, and where (lines from 1, columns from 0)."""

    kind: str
    text: str
    line: int
    column: int

    def unexpected(self) -> str:
        """Say that it should not stand here."""
        return f"Line {self.line} Column {self.column}: '{self.text}' is unexpected."

    def not_found(self) -> str:
        """Say that there is no such filter."""
        return f"Line {self.line} Column {self.column}: '{self.text}' filter cannot be found."


class Test(NamedTuple):
    """An operator (`=`, `BETWEEN`, `CONTAINS`, `IN`, `NULL` …) with its values."""

    operator: str
    values: tuple[Word, ...] = ()
    negated: bool = False


class Clause(NamedTuple):
    """A test of an attribute."""

    name: Word
    test: Test


class Event(NamedTuple):
    """Tests of what happened to a customer."""

    name: Word
    tests: Mapping[str, Test]
    negated: bool


class Not(NamedTuple):
    """What does not hold."""

    inner: Tree


class Joined(NamedTuple):
    """Parts joined by AND (`every`) or OR."""

    parts: tuple[Tree, ...]
    every: bool


Tree: TypeAlias = Clause | Event | Not | Joined


def parse(text: str, known: frozenset[str]) -> Tree:
    """Return the tree of a query whose filters are among the known ones.

    Raises:
        QueryError: It is none.
    """
    if not text.strip():
        raise QueryError("Query can't be blank")
    if len(text) > LONGEST:
        raise QueryError(f"Query is too long (maximum is {LONGEST} characters)")
    return _Reader(text, known).whole()


def _words(text: str) -> list[Word]:
    words = []
    for line, content in enumerate(text.split("\n"), 1):
        words += [Word(str(it.lastgroup), it[0], line, it.start()) for it in _WORD.finditer(content)]
    return words


class _Reader:
    """Reads the words of one query from left to right."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        lines = text.split("\n")
        self._words = [*_words(text), Word("end", "", len(lines), len(lines[-1]))]
        self._at = 0
        self._known = known
        self._clauses = 0

    def whole(self) -> Tree:
        tree = self._either()
        if self._word.kind != "end":
            self._fail()
        if self._clauses > MOST_CLAUSES:
            raise QueryError(f"Invalid query: Too many clauses (>{MOST_CLAUSES})")
        return tree

    @property
    def _word(self) -> Word:
        return self._words[self._at]

    def _next(self) -> Word:
        word = self._word
        self._at += 1
        return word

    def _fail(self) -> NoReturn:
        raise QueryError(self._word.unexpected())

    def _take(self, *texts: str) -> str:
        """Take the next word if it is one of these; else return nothing."""
        upper = self._word.text.upper()
        if upper not in texts or self._word.kind == "string":
            return ""
        self._at += 1
        return upper

    def _need(self, text: str) -> None:
        if not self._take(text):
            self._fail()

    def _either(self) -> Tree:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), every=False)

    def _both(self) -> Tree:
        parts = [self._single()]
        while self._take("AND"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), every=True)

    def _single(self) -> Tree:
        if self._take("NOT"):
            return Not(self._single())
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        return self._clause()

    def _clause(self) -> Tree:
        if self._word.kind != "name":
            self._fail()
        name = self._next()
        unknown = () if name.text in self._known else (name.not_found(),)
        try:
            clause = self._about(name)
        except QueryError as error:
            raise QueryError(*error.messages, *unknown) from None
        if unknown:
            raise QueryError(*unknown)
        self._clauses += 1
        return clause

    def _about(self, name: Word) -> Tree:
        negated = bool(self._take("NOT"))
        if self._take("MATCHES"):
            return Event(name, self._parameters(), negated)
        if self._take("CONTAINS"):
            return Clause(name, Test("CONTAINS", (self._value(),), negated))
        if negated:
            self._fail()
        if self._take("("):
            return self._called(name)
        if self._take("IS"):
            negated = bool(self._take("NOT"))
            self._need("NULL")
            return Clause(name, Test("NULL", (), negated))
        return Clause(name, self._test())

    def _called(self, name: Word) -> Tree:
        """Read the older form, `f(name: value, …) = true`, or `anniversary('…')` with its test."""
        if self._word.kind == "string":
            self._next()
            self._need(")")
            return Clause(name, self._test())
        tests: dict[str, Test] = {}
        while not self._take(")"):
            if tests:
                self._need(",")
            parameter = self._next().text
            self._need(":")
            tests[parameter] = Test("IN", self._many()) if self._word.text == "(" else self._older(parameter)
        sign = self._take("=", "!=")
        answer = self._take("TRUE", "FALSE") if sign else self._fail()
        return Event(name, tests, (answer == "TRUE") is not (sign == "="))

    def _older(self, parameter: str) -> Test:
        """Read a value of the older form: `date: -60d` meant since that day."""
        return Test(">=" if parameter == "date" else "=", (self._value(),))

    def _parameters(self) -> dict[str, Test]:
        self._need("(")
        tests: dict[str, Test] = {}
        while not self._take(")"):
            if tests:
                self._need(",")
            if self._word.kind != "name" or self._word.text in tests:
                self._fail()
            parameter = self._next().text
            negated = bool(self._take("NOT"))
            tests[parameter] = self._listed(negated=True) if negated else self._test()
        return tests

    def _test(self) -> Test:
        if self._word.text.upper() == "IN":
            return self._listed(negated=False)
        if self._take("BETWEEN"):
            low = self._value()
            self._need("AND")
            return Test("BETWEEN", (low, self._value()))
        if self._word.kind != "operator":
            self._fail()
        return Test(self._next().text, (self._value(),))

    def _listed(self, *, negated: bool) -> Test:
        self._need("IN")
        return Test("IN", self._many(), negated)

    def _many(self) -> tuple[Word, ...]:
        self._need("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._need(")")
        return tuple(values)

    def _value(self) -> Word:
        if self._word.kind not in _VALUES:
            self._fail()
        return self._next()
