"""Undo of the last run puts every label back as it was, whatever people did before; and what was undone stays undone.

Random people, two cycles with changes by customers and by hand between them, then an undo of the last run, an idle
cycle, and an undo of the undo. The oracle looks only at the worlds.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from syncd.cycle import Report, Undoing, undo
from syncd.mirror import undone
from syncd.model import LABELLED, ContactStatus, Kind, fold
from tests.support.examples import examples
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 1000

[segments.many]
query = "number_of_orders >= 3"
tag = "Many"
audiences = ["news"]

[segments.few]
query = "number_of_orders < 2"
tag = "few"
adopt = true
audiences = ["news"]
audience_tag = "Few Orders"
"""
OURS = {"many", "few", "few orders"}

numbers = st.integers(1, 5)
orders = st.integers(0, 4)
people = st.fixed_dictionaries(
    {"number_of_orders": orders, "email_consent": st.sampled_from(["SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED"])}
)
customers = st.dictionaries(numbers, people, min_size=1)
tags = st.sampled_from(["Many", "few", "VIP"])
by_hand = st.lists(st.tuples(numbers, tags, st.booleans()), max_size=4)
in_news = st.dictionaries(numbers, st.sampled_from(list(ContactStatus)), max_size=4)

Labels = dict[tuple[str, str], frozenset[str]]


class Run:
    """One household, and its labels as they truly are."""

    def __init__(self, folder: Path) -> None:
        self.house = Household(folder, SETTINGS, batch_size=2)
        self.world = self.house.worlds["main"]
        self.people = self.house.lists["news"]

    def change(self, found: dict[int, dict[str, object]], hand: list[tuple[int, str, bool]]) -> None:
        self.house.clock.instant += 60
        for number, fields in found.items():
            self.world.put_customer(number, email=f"p{number}@x.example", **fields)
        for number, tag, on in hand:
            if self.world.customer(number) is not None:
                (self.world.tag_by_hand if on else self.world.untag_by_hand)(number, tag)
            if self.people.contact(f"p{number}@x.example") is not None:
                (self.people.tag_by_hand if on else self.people.untag_by_hand)(f"p{number}@x.example", tag)

    def labels(self) -> Labels:
        tags: Labels = {("main", str(n)): _folded(it.tags) for n, it in self.world.records(Kind.CUSTOMERS).items()}
        return tags | {("news", subject): _folded(it.labels) for subject, it in self.people.contacts().items()}

    def cycle(self) -> Report:
        self.house.clock.instant += 60
        return self.house.run()

    def undo(self, run: int) -> Report:
        self.house.clock.instant += 60
        return undo(self.house.services(), Undoing(run=run, yes=True))[0]


def _folded(labels: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(label) for label in labels)


def _same_but_for(after: Labels, before: Labels, out: set[tuple[str, str]]) -> bool:
    """Whether all carry what they carried; people in `out`, who cannot carry it now, may lack ours."""
    return all(
        held == before.get(who, frozenset()) or (who in out and held - OURS == before.get(who, frozenset()) - OURS)
        for who, held in after.items()
    )


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(first=customers, listed=in_news, hand=by_hand, then=customers, later=by_hand)
def test_after_an_undo_of_the_last_run_all_labels_are_as_they_were_before_it(
    first: dict[int, dict[str, object]],
    listed: dict[int, ContactStatus],
    hand: list[tuple[int, str, bool]],
    then: dict[int, dict[str, object]],
    later: list[tuple[int, str, bool]],
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="syncd-undo-"))
    try:
        _play(Run(folder), first, listed, hand, then, later)
    finally:
        shutil.rmtree(folder)


def _play(
    run: Run,
    first: dict[int, dict[str, object]],
    listed: dict[int, ContactStatus],
    hand: list[tuple[int, str, bool]],
    then: dict[int, dict[str, object]],
    later: list[tuple[int, str, bool]],
) -> None:
    for number, status in listed.items():
        run.people.put_contact(f"p{number}@x.example", status, ("VIP",))
    run.change(first, hand)
    run.cycle()
    run.change(then, later)
    before = run.labels()
    done = run.cycle()
    after = run.labels()
    wrote = bool(undone.of_run(run.house.mirror, done.run))
    event("the run wrote something" if wrote else "the run wrote nothing")

    undoing = run.undo(done.run)

    out = {("news", subject) for subject, it in run.people.contacts().items() if it.status not in LABELLED}
    assert _same_but_for(run.labels(), before, out)
    put_back = run.labels()
    for _ in range(2):
        idle = run.cycle()
        assert idle.applied == {"add": 0, "remove": 0}
        assert run.labels() == put_back

    run.undo(undoing.run)

    assert _same_but_for(run.labels(), after, out)
    assert run.cycle().applied == {"add": 0, "remove": 0}
    assert undone.by_run(run.house.mirror) == {}
    run.house.mirror.close()
