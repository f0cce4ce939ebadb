"""Many rules answered in one pass have the members that each has by itself, in SQL and in Python."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.mirror.answering import Scope, Wanted, clear, fill
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments import Frame, Rule, matches, measured, parse
from tests.property.people_worlds import by_address, shared
from tests.property.segment_worlds import answerable, frames, leaf, queries
from tests.support.examples import examples
from tests.unit.segments.world import World, by_sql

_STORES = itertools.count()
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
_BITS = 62
_BY = ("customer", "email")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("answering") / "mirror.db")
    opened.raw.execute("CREATE TEMP TABLE asked (customer_id INTEGER PRIMARY KEY)")
    yield opened
    opened.close()


@given(st.data())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_rules_answered_together_hold_for_whom_they_hold_by_themselves(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(shared(frame))
    world.save(mirror, frame.store)
    rules = [parse(data.draw(queries(frame))) for _ in range(5)]
    _agree(mirror, world, [(rule, _by(rule, frame, by, mirror)) for rule in rules for by in _BY], data)


@given(st.data())
@settings(max_examples=examples(25), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_every_filter_can_be_answered_beside_all_others(mirror: Mirror, data: st.DataObject) -> None:
    frame = _new_store(data.draw(frames()))
    world = data.draw(shared(frame))
    world.save(mirror, frame.store)
    rules = [parse(str(data.draw(leaf(each, frame)))) for each in answerable()]
    _agree(mirror, world, [(rule, _by(rule, frame, by, mirror)) for rule in rules for by in _BY], data)


def _new_store(frame: Frame) -> Frame:
    return msgspec.structs.replace(frame, store=f"store-{next(_STORES)}")


def _by(rule: Rule, frame: Frame, by: str, mirror: Mirror) -> Frame:
    return measured(rule, msgspec.structs.replace(frame, by=by), mirror.connection.execute)


def _agree(mirror: Mirror, world: World, read: Sequence[tuple[Rule, Frame]], data: st.DataObject) -> None:
    """Hold the answers of one pass, for all and for some, against each rule by itself."""
    wanted = [Wanted(rule, frame, *divmod(place, _BITS)) for place, (rule, frame) in enumerate(read)]
    everybody = {it.id for it in world.customers}
    some = data.draw(st.sets(st.sampled_from(sorted(everybody))))
    mirror.raw.execute("DELETE FROM asked")
    mirror.raw.executemany("INSERT INTO asked VALUES (?)", [(id_,) for id_ in some])
    scopes: dict[Scope, Collection[int]] = {"all": everybody, "asked": some}
    for scope, whom in scopes.items():
        answers = _answers(mirror, wanted, scope)
        for it in wanted:
            note(f"{scope} by {it.frame.by}: {it.rule}")
            found = answers.get((it.shelf, it.bit), set())
            assert found == by_sql(mirror, it.rule, it.frame).intersection(whom)
            assert found == _by_python(world, it.rule, it.frame).intersection(whom)


def _answers(mirror: Mirror, wanted: Sequence[Wanted], scope: Scope) -> dict[tuple[int, int], set[int]]:
    with mirror.snapshot():
        clear(mirror)
        fill(mirror, wanted, scope)
        rows = mirror.raw.execute("SELECT shelf, customer_id, mask FROM temp.answers").fetchall()
    assert all(mask for _, _, mask in rows)
    return {
        (shelf, bit): {id_ for its, id_, mask in rows if its == shelf and mask >> bit & 1}
        for shelf, bit in {(it.shelf, it.bit) for it in wanted}
    }


def _by_python(world: World, rule: Rule, frame: Frame) -> set[int]:
    if frame.by == "customer":
        return {id_ for id_, person in world.people().items() if matches(rule, person, frame)}
    views = (view for person in by_address(world) for view in person)
    return {view.customer.id for view in views if matches(rule, view, frame)}
