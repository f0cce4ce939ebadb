"""One self-contained HTML page: what was asked, a plot, the table. It asks nothing of any network.

The security policy allows its own style and script, by their hashes, and nothing else; whatever a customer calls
themselves is text.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from itertools import chain, islice

from syncd.clock import iso
from syncd.reports.answer import Answer, Column, Row, Value
from syncd.reports.drawing import drawn, rows_drawn, shade
from syncd.reports.page_parts import CARDS, SCRIPT, STYLE
from syncd.reports.telling import Teller, at_the_right, circumstances

NARROW = 4
"""A table of so many columns fits a phone."""
SHORT = 28
"""A text of so many letters stays on one line."""


def lines(answer: Answer, locale: str) -> Iterator[str]:
    """Yield the page's text row by row; money and numbers as the locale has them."""
    tell = Teller(locale, answer.currency)
    rows = iter(answer.rows)
    first = list(islice(rows, max(1, rows_drawn(answer.plot))))
    yield from _top(answer)
    yield drawn(answer, first, tell)
    yield from _table(answer, chain(first, rows), tell) if first else _nobody(answer)
    yield f"<footer>syncd report {escape(answer.report)}</footer>\n</main>\n"
    yield f"<script>{SCRIPT}</script>\n</body>\n</html>\n" if first else "</body>\n</html>\n"


def _top(answer: Answer) -> Iterator[str]:
    style = STYLE + _cards(answer)
    own = f"style-src {_hash(style)}; script-src {_hash(SCRIPT)}"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
    yield f"<title>{escape(answer.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
    yield f'<h1>{escape(answer.title)}</h1>\n<p class="of">{escape(circumstances(answer))}{_age(answer)}</p>\n'
    if answer.notes:
        yield f'<ul class="notes">{"".join(f"<li>{escape(note)}</li>" for note in answer.notes)}</ul>\n'


def _age(answer: Answer) -> str:
    text = iso(answer.as_of)
    return f' · as of <time datetime="{text}">{text[:16].replace("T", " ")} UTC</time>' if text else ""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _cards(answer: Answer) -> str:
    """Return the style that makes cards of rows; a table that is narrow anyway, and a grid, keep their shape."""
    if len(answer.columns) <= NARROW or (answer.plot is not None and answer.plot.shape == "grid"):
        return ""
    heads = "".join(
        f'td:nth-child({at}){{{_whole(column)}}}td:nth-child({at})::before{{content:"{_css(column.title)}"}}\n'
        for at, column in enumerate(answer.columns, 1)
    )
    return f"{CARDS}{heads}}}\n"


def _whole(column: Column) -> str:
    """Texts have a card's whole width."""
    return "font-weight:600;grid-column:1/-1;order:-1" if column.kind == "text" else ""


def _css(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in text)


def _table(answer: Answer, rows: Iterator[Row], tell: Teller) -> Iterator[str]:
    grid = frozenset(answer.plot.values if answer.plot and answer.plot.shape == "grid" else ())
    yield f'<div class="all" tabindex="0" role="region" aria-label="{escape(answer.title)}">\n'
    yield f"<table{' class=grid' if grid else ''}>\n<thead><tr>"
    for column in answer.columns:
        yield f'<th scope="col" class="{_class(column)}"><button type="button">{escape(column.title)}</button></th>'
    yield "</tr></thead>\n<tbody>\n"
    count = 0
    for row in rows:
        count += 1
        cells = zip(answer.columns, row, tell.row(row, answer.columns), strict=True)
        texts = (_cell(column, value, text, shaded=column.name in grid) for column, value, text in cells)
        yield f"<tr>{''.join(texts)}</tr>\n"
    yield "</tbody>\n"
    totals = tell.totals(answer)
    if totals is not None:
        cells_below = zip(answer.columns, totals, strict=True)
        yield f"<tfoot><tr>{''.join(_cell(column, None, text) for column, text in cells_below)}</tr></tfoot>\n"
    yield "</table>\n</div>\n"
    if count < answer.size:
        shown, size = (tell.value(number, "count") for number in (count, answer.size))
        yield f'<p class="sum">{shown} of {size} rows{"; the totals are of all" if totals else ""}.</p>\n'


def _cell(column: Column, value: Value, text: str, *, shaded: bool = False) -> str:
    """Return a cell; what its text does not sort by stands in `data-v`."""
    number = f' data-v="{value}"' if isinstance(value, int | float) and text != str(value) else ""
    whole = " w" if column.kind == "text" and len(text) <= SHORT else ""
    return f'<td class="{_class(column)}{whole}{shade(value) if shaded else ""}"{number}>{escape(text)}</td>'


def _class(column: Column) -> str:
    return "n" if at_the_right(column) else {"day": "day", "ids": "ids"}.get(column.kind, "t")


def _nobody(answer: Answer) -> Iterator[str]:
    yield f'<p class="none">{escape(answer.empty)}</p>\n'
