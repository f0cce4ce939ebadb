"""An outlook is what reading every rule anew on every day to come would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.segments import Frame, Person, Rule, matches, parse
from syncd.segments.days import Unit, day_of, shift, start_of, today
from syncd.segments.foretelling import foretold
from syncd.segments.outlook import Asked, Seat, outlook
from syncd.segments.reasons import reasons
from tests.property.segment_worlds import frames, queries, worlds
from tests.support.examples import examples

AHEAD = 420
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]


def _days(frame: Frame) -> Iterator[tuple[date, Frame]]:
    for count in range(1, AHEAD + 1):
        day = shift(today(frame), count, Unit.DAYS)
        then = start_of(day, frame.zone)
        if day_of(then, frame.zone) == day:
            yield day, msgspec.structs.replace(frame, now=then)


def _read(rules: Mapping[str, Rule], person: Person, frame: Frame) -> dict[str, bool]:
    """Read rules in their order, the plain way."""
    inside = person.segments - rules.keys()
    answers = {}
    for name, rule in rules.items():
        answers[name] = matches(rule, msgspec.structs.replace(person, segments=inside), frame)
        inside |= {name} if answers[name] else set()
    return answers


@given(st.data())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_an_answer_is_the_same_every_day_before_its_turn_and_another_one_on_it(data: st.DataObject) -> None:
    frame = data.draw(frames())
    person = data.draw(st.sampled_from(list(data.draw(worlds(frame)).people().values())))
    rules = {
        "a": parse(data.draw(queries(frame))),
        "b": parse(f"segments CONTAINS 'a' AND ({data.draw(queries(frame))})"),
    }
    note(str(rules))
    frame = msgspec.structs.replace(frame, cuts={"orders": (1, 2), "spend": (0, 505), "recency": (frame.now,)})
    (found,) = outlook({name: Asked(rule) for name, rule in rules.items()}, [Seat(person, frame)], ahead=AHEAD)
    first = _read(rules, person, frame)
    assert found.answers == first
    turns: dict[str, date] = {}
    for day, then in _days(frame):
        for name, answer in _read(rules, person, then).items():
            if answer is not first[name]:
                turns.setdefault(name, day)
    assert {name: turn.day for name, turn in found.turns.items()} == turns
    assert all(foretold(turn, found.person) for turn in found.turns.values())


@given(st.data())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=_SLOW_IS_FINE)
def test_the_clauses_that_decide_are_enough_for_the_answer(data: st.DataObject) -> None:
    """Whatever the other clauses said, the answer would be the same."""
    frame = data.draw(frames())
    rule = parse(data.draw(queries(frame)))
    for person in data.draw(worlds(frame)).people().values():
        found = reasons(rule, person, frame)
        assert found.holds is matches(rule, person, frame)
        clauses = list(found.clauses())
        assert any(clause.decides for clause in clauses)
        others = {clause.text for clause in clauses if not clause.decides}
        decided = {clause.text: clause.holds for clause in clauses if clause.decides}
        for said in (True, False):
            assert _combined(found, {**dict.fromkeys(others, said), **decided}) is found.holds


def _combined(reason: object, answers: Mapping[str, bool]) -> bool:
    text, parts = reason.text, reason.parts  # type: ignore[attr-defined]
    inner = [_combined(part, answers) for part in parts]
    return {"all of": all(inner), "any of": any(inner), "not": not any(inner)}[text] if parts else answers[text]
