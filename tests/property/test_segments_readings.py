"""Both readings of a rule give the same people, whatever the store holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments import judge, matches, parse
from tests.property.segment_worlds import frames, queries, worlds
from tests.unit.segments.world import by_sql, measured, undecided

_STORES = itertools.count()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("segments") / "mirror.db")
    yield opened
    opened.close()


@given(st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_sql_and_python_give_the_same_people(mirror: Mirror, data: st.DataObject) -> None:
    frame = msgspec.structs.replace(data.draw(frames()), store=f"store-{next(_STORES)}")
    world = data.draw(worlds(frame))
    world.save(mirror, frame.store)
    people = world.people()
    for _ in range(4):
        rule = parse(data.draw(queries(frame)))
        note(str(rule))
        seen = measured(mirror, rule, frame)
        by_python = {id_ for id_, person in people.items() if matches(rule, person, seen)}
        assert by_sql(mirror, rule, seen) == by_python
        assert undecided(mirror, rule, seen) == 0
        assert all(judge(rule, person, seen) for person in people.values())


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_canonical_text_of_a_rule_is_the_same_rule(data: st.DataObject) -> None:
    rule = parse(data.draw(frames().flatmap(queries)))
    assert parse(str(rule)).tree == rule.tree
    assert str(parse(str(rule))) == str(rule)
