"""Whom an explanation calls a member is whom the tables give, and whom a rule holds for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from syncd.config import Settings, load
from syncd.cycle.choosing import chosen, lacking
from syncd.cycle.explaining import explain
from syncd.cycle.framing import frame_of, framed
from syncd.mirror import membership, stores
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import Record
from syncd.mirror.stores import KnownStore
from syncd.segments import Frame, parse
from tests.property.people_worlds import shared
from tests.property.segment_worlds import frames, queries
from tests.support.examples import examples
from tests.support.household import CONNECTORS

HEAD = '[syncd]\nweek_starts = "{week}"\n[stores.main]\nkind = "memory"\n'
SEGMENT = "[segments.{name}]\nquery = {query}\nby = {by}\n"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explaining")
    open_mirror(folder / "empty.db").close()
    return folder


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _settings(folder: Path, frame: Frame, segments: dict[str, tuple[str, str]]) -> Settings:
    text = HEAD.format(week=frame.week_starts)
    for name, (query, by) in segments.items():
        text += SEGMENT.format(name=name, query=_toml(query), by=json.dumps(by))
    (folder / "syncd.toml").write_text(text, encoding="utf-8")
    return load(folder / "syncd.toml", CONNECTORS, environ={})


def _evaluated(mirror: Mirror, found: Settings, frame: Frame, known: KnownStore, name: str) -> set[int] | None:
    """Evaluate a segment as a cycle does; None where it cannot be."""
    it = found.segments[name]
    its = framed(mirror, it, frame_of(found, known, frame.now))
    if lacking(it, its):
        return None
    membership.renew(mirror, name, "main", it.query, chosen(it, its), 1, frame.now)
    return {member.customer_id for member in membership.members(mirror, name)}


@given(st.data())
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_who_is_told_to_be_a_member_is_one(empty: Path, data: st.DataObject) -> None:
    frame = data.draw(frames())
    by = st.sampled_from(["customer", "email"])
    alone = queries(frame).filter(lambda query: not parse(query).segments)
    segments = {
        "a": (data.draw(alone), data.draw(by)),
        "b": (f"segments CONTAINS 'a' OR ({data.draw(alone)})", data.draw(by)),
    }
    note(str(segments))
    world = data.draw(shared(frame))
    found = _settings(empty, frame, segments)
    path = empty / "mirror.db"
    path.write_bytes((empty / "empty.db").read_bytes())
    mirror = open_mirror(path)
    try:
        world.save(mirror, "main")
        membership.drop_all_but(mirror, set(), 0, 0)
        known = KnownStore("main", "", str(frame.zone), frame.currency, frame.orders_visible_from, frame.now)
        stores.describe(mirror, known)
        everybody = [Record("main", it.id, it.email) for it in sorted(world.customers, key=lambda it: it.id)]
        before = {(it.segment, it.customer_id): it.member for it in explain(found, mirror, frame.now, everybody)}
        for name in segments:
            members = _evaluated(mirror, found, frame, known, name)
            for record in everybody:
                (told,) = explain(found, mirror, frame.now, [record], name)
                assert told.member is (record.customer_id in (members or set()))
                assert bool(told.frozen) is (members is None)
                assert members is None or told.differs is None
                assert before.get((name, record.customer_id), told.member) is told.member
    finally:
        mirror.close()
        for file in empty.glob("mirror.db*"):
            file.unlink()
