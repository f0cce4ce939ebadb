"""Where a member is a person by address, both readings give the same people, and all records of one have one answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments import Frame, Rule, judge, matches, measured, parse
from tests.property.people_worlds import by_address, shared
from tests.property.segment_worlds import answerable, frames, leaf, queries
from tests.support.examples import examples
from tests.unit.segments.world import World, by_sql, undecided

_STORES = itertools.count()
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("people") / "mirror.db")
    yield opened
    opened.close()


def _new_store(frame: Frame) -> Frame:
    return msgspec.structs.replace(frame, store=f"store-{next(_STORES)}", by="email")


def _agree(mirror: Mirror, world: World, rule: Rule, frame: Frame) -> None:
    note(str(rule))
    seen = measured(rule, frame, mirror.connection.execute)
    by_python = set()
    for views in by_address(world):
        answers = {matches(rule, person, seen) for person in views}
        assert len(answers) == 1
        by_python |= {person.customer.id for person in views if True in answers}
        assert judge(rule, views[0], seen)
    assert by_sql(mirror, rule, seen) == by_python
    assert undecided(mirror, rule, seen) == 0


@given(st.data())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_sql_and_python_give_the_same_people_by_address(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(shared(frame))
    world.save(mirror, frame.store)
    for _ in range(4):
        _agree(mirror, world, parse(data.draw(queries(frame))), frame)


@given(st.data())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_both_readings_of_every_filter_agree_by_address(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(shared(frame))
    world.save(mirror, frame.store)
    for each in answerable():
        rule = parse(str(data.draw(leaf(each, frame))))
        _agree(mirror, world, rule, frame)
        _agree(mirror, world, parse(f"NOT ({rule})"), frame)
