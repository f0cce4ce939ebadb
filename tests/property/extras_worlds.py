"""Random metafields, companies and store credit, and random clauses about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import strategies as st

from syncd.model import Companies, Credit, CreditAccount, Metafield, Metafields
from syncd.segments import Frame
from syncd.segments.catalogue import find
from syncd.segments.days import Unit, shift, today
from syncd.segments.filter import Filter

NAMES = ("metafields.custom.size", "customer.metafields.custom.when", "customer.custom_size")
OF_YEAR = "anniversary('metafields.custom.when')"
_TEXTS = ("XL", "xl", "true", "", "12", "ß", "a*b", "two words", "1990-02-28", "99-99")
_NUMBERS = ("0", "5.05", "10.1", "-5.05", "505", "9007199254740991", "0.1", "1e5", "")
_LEAP = ("1992-02-29", "1991-02-28", "1993-03-01", "2000-01-01", "1999-12-31", "0001-01-01", "never")


def filters() -> list[Filter]:
    """Return filters that are named by what they look at, and so are in no list."""
    found = [find(name) for name in (*NAMES, OF_YEAR)]
    return [each for each in found if each is not None]


def metafields(frame: Frame) -> st.SearchStrategy[Sequence[Metafields]]:
    days = st.sampled_from([*_near(frame), *_LEAP])
    moments = st.builds(
        lambda day, clock: f"{day}T{clock}",
        days,
        st.sampled_from(["00:00:00", "23:59:59", "04:00:00+00:00", "12:00:00-05:00"]),
    )
    values = st.one_of(
        st.tuples(st.just("single_line_text_field"), st.sampled_from(_TEXTS)),
        st.tuples(st.sampled_from(["number_integer", "number_decimal"]), st.sampled_from(_NUMBERS)),
        st.tuples(st.just("boolean"), st.sampled_from(["true", "false"])),
        st.tuples(st.just("date"), days),
        st.tuples(st.just("date_time"), moments),
    )
    several = st.lists(values, max_size=3).map(
        lambda pairs: [(place, type_, value) for place, (type_, value) in enumerate(pairs)]
    )
    both = st.tuples(several, several).map(
        lambda found: tuple(
            Metafield(namespace="custom", key=key, type=type_, value=value, place=place)
            for key, its in zip(("size", "when"), found, strict=True)
            for place, type_, value in its
        )
    )
    return _owned(st.builds(Metafields, id=_IDS, updated_at=st.just(0), values=both))


def companies() -> st.SearchStrategy[Sequence[Companies]]:
    ties = st.lists(_IDS, max_size=2, unique=True).map(tuple)
    return _owned(st.builds(Companies, id=_IDS, updated_at=st.just(0), companies=ties))


def credit(currencies: st.SearchStrategy[str]) -> st.SearchStrategy[Sequence[Credit]]:
    amounts = st.integers(-3, 12).map(lambda units: units * 505)
    accounts = st.lists(
        st.builds(CreditAccount, id=_IDS, currency=currencies, balance=amounts),
        max_size=2,
        unique_by=lambda it: it.id,
    ).map(tuple)
    return _owned(st.builds(Credit, id=_IDS, updated_at=st.just(0), accounts=accounts))


_IDS = st.integers(1, 4)


def _owned(rows: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]  # any of the three
    return st.lists(rows, max_size=3, unique_by=lambda it: it.id)


def _near(frame: Frame) -> list[str]:
    now = today(frame)
    near = [now + timedelta(days=count) for count in (-1, 0, 1)]
    return [day.isoformat() for day in (*near, *(shift(day, -30, Unit.YEARS) for day in near))]
