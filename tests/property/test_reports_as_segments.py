"""The segment that a report prints of its people has just these people, as a cycle evaluates it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.reports import periods
from syncd.reports.answer import Answer, NoRecipe, Recipe
from syncd.reports.catalogue import Catalogue, catalogue
from syncd.reports.frequency import Frequency, frequency
from syncd.reports.leaderboard import Leaderboard, leaderboard
from syncd.reports.question import Question, ReportError
from syncd.segments import Frame, Rank, members, parse, ranked, time_frame
from tests.property.report_worlds import House, asked_periods, houses
from tests.support.examples import examples

_NUMBERS = itertools.count()
LEADERBOARDS = st.builds(
    Leaderboard,
    by=st.sampled_from(["orders", "average-order", "amount-spent"]),
    top=st.none() | st.integers(1, 3),
)
CATALOGUES = st.builds(
    Catalogue,
    products=st.lists(st.sampled_from(["Cup", "1", "2", "O'Hara's"]), max_size=2, unique=True).map(tuple),
    vendors=st.sampled_from([(), (), ("Acme",), ("Acme", "Bolt")]),
    types=st.sampled_from([(), (), ("Mugs",)]),
    collections=st.sampled_from([(), (), ("Summer",), ("cups", "summer")]),
)
FREQUENCIES = st.builds(
    Frequency,
    least_orders=st.integers(1, 3),
    least_amount=st.sampled_from(["", "0.02"]),
    quiet=st.none() | st.integers(0, 90) | st.dates(date(2026, 1, 1), date(2028, 3, 1)),
)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("reports") / "mirror.db")
    yield opened
    opened.close()


def asked(mirror: Mirror, question: Question, wanted: Leaderboard | Catalogue | Frequency) -> Answer:
    if isinstance(wanted, Leaderboard):
        return leaderboard(mirror.raw, question, wanted)
    if isinstance(wanted, Catalogue):
        return catalogue(mirror.raw, question, wanted)
    return frequency(mirror.raw, question, wanted)


def evaluated(mirror: Mirror, recipe: Recipe, frame: Frame) -> set[int]:
    """Return the members of a recipe's segment, as an evaluation has them."""
    by_address = msgspec.structs.replace(frame, by=recipe.by)
    rule = parse(recipe.query)
    if not recipe.rank:
        return set(mirror.connection.execute(members(rule, by_address)).scalars())
    over = recipe.rank.get("over")
    rank = Rank(by=recipe.rank["by"], over=time_frame(str(over)) if over else None, top=recipe.rank["top"])
    return set(mirror.connection.execute(ranked(rule, rank, by_address)).scalars())


def known_ids(house: House, answer: Answer) -> set[int]:
    """Return the customer records of a report's people; guests and orders of unknown customers have none."""
    place = [column.name for column in answer.columns].index("customer_ids")
    existing = {customer.id for customer in house.worlds[0].customers}
    return {id_ for row in answer.rows for id_ in row[place]} & existing


@given(data=st.data())
@settings(
    max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_the_printed_segment_has_the_people_of_the_report(mirror: Mirror, data: st.DataObject) -> None:
    house = data.draw(houses(f"recipe-{next(_NUMBERS)}", stores=1))
    frame = house.frames[0]
    house.save(mirror, frame.store)
    question = Question(frames=house.frames, period=data.draw(st.none() | asked_periods(frame)))
    wanted = data.draw(LEADERBOARDS | CATALOGUES | FREQUENCIES)
    with mirror.snapshot():
        try:
            answer = asked(mirror, question, wanted)
        except ReportError:
            assume(False)
        people = known_ids(house, answer)  # all rows are read: one left open would be in the way of the next report
        event(type(answer.recipe).__name__)
        assume(isinstance(answer.recipe, Recipe))
        note(f"{answer.recipe}")
        assert evaluated(mirror, answer.recipe, frame) == people


def test_a_leaderboard_of_nobody_is_no_segment(mirror: Mirror) -> None:
    frame = Frame(store=f"nobody-{next(_NUMBERS)}", now=1_795_000_000, zone=ZoneInfo("UTC"), currency="EUR")
    question = Question(frames=(frame,), period=periods.named("last_month", frame))
    with mirror.snapshot():
        answer = leaderboard(mirror.raw, question, Leaderboard(top=3))
    assert answer.recipe == NoRecipe("nobody of them is a customer, and a rank is of one at least")
