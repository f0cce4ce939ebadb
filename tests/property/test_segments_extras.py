"""The two readings of metafields, anniversaries, companies and store credit agree, record by record and by address."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments import CATALOGUE, matches, parse
from tests.property import extras_worlds
from tests.property.segment_worlds import frames, leaf, worlds
from tests.support.examples import examples
from tests.unit.segments.world import by_sql, undecided

FILTERS = [*extras_worlds.filters(), CATALOGUE["companies"], CATALOGUE["store_credit_accounts"]]
_STORES = count()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("extras") / "mirror.db")
    yield opened
    opened.close()


@given(st.data())
@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_both_readings_say_the_same_of_what_hangs_on_customers(mirror: Mirror, data: st.DataObject) -> None:
    frame = msgspec.structs.replace(data.draw(frames()), store=f"extras-{next(_STORES)}")
    world = data.draw(worlds(frame))
    world.save(mirror, frame.store)
    for clause in data.draw(
        st.lists(st.sampled_from(FILTERS).flatmap(lambda it: leaf(it, frame)), min_size=4, max_size=8)
    ):
        rule = parse(str(clause))
        assert parse(str(rule)).tree == rule.tree
        holding = {id_ for id_, person in world.people().items() if matches(rule, person, frame)}
        assert by_sql(mirror, rule, frame) == holding
        assert undecided(mirror, rule, frame) == 0
