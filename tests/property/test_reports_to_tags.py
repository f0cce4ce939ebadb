"""What `--as-segment` prints, put into the settings file, makes a whole cycle tag the people of the report."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from syncd.cli.report.as_segment import print_segment
from syncd.cli.session import Session
from syncd.cycle.framing import frame_of
from syncd.mirror import stores
from syncd.reports.answer import Recipe
from syncd.reports.question import Question
from tests.conftest import StillClock
from tests.property.report_worlds import House, asked_periods, houses
from tests.property.test_reports_as_segments import CATALOGUES, FREQUENCIES, LEADERBOARDS, asked, known_ids
from tests.support.examples import examples
from tests.support.household import Household


def moved_in(house: House, folder: Path) -> Household:
    """Return a household whose store is a house's first."""
    frame, world = house.frames[0], house.worlds[0]
    home = Household(folder, "", clock=StillClock(frame.now), stores=(frame.store,), audiences=())
    home.worlds[frame.store].timezone = frame.zone.key
    for put, records in (
        (home.worlds[frame.store].put_customer, world.customers),
        (home.worlds[frame.store].put_order, world.orders),
        (home.worlds[frame.store].put_product, world.products),
    ):
        for record in records:
            fields: dict[str, Any] = msgspec.structs.asdict(record)
            put(fields.pop("id"), **fields | {"updated_at": frame.now})
    return home


@given(data=st.data())
@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_cycle_tags_the_people_of_the_report_whose_segment_was_put_into_the_settings(data: st.DataObject) -> None:
    house = data.draw(houses("shop", stores=1, foreign=False))
    store, weeks = house.frames[0].store, f'[syncd]\nweek_starts = "{house.frames[0].week_starts}"\n'
    with tempfile.TemporaryDirectory() as folder:
        home = moved_in(house, Path(folder))
        home.settings_text = home.settings_text.replace("[syncd]\n", weeks)
        home.run()
        frame = frame_of(home.settings, stores.known(home.mirror)[store], home.clock.now())
        question = Question(frames=(frame,), period=data.draw(st.none() | asked_periods(frame)))
        with home.mirror.snapshot():
            answer = asked(home.mirror, question, data.draw(LEADERBOARDS | CATALOGUES | FREQUENCIES))
            people = known_ids(house, answer)
        assume(isinstance(answer.recipe, Recipe))
        session = Session()
        session.screen.out = printed = io.StringIO()
        print_segment(session, home.settings, "found", answer)
        note(printed.getvalue())
        home.settings_text += printed.getvalue() + 'tag = "found"\n'
        home.run()
        tagged = {it.id for it in house.worlds[0].customers if "found" in home.worlds[store].tags_of(it.id)}
        home.mirror.close()
    assert tagged == people
