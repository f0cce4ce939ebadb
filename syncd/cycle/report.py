"""What a run did, as `--json` prints it and as the mirror keeps it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from syncd.clock import Clock
from syncd.cycle.left_behind import LeftBehind
from syncd.errors import CredentialsError, RetriableError, SyncdError
from syncd.mirror.drift import Drift
from syncd.model import Action, ContactStatus, Hold, Outcome, OutcomeState

if TYPE_CHECKING:
    from syncd.mirror.doubts import Doubt
    from syncd.plan import LabelPlan, Plan

Result = Literal["done", "partial", "held", "failed", "interrupted"]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a run that failed while the rest went on.

    Attributes:
        stage: `check`, `pull`, `evaluate`, `plan`, `push` or `backup`.
        where: The store or audience, and what of it.
        kind: `credentials`, `connection` or `other`: what the exit code goes by.
        hint: What to do next.
    """

    stage: str
    where: str
    message: str
    kind: Literal["credentials", "connection", "other"]
    hint: str = ""


class Cost(msgspec.Struct, frozen=True):
    """What the changes planned for a target take: requests, points where it counts them, seconds by its last speed."""

    target: str
    changes: int
    calls: int
    points: float | None
    seconds: float


class Throttled(msgspec.Struct, frozen=True):
    """How a service held a run back: waits and their seconds in all, and the points that were left at the end."""

    waits: int
    waited: float
    left: float | None


class LookedAt(msgspec.Struct):
    """Of whom a store's segments were evaluated.

    Attributes:
        asked: How many customers were asked one by one, because they changed or time did something to them, of
            the segments that most were asked about.
        in_full: The segments of which everybody was looked at, and why.
    """

    asked: int = 0
    in_full: dict[str, str] = {}


class Report(msgspec.Struct, kw_only=True):
    """What a run did. Grows while the run goes on.

    Attributes:
        pulled: Rows read, by store or audience and kind.
        removed: Rows deleted because the service no longer has them, likewise.
        drift: Labels whose carriers were not those whom we know of, where all were compared.
        moved: Who entered and left each segment.
        looked_at: Of whom segments were evaluated, by store.
        kept: Segments that kept their last membership, and why, by segment and store.
        held: What waits for a person: labels, and changes of consent that are doubted (without a label).
        left_out: People who were wanted but may not be labelled, by target, label and reason.
        left_behind: Labels at stores and audiences that the settings no longer have.
        calls: Requests made, by store or audience and by what they were for.
        throttled: How each service held the run back.
        checksum: Of the plan.
        costs: What the plan takes at each target, where it was made to be looked at.
        seconds: How long it took.
        stages: Seconds of that, by stage.
        undoes: The run that this one undoes; None for any but an undo.
        stays: What of that run cannot be taken back, one sentence each.
    """

    run: int = 0
    result: Result = "done"
    pulled: dict[str, dict[str, int]] = {}
    removed: dict[str, dict[str, int]] = {}
    drift: list[Drift] = []
    moved: dict[str, dict[str, int]] = {}
    looked_at: dict[str, LookedAt] = {}
    kept: list[dict[str, str]] = []
    applied: dict[str, int] = msgspec.field(default_factory=lambda: {"add": 0, "remove": 0})
    created: int = 0
    refused: int = 0
    unknown: int = 0
    failed: int = 0
    held: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    left_behind: list[LeftBehind] = []
    failures: list[Failure] = []
    calls: dict[str, dict[str, int]] = {}
    throttled: dict[str, Throttled] = {}
    checksum: str = ""
    costs: list[Cost] = []
    seconds: float = 0.0
    stages: dict[str, float] = {}
    undoes: int | None = None
    stays: list[str] = []

    def count(self, outcome: Outcome, *, created: bool) -> None:
        """Count what came of one change; `created` where it was to make a contact that was not made before."""
        if outcome.state is OutcomeState.APPLIED:
            action = outcome.change.action.value
            self.applied[action] = self.applied.get(action, 0) + 1
            self.created += created
        elif outcome.state is OutcomeState.REFUSED:
            self.refused += 1
        elif outcome.state is OutcomeState.UNKNOWN:
            self.unknown += 1
        else:
            self.failed += 1

    def note_evaluated(self, store: str, asked: int, in_full: Mapping[str, str]) -> None:
        """Note of whom a level of a store's segments was evaluated."""
        found = self.looked_at.setdefault(store, LookedAt())
        found.asked = max(found.asked, asked)
        found.in_full.update(in_full)

    @contextmanager
    def stage(self, name: str, clock: Clock) -> Iterator[None]:
        """Measure how long a stage takes; one that comes up twice counts together."""
        began = clock.monotonic()
        try:
            yield
        finally:
            self.stages[name] = round(self.stages.get(name, 0.0) + clock.monotonic() - began, 3)

    def fail(self, stage: str, where: str, error: SyncdError) -> None:
        """Note that a part failed."""
        self.failures.append(
            Failure(stage=stage, where=where, message=error.message, kind=kind_of(error), hint=error.hint)
        )

    def conclude(self) -> None:
        """Settle the result from what was noted (law 4: no false success)."""
        if self.failures or self.kept or self.unknown or self.failed:
            worked = bool(self.pulled) or any(self.applied.values())
            self.result = "partial" if worked else "failed"
        elif self.held:
            self.result = "held"
        else:
            self.result = "done"

    def to_json(self) -> bytes:
        """Return it as `syncd sync --json` prints it."""
        return msgspec.json.encode(self)


def kind_of(error: SyncdError) -> Literal["credentials", "connection", "other"]:
    """Say whether an error is one of credentials, of the connection, or another."""
    if isinstance(error, CredentialsError):
        return "credentials"
    return "connection" if isinstance(error, RetriableError) else "other"


def exit_code(report: Report) -> int:
    """Return 0 done, 1 done in part or failed, 3 held, 4 where nothing but credentials or connections failed."""
    if report.result == "done":
        return 0
    if report.result == "held":
        return 3
    only_access = report.failures and all(failure.kind != "other" for failure in report.failures)
    return 4 if only_access and not report.failed and not report.unknown else 1


def held_rows(holds: list[Hold]) -> list[dict[str, Any]]:
    """Return what waits for a person as JSON has it."""
    return [
        {
            "segment": hold.segment,
            "target": hold.target,
            "label": hold.label,
            "why": hold.why,
            "adds": hold.adds,
            "removes": hold.removes,
            "run": hold.run,
        }
        for hold in holds
    ]


def doubt_rows(found: list[Doubt]) -> list[dict[str, Any]]:
    """Return doubted changes of consent as JSON has what waits for a person; no label, for they concern all."""
    return [
        {
            "segment": "",
            "target": it.owner,
            "label": "",
            "why": f"{it.flips:,} {'customers' if it.side == 'store' else 'contacts'} went over to "
            f"{'SUBSCRIBED' if it.side == 'store' else 'subscribed'} at once, as if an app had written it; "
            "not believed before you have looked (syncd audit)",
            "adds": 0,
            "removes": 0,
            "people": it.flips,
            "run": it.run,
        }
        for it in found
    ]


def plan_document(plan: Plan, report: Report) -> dict[str, Any]:
    """Return a plan as `syncd plan --json` prints it."""
    changes = [row for label in plan.labels for row in _change_rows(label)]
    counts = {
        "add": sum(change.action is Action.ADD for change in plan.changes),
        "remove": sum(change.action is Action.REMOVE for change in plan.changes),
        "opt-out": sum(change.action is Action.OPT_OUT for change in plan.changes),
        **_newcomers(plan),
        "untouched": sum(row["people"] for row in report.left_out),
        "held": sum(label.adds + label.removes for label in plan.labels if label.hold),
    }
    return {
        "checksum": plan.checksum,
        "run": report.run,
        "changes": changes,
        "held": report.held,
        "counts": counts,
        "costs": msgspec.to_builtins(report.costs),
        "automations": [
            {
                "target": label.wish.target,
                "label": label.wish.label,
                "people": label.sets_off,
                "why": label.warning,
            }
            for label in plan.labels
            if label.sets_off
        ],
        "left_out": report.left_out,
        "left_behind": msgspec.to_builtins(report.left_behind),
        "kept": report.kept,
        "failures": msgspec.to_builtins(report.failures),
    }


def newcomers(plan: Plan) -> dict[str, Counter[str]]:
    """Count the contacts that a plan makes, by audience and by the status they get: each person once."""
    found = {(it.target, it.subject): it.creation for label in plan.labels for it in label.everything if it.creation}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (target, _), status in found.items():
        counts[target][status] += 1
    return dict(counts)


def _newcomers(plan: Plan) -> dict[str, int]:
    made = sum(newcomers(plan).values(), Counter[str]())
    return {
        "create": made.total(),
        "new_subscribed": made[ContactStatus.SUBSCRIBED],
        "new_transactional": made[ContactStatus.TRANSACTIONAL],
    }


def _change_rows(label: LabelPlan) -> Iterator[dict[str, Any]]:
    urgent = {change.subject for change in label.ordered}
    for change in label.everything:
        yield {
            "target": change.target,
            "label": change.label,
            "segment": change.segment,
            "subject": change.subject,
            "email": change.email,
            "action": change.action.value,
            "reason": change.reason,
            "creates": change.create.status.value if change.create else None,
            "held": label.hold is not None and change.subject not in urgent,
        }
