"""Text to syntax tree, and what to say when there is none.

Length and depth are bounded before the grammar sees a query, so that no text can exhaust memory or the stack. The
lexer takes every character (the strays too): each mistake becomes a token with a place.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeAlias, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken

from syncd.segments.problems import RuleError, RuleProblem

Syntax: TypeAlias = Tree[Token]

MAX_LENGTH = 50_000
"""Characters of a query: ten times what Shopify takes."""
MAX_DEPTH = 40
"""Parentheses within each other: far more than anybody reads, far less than would exhaust a stack."""
MAX_CLAUSES = 250
"""As many as SQLite can join: it bounds the depth of an expression, and a long AND is a deep one."""
MAX_TOKENS = 6_000
"""Words, values and signs of a query: so many can still be bound as SQL parameters everywhere."""

_CLAUSES = frozenset({"plain", "matches", "called"})
_KEYWORDS = "AND OR NOT MATCHES BETWEEN IN CONTAINS LIKE STARTS ENDS WITH IS NULL TRUE FALSE".split()
_VALUES = frozenset({"STRING", "NUMBER", "DATE", "DATETIME", "OFFSET", "AGO", "TRUE", "FALSE"})
_WAYS_TO_TEST = frozenset({"OPERATOR", "BETWEEN", "IN", "CONTAINS"})
_MISSPELT = {
    "==": "=",
    "===": "=",
    "<>": "!=",
    "=!": "!=",
    "!": "NOT",
    "=>": ">=",
    "=<": "<=",
    "&&": "AND",
    "&": "AND",
    "||": "OR",
    "|": "OR",
    "NOT_MATCHES": "NOT MATCHES",
    "NOT_CONTAINS": "NOT CONTAINS",
    "NOT_IN": "NOT IN",
    "INCLUDES": "CONTAINS",
    "EQUALS": "=",
}
_QUOTES = '"`´‘’‚‛“”„«»'


@cache
def _grammar() -> Lark:
    return Lark.open_from_package(
        __name__, "grammar.lark", parser="lalr", lexer="basic", start=["start", "clause", "stray"]
    )


def syntax(text: str) -> Syntax:
    """Return the syntax tree of a query.

    Raises:
        RuleError: There is none; with the one problem that ended reading.
    """
    tokens = _tokens(text)
    tree, wrong = _read(tokens, "start")
    if wrong is not None:
        raise RuleError([_unexpected(*wrong, tokens)], text)
    return cast("Syntax", tree)


def clauses(tree: Syntax) -> int:
    """Return how many clauses a query has."""
    return sum(1 for _ in tree.find_pred(lambda each: each.data in _CLAUSES))


def fragments(text: str) -> Iterator[Syntax | RuleProblem]:
    """Yield, of a query that has no tree, what its clauses are by themselves, or what is wrong with each.

    Of a clause that is broken itself, its name is yielded too, as a tree with nothing else. Nothing is said of a
    clause that merely ends too early: where it goes on is not known.
    """
    for chunk in _chunks(_tokens(text)):
        tree, wrong = _read(chunk, "clause")
        if tree is not None:
            yield tree
            continue
        if wrong is not None and wrong[0].type != "$END":
            yield _unexpected(*wrong, chunk)
        if chunk[0].type == "NAME":
            yield Tree("name", [chunk[0]])


def lower_keywords(text: str) -> list[str]:
    """Return the keywords that are not in capitals, in the order of the text."""
    words = (token for token in _grammar().lex(text) if token.type.strip("_") in _KEYWORDS)
    return [word.value for word in words if not word.isupper() and word.type not in {"TRUE", "FALSE"}]


def problem(token: Token, message: str, suggestion: str = "", *, remote: bool = False) -> RuleProblem:
    """Return a problem at a token's place."""
    length = len(token.split("\n", 1)[0]) or 1
    return RuleProblem(token.line or 1, token.column or 1, message, suggestion, length, remote)


def _tokens(text: str) -> Sequence[Token]:
    """Return the tokens of a query whose size and depth are within bounds."""
    if len(text) > MAX_LENGTH:
        line, column = text.count("\n", 0, MAX_LENGTH) + 1, MAX_LENGTH - text.rfind("\n", 0, MAX_LENGTH)
        message = f"the query has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise RuleError([RuleProblem(line, column, message, "split it into several segments")], text)
    tokens = list(_grammar().lex(text))
    if not tokens:
        message = "the query is empty"
        raise RuleError([RuleProblem(1, 1, message, "number_of_orders >= 0 stands for every customer")], text)
    _check_depth(tokens, text)
    if len(tokens) > MAX_TOKENS:
        message = f"the query has {len(tokens):,} words and signs; at most {MAX_TOKENS:,} are read"
        raise RuleError([problem(tokens[MAX_TOKENS], message, "split it into several segments")], text)
    return tokens


def _check_depth(tokens: Sequence[Token], text: str) -> None:
    depth = nots = 0
    for token in tokens:
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        nots = nots + 1 if token.type == "NOT" else 0
        if max(depth, nots) > MAX_DEPTH:
            what = "parentheses are nested" if depth > MAX_DEPTH else "NOTs follow each other"
            message = f"{what} more than {MAX_DEPTH} deep"
            raise RuleError([problem(token, message, "leave out those that change nothing")], text)


def _read(tokens: Sequence[Token], start: str) -> tuple[Syntax | None, tuple[Token, set[str]] | None]:
    """Return the tree of some tokens, or the token that the grammar had no use for and what it would have taken."""
    parser = _grammar().parse_interactive(start=start)
    read = 0
    try:
        for token in tokens:
            parser.feed_token(token)
            read += 1
        return parser.feed_eof(tokens[-1]), None  # type: ignore[no-untyped-call]  # lark leaves it untyped
    except UnexpectedToken as error:
        return None, (error.token, _taken(tokens[:read], start))


def _taken(tokens: Sequence[Token], start: str) -> set[str]:
    """Return what the grammar would take after some tokens; a parser that has failed no longer knows all of it."""
    parser = _grammar().parse_interactive(start=start)
    for token in tokens:
        parser.feed_token(token)
    return set(parser.accepts())  # type: ignore[no-untyped-call]  # lark leaves it untyped


def _chunks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield what stands between connectors and grouping parentheses: a clause each, if all is well."""
    chunk: list[Token] = []
    inner, between = 0, False
    for token in tokens:
        inside = inner or (chunk and token.type == "LPAR" and chunk[-1].type in {"NAME", "MATCHES", "IN"})
        if inside:
            inner += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if inside or not _divides(token, chunk, between=between):
            chunk.append(token)
            between = token.type == "BETWEEN" or (between and token.type != "_AND")
        elif chunk:
            yield chunk
            chunk, between = [], False
    if chunk:
        yield chunk


def _divides(token: Token, chunk: list[Token], *, between: bool) -> bool:
    if token.type == "_AND":
        return not between
    if token.type == "NOT":
        return not chunk
    if token.type == "LPAR":
        return not chunk
    return token.type in {"_OR", "RPAR"}


def _unexpected(token: Token, expected: set[str], tokens: Sequence[Token]) -> RuleProblem:
    """Say what is wrong with the token that the grammar had no use for."""
    if token.type == "$END":
        last = tokens[-1]
        message = f"the query ends after '{_short(last)}' where {_named(expected)} is missing"
        end = last.end_column or 1
        return RuleProblem(last.end_line or 1, end, message)
    if token.type == "UNCLOSED":
        return problem(token, "the quote opened here is never closed", "a quote inside a text is written \\'")
    message = f"'{_short(token)}' is unexpected; {_named(expected)} was expected"
    return problem(token, message, _mend(token, expected))


def _mend(token: Token, expected: set[str]) -> str:
    text = str(token)
    if text[0] in _QUOTES:
        return "texts stand in straight single quotes: 'vip'"
    if token.type == "ODD_NUMBER":
        return "numbers are written 1234.5, days 2026-11-21, moments 2026-11-21T08:00:00; a time needs its day"
    if text == "," and "NUMBER" not in expected and "COMMA" not in expected:
        return "numbers have no thousand separators"
    if text.upper() in _MISSPELT:
        return f"write {_MISSPELT[text.upper()]}"
    return _meant(text, expected)


def _meant(text: str, expected: set[str]) -> str:
    words = [word for word in _KEYWORDS if word in expected or f"_{word}" in expected]
    close = difflib.get_close_matches(text.upper(), words, 1)
    return f"did you mean {close[0]}?" if close else ""


def _named(expected: set[str]) -> str:
    """Name what the grammar would have taken, in words of the language."""
    names = []
    if _WAYS_TO_TEST & expected:
        names.append("an operator (=, !=, >, >=, <, <=, BETWEEN, CONTAINS, IN, IS NULL, MATCHES …)")
    elif _VALUES & expected:
        names.append("a value")
    elif "NAME" in expected:
        names.append("the name of a filter or parameter")
    singles = {"_AND": "AND", "_OR": "OR", "LPAR": "'('", "RPAR": "')'", "COMMA": "','", "COLON": "':'"}
    names += [word for type_, word in singles.items() if type_ in expected and (type_ != "LPAR" or not names)]
    names += [word for word in ("WITH", "NULL") if expected <= {word, "NOT"} and word in expected]
    if "$END" in expected:
        names.append("the end")
    return " or ".join(names) or "something else"


def _short(token: Token) -> str:
    text = " ".join(token.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
