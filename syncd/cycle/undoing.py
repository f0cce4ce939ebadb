"""Undo: labels put back as they were before a run. A run of its own, planned, shown, and undone by the same means.

Only what is still as that run left it is put back: what a later run or somebody's hand has changed since is theirs.
Limits are not looked at, for a person has to say yes to the numbers in any case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from syncd.cycle.cycle import recorded
from syncd.cycle.doubting import take_stock
from syncd.cycle.excluding import renew_exclusions
from syncd.cycle.planning import wish_of, writable
from syncd.cycle.push import push, read_back
from syncd.cycle.reading import Readiness, read_again, read_all
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import UnsafePlanError
from syncd.mirror import ledger, positions, runs, undone
from syncd.mirror.database import Mirror
from syncd.mirror.undone import Done
from syncd.model import Action, Kind, Position, Wish, fold
from syncd.plan import LabelPlan, NewContacts, Plan, draft


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be undone, and by whose word.

    Attributes:
        run: Whose changes.
        checksum: Go ahead if the plan is the one that was reviewed.
        yes: Go ahead with whatever the plan says.
        ask: Asked where somebody is there to answer; shown the plan first.
    """

    run: int
    checksum: str | None = None
    yes: bool = False
    ask: Callable[[Plan, Report], bool] | None = None


def undo(services: Services, undoing: Undoing) -> tuple[Report, Plan]:
    """Undo a run and return what was done, and the plan it made. Without a person's word, nothing is done.

    Raises:
        UnsafePlanError: The plan is not the one whose checksum was given; nothing was done.
        ConfigError: The exclusion list cannot be read.
    """
    return recorded(services, "undo", lambda report: _stages(services, undoing, report))


def _stages(services: Services, undoing: Undoing, report: Report) -> Plan:
    report.undoes = undoing.run
    renew_exclusions(services, report)
    readiness = read_all(services, report)
    take_stock(services, report.run)
    for name in (*services.stores, *services.audiences):
        if name not in readiness.unwritable and (why := read_back(services, name, report)):
            readiness.unwritable[name] = why
    plan = make_undo(services, readiness, report, undoing.run)
    report.checksum = plan.checksum
    report.stays = stays(services, undoing.run)
    if plan.labels and not _go_ahead(undoing, plan, report):
        report.held = [_waiting(label, report.run) for label in plan.labels]
        return plan
    for label in plan.labels:
        undone.bar(services.mirror, label.wish, label.changes, report.run, services.clock.now())
    everything = {(label.wish.target, label.wish.label) for label in plan.labels}
    written = push(services, plan, report, everything)
    for name in sorted(written & services.stores.keys()):
        read_again(services, name, report)
    return plan


def make_undo(services: Services, readiness: Readiness, report: Report, run: int) -> Plan:
    """Plan the opposite of what a run did, wherever that still stands; what is left alone is told in the report."""
    done = sorted(undone.of_run(services.mirror, run), key=_label_of)
    planned: list[LabelPlan] = []
    for _, its in groupby(done, key=_label_of):
        some = list(its)
        left: Counter[str] = Counter()
        label = _label_plan(services, readiness, report, some, left)
        if label is not None:
            left.update(label.left_out)
            reason = f"run {run} undone"
            changes = tuple(msgspec.structs.replace(change, reason=reason) for change in label.changes)
            planned += [msgspec.structs.replace(label, changes=changes)] if changes else []
        report.left_out += [
            {"target": some[0].target, "label": some[0].label, "people": people, "why": why}
            for why, people in sorted(left.items())
        ]
    return Plan(tuple(planned))


def stays(services: Services, run: int) -> list[str]:
    """Say what of a run cannot be taken back, one sentence each."""
    found = runs.one(services.mirror, run)
    before = msgspec.json.decode(found.report, type=Report) if found and found.report else Report()
    told: list[str] = []
    if before.created:
        contacts = "1 contact" if before.created == 1 else f"{before.created:,} contacts"
        told.append(f"{contacts} that run {run} made: syncd deletes and archives nobody")
    tallies = runs.tally(services.mirror, run)
    optouts = sum(it.changes for it in tallies if (it.action, it.state) == (Action.OPT_OUT, "applied"))
    if optouts:
        told.append(f"unsubscribes that run {run} carried to a store ({optouts:,}): syncd subscribes nobody")
    added = Counter(
        it.target
        for it in undone.of_run(services.mirror, run)
        if it.action is Action.ADD and it.target in services.audiences
    )
    for name, people in sorted(added.items()):
        told.append(f"mail that automations of {name} sent because run {run} added a tag, {people:,} times")
    return told


def wrote(mirror: Mirror, run: int) -> bool:
    """Tell whether a run changed, or may have changed, anything at any service."""
    return bool(undone.of_run(mirror, run))


def _label_of(it: Done) -> tuple[str, str]:
    return it.target, fold(it.label)


def _label_plan(
    services: Services, readiness: Readiness, report: Report, done: Sequence[Done], left: Counter[str]
) -> LabelPlan | None:
    """Plan one label of one target; None where it cannot be written now."""
    target = done[0].target
    if services.target(target) is None:
        left[f"left alone: {target} is no longer in the settings"] = len(done)
        return None
    wish = _wish(services, done[0])
    if not writable(services, wish, readiness, report) or (target, Kind.CUSTOMERS.value) in readiness.unfit:
        left[f"left alone: {target} could not be read, or not be written to"] = len(done)
        return None
    audience = target in services.audiences
    label = draft(
        wish,
        _positions(services.mirror, wish, done, left, audience=audience),
        NewContacts.NEVER if audience else None,
        lambda _: ({}, None),
    )
    return msgspec.structs.replace(label, ours=ledger.owned(services.mirror, target, wish.label))


def _wish(services: Services, done: Done) -> Wish:
    """Return the label as the settings have it now, or as one that they no longer have."""
    target = services.target(done.target)
    for it in services.settings.segments.values():
        for name, written in it.labels():
            if name == done.target and target is not None and fold(target.normalise(written)) == fold(done.label):
                return wish_of(services.settings, it, name, done.label)
    return Wish(target=done.target, label=done.label, segment=done.segment, withdrawn=True)


def _positions(
    mirror: Mirror, wish: Wish, done: Sequence[Done], left: Counter[str], *, audience: bool
) -> Iterator[Position]:
    """Yield those who are still as the run left them, with what was before as what is desired."""
    look = positions.one_of_audience if audience else positions.one_of_store
    for it in done:
        position = look(mirror, wish, it.subject)
        why = _changed_since(it, position)
        if why:
            left[f"left alone: {why}"] += 1
        else:
            yield msgspec.structs.replace(position, desired=it.action is Action.REMOVE, bar=None)


def _changed_since(it: Done, position: Position) -> str:
    """Say why what the run did does not stand any more; nothing where it does."""
    if it.later is not None:
        return f"changed again by run {it.later}"
    if it.action is Action.REMOVE:
        gone = not position.known
        return "not there any more" if gone else "the tag is there again already" if position.current else ""
    if not position.current:
        return "the tag is not there any more"
    return "" if position.owned else "the tag is somebody else's by now"


def _go_ahead(undoing: Undoing, plan: Plan, report: Report) -> bool:
    if undoing.checksum is not None:
        if undoing.checksum != plan.checksum:
            raise UnsafePlanError(
                f"the plan is no longer the one you reviewed (it is {plan.checksum} now)",
                hint=f"look at it again with: syncd undo {undoing.run}",
            )
        return True
    return undoing.yes or (undoing.ask is not None and undoing.ask(plan, report))


def _waiting(label: LabelPlan, run: int) -> dict[str, object]:
    return {
        "segment": label.wish.segment,
        "target": label.wish.target,
        "label": label.wish.label,
        "why": "to undo something needs a person's word",
        "adds": label.adds,
        "removes": label.removes,
        "run": run,
    }
