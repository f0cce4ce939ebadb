"""Random stores and random rules over them, full of gaps, odd texts and moments around the shop's midnight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from syncd.model import Address, Checkout, Collection, Customer, LineItem, Order, Product
from syncd.segments import CATALOGUE, Frame
from syncd.segments.check import ANNIVERSARY
from syncd.segments.comparisons import Type
from syncd.segments.days import PERIODS, Day, Offset, Period, Second, Unit, When, shift, start_of, today
from syncd.segments.filter import Filter, Listing, Remote, Scalar
from syncd.segments.near import Near
from syncd.segments.operators import of_listing, of_value
from syncd.segments.rows import Rows
from syncd.segments.several import Several
from syncd.segments.tree import Clause, Leaf, Matches, Op, Parameter, Point, Test, Value
from tests.property import extras_worlds
from tests.unit.segments.world import World

TEXTS = [
    *"VIP vip Vip ÜBER über O'Brien it\\'s back\\slash ß ss 🎉 🎉party a%b a_b a*b a?b [x] 100% Straße İ é É".split(),
    *"Toys sg-4 sg-4-17 - % SUBSCRIBED PAID CAD HIGH".split(),
    "Toys > Puzzles",
    "two words",
]
PLACES = ("CA", "US", "ca", "FR")
DAYS_TO_LOOK_AT = {
    "America/Toronto": ("2026-03-08", "2026-11-01", "2026-11-21", "2024-02-29"),
    "Asia/Kathmandu": ("2026-11-21", "1986-01-01"),
    "Pacific/Apia": ("2011-12-29", "2011-12-31", "2012-01-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "America/Santiago": ("2026-09-06", "2026-04-05"),
    "UTC": ("2026-03-31", "2026-12-31", "2027-01-01"),
}

few = st.integers(0, 3)
maybe_text = st.none() | st.sampled_from(TEXTS)
texts = st.lists(st.sampled_from(TEXTS), max_size=3).map(tuple)
money = st.integers(-3, 12).map(lambda units: units * 505)
ids = st.integers(1, 4)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    zone = draw(st.sampled_from(sorted(DAYS_TO_LOOK_AT)))
    day = date.fromisoformat(draw(st.sampled_from(DAYS_TO_LOOK_AT[zone])))
    seconds = draw(st.sampled_from([0, 1, 3600, 43_200, 86_399, 89_999]))
    now = start_of(day, ZoneInfo(zone)) + seconds
    return Frame(
        store="",
        now=now,
        zone=ZoneInfo(zone),
        currency=draw(st.sampled_from(["CAD", "JPY", "KWD"])),
        week_starts=draw(st.sampled_from(["monday", "sunday"])),
        orders_visible_from=draw(st.none() | st.sampled_from([now - 60 * 86_400, now - 86_400])),
    )


def instants(frame: Frame) -> st.SearchStrategy[int]:
    """Yield moments around the midnights that rules look at."""
    midnights = st.sampled_from(_days(frame)).map(lambda day: start_of(day, frame.zone))
    return st.builds(lambda midnight, seconds: midnight + seconds, midnights, st.sampled_from([-1, 0, 1, 40_000]))


def _days(frame: Frame) -> Sequence[date]:
    now = today(frame)
    steps = [shift(now, count, unit) for unit in Unit for count in (-2, -1, 0, 1)]
    firsts = [now.replace(day=1), now.replace(month=1, day=1), now - timedelta(days=now.weekday())]
    return sorted({*steps, *firsts})


@st.composite
def worlds(draw: st.DrawFn, frame: Frame) -> World:
    moments = instants(frame)
    currencies = st.sampled_from([frame.currency, frame.currency, "EUR"])
    customers = draw(st.lists(_customers(frame, moments), min_size=1, max_size=4, unique_by=lambda it: it.id))
    return World(
        customers=customers,
        orders=draw(st.lists(_orders(moments, currencies), max_size=6, unique_by=lambda it: it.id)),
        products=draw(st.lists(_PRODUCTS, max_size=3, unique_by=lambda it: it.id)),
        checkouts=draw(st.lists(_checkouts(moments), max_size=3, unique_by=lambda it: it.id)),
        segments={it.id: frozenset(draw(texts)) for it in customers},
        metafields=draw(extras_worlds.metafields(frame)),
        companies=draw(extras_worlds.companies()),
        credit=draw(extras_worlds.credit(currencies)),
    )


def _customers(frame: Frame, moments: st.SearchStrategy[int]) -> st.SearchStrategy[Customer]:
    domains = st.sampled_from(["gmail.com", "Gmail.com", "a.b@c.example", "x"])
    return st.builds(
        Customer,
        id=ids,
        created_at=moments,
        updated_at=st.just(frame.now),
        email=st.none() | domains.map(lambda domain: f"someone@{domain}"),
        email_consent=maybe_text,
        sms_consent=maybe_text,
        language=maybe_text,
        account_state=maybe_text,
        number_of_orders=few,
        amount_spent=money,
        currency=st.sampled_from([None, frame.currency, "EUR"]),
        product_subscription=maybe_text,
        spend_tier=maybe_text,
        rfm_group=maybe_text,
        last_order_at=st.none() | moments,
        tags=texts,
        addresses=st.lists(_ADDRESSES, max_size=2, unique_by=lambda it: it.id).map(tuple),
    )


_ADDRESSES = st.builds(
    Address,
    id=ids,
    country=st.none() | st.sampled_from(PLACES),
    province=st.none() | st.sampled_from(PLACES),
    city=st.none() | st.sampled_from(["Los Angeles", "Paris"]),
    latitude=st.none() | st.sampled_from([45.4215, -33.87, 90.0, -90.0, 0.0]) | st.floats(-90, 90),
    longitude=st.none() | st.sampled_from([-75.6972, 179.99, -179.99, 0.0]) | st.floats(-180, 180),
)
_PRODUCTS = st.builds(
    Product,
    id=ids,
    updated_at=st.just(0),
    category_id=maybe_text,
    category=maybe_text,
    tags=texts,
    collections=st.lists(
        st.builds(Collection, id=ids, title=st.sampled_from(TEXTS), handle=st.sampled_from(TEXTS)),
        max_size=2,
        unique_by=lambda it: it.id,
    ).map(tuple),
)
_LINES = st.builds(
    LineItem,
    id=ids,
    quantity=few,
    current_quantity=few,
    product_id=st.none() | ids,
    title=maybe_text,
    vendor=maybe_text,
    product_type=maybe_text,
    amount=money,
)


def _orders(moments: st.SearchStrategy[int], currencies: st.SearchStrategy[str]) -> st.SearchStrategy[Order]:
    return st.builds(
        Order,
        id=st.integers(1, 9),
        created_at=moments,
        processed_at=moments,
        updated_at=st.just(0),
        cancelled_at=st.none() | st.none() | moments,
        test=st.sampled_from([False, False, False, True]),
        customer_id=st.none() | ids,
        currency=currencies,
        current_total=money,
        financial_status=maybe_text,
        source_name=maybe_text,
        app_id=st.none() | ids,
        location_id=st.none() | ids,
        tags=texts,
        discount_codes=texts,
        lines=st.lists(_LINES, max_size=3, unique_by=lambda it: it.id).map(tuple),
    )


def _checkouts(moments: st.SearchStrategy[int]) -> st.SearchStrategy[Checkout]:
    return st.builds(
        Checkout,
        id=ids,
        created_at=moments,
        updated_at=st.just(0),
        completed_at=st.none() | moments,
        customer_id=st.none() | ids,
    )


@st.composite
def queries(draw: st.DrawFn, frame: Frame) -> str:
    """Yield the text of a rule: some clauses, connected and negated at will."""
    clause = leaves(frame).map(str)
    tree = st.recursive(
        clause,
        lambda part: st.one_of(
            st.lists(part, min_size=2, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
            st.lists(part, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
            part.map(lambda text: f"NOT ({text})"),
        ),
        max_leaves=4,
    )
    return draw(tree)


def answerable() -> list[Filter]:
    """Return the filters that can be answered here."""
    listed = [each for each in CATALOGUE.values() if not isinstance(each.reading, Remote) and each.name != ANNIVERSARY]
    return [*listed, *extras_worlds.filters()]


def leaves(frame: Frame) -> st.SearchStrategy[Leaf]:
    """Yield a clause of any filter that can be answered here."""
    return st.sampled_from(answerable()).flatmap(lambda each: leaf(each, frame))


def leaf(of: Filter, frame: Frame) -> st.SearchStrategy[Leaf]:
    match of.reading:
        case Scalar(type=type_, choices=choices):
            return _tests(type_, of_value(type_, fixed=bool(choices)), frame, choices).map(
                lambda test: Clause(of.name, test)
            )
        case Listing(type=type_, whole=whole):
            return _tests(type_, of_listing(whole=whole), frame).map(lambda test: Clause(of.name, test))
        case Several(type=None):
            types = st.sampled_from([Type.TEXT, Type.AMOUNT, Type.DATE])
            return types.flatmap(lambda type_: _several(of, type_, frame))
        case Several(type=Type() as type_):
            return _several(of, type_, frame)
        case Rows(parameters=parameters):
            asked = st.lists(st.sampled_from(sorted(parameters)), max_size=3, unique=True).flatmap(
                lambda names: st.tuples(
                    *(
                        _parameter(name, parameters[name].type, getattr(parameters[name], "choices", ()), frame)
                        for name in names
                    )
                )
            )
            return st.builds(Matches, st.just(of.name), asked, st.booleans())
        case Near():
            return st.builds(_near, _values(Type.POINT, frame), _values(Type.DISTANCE, frame), st.booleans())
    raise AssertionError(of)


def _several(of: Filter, type_: Type, frame: Frame) -> st.SearchStrategy[Leaf]:
    ops = of_value(type_) if of.name.startswith(ANNIVERSARY) else (*of_value(type_), *of_listing(whole=True))
    return _tests(type_, ops, frame).map(lambda test: Clause(of.name, test))


def _near(point: Value, distance: Value, negated: bool) -> Matches:
    asked = (Parameter("coordinates", Test(Op.EQ, (point,))), Parameter("distance_km", Test(Op.LE, (distance,))))
    return Matches("customer_within_distance", asked, negated)


def _parameter(name: str, type_: Type, choices: tuple[str, ...], frame: Frame) -> st.SearchStrategy[Parameter]:
    tests = _tests(type_, of_value(type_, fixed=bool(choices)), frame, choices)
    return tests.map(lambda test: Parameter(name, test))


def _tests(type_: Type, ops: Sequence[Op], frame: Frame, choices: tuple[str, ...] = ()) -> st.SearchStrategy[Test]:
    values = st.sampled_from(choices) if choices else _values(type_, frame)

    def of(op: Op) -> st.SearchStrategy[Test]:
        if op in {Op.NULL, Op.NOT_NULL}:
            return st.just(Test(op))
        if op is Op.BETWEEN:
            return st.tuples(values, values).map(lambda pair: Test(op, pair))
        if op in {Op.IN, Op.NOT_IN}:
            return st.lists(values, min_size=1, max_size=3).map(lambda several: Test(op, tuple(several)))
        return values.map(lambda value: Test(op, (value,)))

    return st.sampled_from(ops).flatmap(of)


def _values(type_: Type, frame: Frame) -> st.SearchStrategy[Value]:
    if type_ is Type.DATE:
        return _dates(frame)
    return _VALUES.get(type_, _WORDS)


_LETTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("%_*?[]'\\")


def _dates(frame: Frame) -> st.SearchStrategy[When]:
    now = today(frame)
    days = st.sampled_from(_days(frame))
    seconds = st.builds(
        lambda day, clock: Second(datetime.fromisoformat(f"{day}T{clock}")),
        days,
        st.sampled_from(["00:00:00", "00:00:01", "23:59:59", "02:30:00"]),
    )
    offsets = st.builds(Offset, st.integers(-2, 2), st.sampled_from(Unit))
    return st.one_of(
        days.map(Day), seconds, offsets, st.sampled_from(PERIODS).map(Period), st.just(Day(shift(now, -3, Unit.YEARS)))
    )


def _decimals(texts_: str) -> st.SearchStrategy[Value]:
    return st.sampled_from([Decimal(text) for text in texts_.split()])


_WORDS = st.sampled_from(
    (
        *TEXTS,
        *PLACES,
        *(f"{country}-{rest}" for country in PLACES for rest in (*PLACES, "LosAngeles", "CA-Paris")),
        "gmail.com",
    )
) | st.text(_LETTERS, max_size=3)
_VALUES: dict[Type, st.SearchStrategy[Value]] = {
    Type.INTEGER: st.integers(-1, 4) | st.sampled_from([30, 31, 50, 90, 100, 365, 10**12]),
    Type.AMOUNT: _decimals("0 5.05 10.1 -5.05 5.051 505 1010 0.505"),
    Type.ID: ids,
    Type.POINT: st.sampled_from([Point(Decimal("45.4215"), Decimal("-75.6972")), Point(Decimal(-90), Decimal(180))]),
    Type.DISTANCE: _decimals("0 1.5 500 10000 20015.2 30000"),
}
