"""Plan: which labels are wanted where, how that differs from what is there, and what has to wait."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec

from syncd.config import SegmentSettings, Settings
from syncd.cycle.drafting import Drafter
from syncd.cycle.judging import judged, with_newcomers_held
from syncd.cycle.left_behind import left_behind
from syncd.cycle.optouts import opt_out_wishes
from syncd.cycle.part import ALL, Part
from syncd.cycle.reading import Readiness
from syncd.cycle.report import Report, held_rows
from syncd.cycle.services import Services
from syncd.errors import FatalError
from syncd.mirror import membership, planned, runs
from syncd.mirror.stores import OwnedLabel, labels
from syncd.model import Hold, Wish, fold
from syncd.plan import LabelPlan, Plan


def make_plan(
    services: Services,
    readiness: Readiness,
    stale: Collection[tuple[str, str]],
    report: Report,
    part: Part = ALL,
    *,
    whole: bool = False,
) -> Plan:
    """Plan every label that can be planned, and keep what has to wait (law 6).

    `stale` are the (segment, store) pairs that could not be evaluated: labels that build on them are left as they are.
    `whole` looks at everybody again, and not only at whom something changed of.
    """
    drafter = Drafter(services, report.run, whole=whole)
    known = labels(services.mirror)
    wished = list(wishes(services, known, report))
    evaluated = {(it.segment, it.store) for it in membership.standings(services.mirror) if it.as_of is not None}
    fit = [
        wish
        for wish in wished
        if _asked(services, wish, part)
        and all((wish.segment, name) in evaluated and (wish.segment, name) not in stale for name in wish.stores)
        and writable(services, wish, readiness, report)
    ]
    drafter.gather(fit)
    drafts = [_plan_label(services, drafter.drafted(wish), known.get(_key(wish)), report) for wish in fit]
    drafter.done()
    drafts = with_newcomers_held(services.settings, drafts)
    plan = Plan(tuple(sorted(drafts, key=lambda label: (label.wish.target, label.wish.label))))
    untouched = {_key(wish) for wish in wished} - {_key(wish) for wish in fit}
    if part.is_all:
        planned.keep_only(services.mirror, {_key(wish) for wish in wished})
    runs.keep_holds(services.mirror, plan.holds, untouched, report.run, services.clock.now())
    kept = runs.holds(services.mirror)
    plan = Plan(tuple(_with_hold_as_kept(label, kept) for label in plan.labels))
    report.checksum = plan.checksum
    report.left_behind = left_behind(services.settings, services.mirror)
    report.held = held_rows([hold for hold in plan.holds if hold.approved_at is None])
    return plan


def wishes(services: Services, known: dict[tuple[str, str], OwnedLabel], report: Report) -> Iterator[Wish]:
    """Yield every label that the settings want carried, opt-outs, then labels in our charge that they lack by now."""
    settings = services.settings
    wanted: set[tuple[str, str]] = set()
    for it in settings.segments.values():
        for target_name, written in it.labels():
            target = services.target(target_name)
            if target is None:
                continue
            label = _normalised(target.normalise, written, it, report)
            if label is not None:
                wanted.add((target_name, fold(label)))
                if it.enabled:
                    yield wish_of(settings, it, target_name, label)
    for wish in opt_out_wishes(services, {name: settings.feeding(name) for name in settings.audiences}):
        wanted.add(_key(wish))
        yield wish
    for (target_name, key), owned in known.items():
        if (target_name, key) not in wanted and services.target(target_name) is not None:
            yield Wish(target=target_name, label=owned.label, segment=owned.segment, withdrawn=True)


def wish_of(settings: Settings, it: SegmentSettings, target: str, label: str) -> Wish:
    """Return what a segment wants of a target; `label` is as the target reads it back."""
    audience = target in settings.audiences
    return Wish(
        target=target,
        label=label,
        segment=it.name,
        stores=it.stores if audience else (target,),
        feeding=settings.feeding(target) if audience else (),
        adopt=it.adopt,
        why=it.asks,
    )


def _asked(services: Services, wish: Wish, part: Part) -> bool:
    """Say whether a label belongs to the part that was asked for."""
    if wish.target in services.audiences:
        here = part.has_fed_by(wish.stores or services.settings.feeding(wish.target))
    else:
        here = part.has_store(wish.target)
    return here and part.has_segment(wish.segment)


def _key(wish: Wish) -> tuple[str, str]:
    return wish.target, fold(wish.label)


def _normalised(normalise: Callable[[str], str], written: str, it: SegmentSettings, report: Report) -> str | None:
    try:
        return normalise(written)
    except ValueError as error:
        report.fail("plan", f"segment {it.name}", FatalError(f"the label of {it.name} cannot be written: {error}"))
        return None


def writable(services: Services, wish: Wish, readiness: Readiness, report: Report) -> bool:
    """Tell whether what is known of a label's target, and of whom it is fed from, is fit to be built upon."""
    readiness.tell(wish.target, "tags", report)
    audience_unsure = wish.target in services.audiences and any(
        (store, "customers") in readiness.unfit for store in wish.feeding
    )
    unsure = wish.opted_out_of and (
        wish.opted_out_of in readiness.unwritable or (wish.target, "customers") in readiness.unfit
    )
    return wish.target not in readiness.unwritable and not audience_unsure and not unsure


def _plan_label(services: Services, label: LabelPlan, known: OwnedLabel | None, report: Report) -> LabelPlan:
    for reason, people in sorted(label.left_out.items()):
        wish = label.wish
        report.left_out.append({"target": wish.target, "label": wish.label, "people": people, "why": reason})
    return judged(services, _whole_if_all(msgspec.structs.replace(label, first=known is None)))


def _whole_if_all(label: LabelPlan) -> LabelPlan:
    """Let the limits judge what the exclusion list orders, where it would leave it to nobody who has it."""
    if not label.ordered or len(label.ordered) < label.ours:
        return label
    return msgspec.structs.replace(label, changes=label.everything, ordered=())


def _with_hold_as_kept(label: LabelPlan, kept: list[Hold]) -> LabelPlan:
    """Give the label its hold as the mirror keeps it: with its age, and with an approval that still fits."""
    if label.hold is None:
        return label
    found = next(hold for hold in kept if (hold.target, hold.label) == (label.hold.target, label.hold.label))
    return msgspec.structs.replace(label, hold=found)
