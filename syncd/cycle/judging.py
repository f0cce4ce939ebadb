"""What of a plan has to wait for a person (law 6), and what it would set off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from syncd.config import Settings
from syncd.cycle.services import Services
from syncd.mirror import pushes, released
from syncd.mirror.released import Left
from syncd.model import Action, Change, Hold, Lately, Wish
from syncd.plan import LABEL, OPT_OUT, LabelPlan, Limits, checksum, review

_Key = tuple[str, str]


def judged(services: Services, label: LabelPlan) -> LabelPlan:
    """Give a label its hold where it goes beyond its limits, and say what its arrival would set off."""
    wish = label.wish
    left = released.left(services.mirror, wish.target, wish.label)
    label = _as_quiet_as_asked(services, label, left)
    begun = [change.action for change in label.changes if (it := left.get(_key(change))) and not it.by_person]
    label = replace(label, begun_adds=begun.count(Action.ADD), begun_removes=len(begun) - begun.count(Action.ADD))
    if _goes_on(label, left):
        return replace(label, goes_on=True, by_person=all(left[_key(change)].by_person for change in label.changes))
    lately = pushes.lately(services.mirror, wish.target, wish.label, label.ours, services.clock.now())
    return _held(label, _limits(services.settings, wish), _less(lately, label))


def with_newcomers_held(settings: Settings, planned: Iterable[LabelPlan]) -> list[LabelPlan]:
    """Hold the labels that would make more contacts in an audience, all together, than `max_new_contacts` allows.

    What goes on after a push was cut short was released with the contacts it makes, and is left out of this.
    """
    found = list(planned)
    for name, it in settings.audiences.items():
        making = [at for at, label in enumerate(found) if label.wish.target == name and _makes_anew(label)]
        people = {change.subject for at in making for change in found[at].changes if change.create}
        if it.max_new_contacts is not None and len(people) > it.max_new_contacts:
            most = f"max_new_contacts is {it.max_new_contacts:,}"
            why = f"the run would make {len(people):,} new contacts in {name}; {most}"
            for at in making:
                found[at] = _also_held(found[at], why)
    return found


def _as_quiet_as_asked(services: Services, label: LabelPlan, left: Mapping[_Key, Left]) -> LabelPlan:
    """Make a first push quiet where the audience's settings say so; what is left of a quiet one stays quiet."""
    target = services.target(label.wish.target)
    if target is None or not target.traits.starts_automations:
        return label
    audience = services.settings.audiences.get(label.wish.target)
    quiet = label.first and audience is not None and audience.quiet_first_push
    changes = tuple(
        replace(change, quiet=True)
        if change.action is Action.ADD and (quiet or ((it := left.get(_key(change))) is not None and it.quiet))
        else change
        for change in label.changes
    )
    return replace(label, changes=changes, sets_off=label.adds if label.first and not quiet else 0)


def _goes_on(label: LabelPlan, left: Mapping[_Key, Left]) -> bool:
    """Whether the changes are what is left of a push that was released and cut short, and nothing else.

    A contact that was to be made may have been, before its label reached it.
    """
    return bool(left) and all(
        (it := left.get(_key(change))) is not None and change.creation in {"", it.creation} for change in label.changes
    )


def _held(label: LabelPlan, limits: Limits, lately: Lately) -> LabelPlan:
    verdict = review(
        limits,
        lately=lately,
        ours=label.ours - len(label.ordered),
        adds=label.adds,
        removes=label.removes,
        first=label.first,
        words=OPT_OUT if label.wish.opted_out_of else LABEL,
    )
    if verdict is None:
        return label
    why = "; ".join(filter(None, (verdict.why, label.warning)))
    return replace(label, hold=_hold(label, why), only_first=verdict.only_first)


def _also_held(label: LabelPlan, why: str) -> LabelPlan:
    both = f"{label.hold.why}; {why}" if label.hold else why
    return replace(label, hold=_hold(label, both), only_first=False)


def _hold(label: LabelPlan, why: str) -> Hold:
    return Hold(
        target=label.wish.target,
        label=label.wish.label,
        segment=label.wish.segment,
        why=why,
        adds=label.adds,
        removes=label.removes,
        checksum=checksum(label.changes),
    )


def _makes_anew(label: LabelPlan) -> bool:
    return label.creates > 0 and not label.goes_on


def _less(lately: Lately, label: LabelPlan) -> Lately:
    """Leave out what is planned again here: it counts once. Of what began more than a day ago nothing is counted."""
    added, removed = lately.added - label.begun_adds, lately.removed - label.begun_removes
    return replace(lately, added=max(0, added), removed=max(0, removed))


def _limits(settings: Settings, wish: Wish) -> Limits:
    of = settings.segments[wish.segment].limits if wish.segment in settings.segments else settings.limits
    return Limits(
        max_remove=of.max_remove.fraction,
        max_add=of.max_add.fraction,
        min_size=of.min_size,
        first_push=of.first_push,
    )


def _key(change: Change) -> _Key:
    return change.subject, change.action.value
