"""Push: carry out a plan, batch by batch, and believe only what the answers say (law 3).

Before a batch goes out, its additions stand in the ledger as `sending`. Each outcome is carried into the ledger and
the mirror as it comes. What stays unknown is read back before anything else is done about it: here, and, after a
crash, before the next plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from syncd import log
from syncd.clock import Clock
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.mirror import ledger, optouts, positions, pushes, released, runs, turned_away, undone
from syncd.mirror.database import of_the_file
from syncd.mirror.stores import OwnedLabel, carried, give_up, saw_contact, saw_customer, take_charge
from syncd.model import Action, Change, Contact, ContactStatus, Instant, Outcome, OutcomeState, fold
from syncd.plan import LabelPlan, Plan
from syncd.plan.batches import batches
from syncd.ports import Progress, Target

SETTLE = 200
"""Outcomes carried into the mirror in one transaction."""


def push(services: Services, plan: Plan, report: Report, lifted: Collection[tuple[str, str]]) -> set[str]:
    """Apply the plan, target by target; one that fails leaves the others alone.

    `lifted` are the (target, label) pairs whose hold a person lifted. Whatever is held, what the exclusion list orders
    goes out, and what has lapsed is given up: a claim on somebody who is gone would keep them from being erased.

    Returns:
        The targets at which something was written.
    """
    for label in plan.labels:
        undone.keep_only(services.mirror, label.wish, label.freed)
        ledger.lapse(services.mirror, label.wish.target, label.wish.label, label.lapsing)
    ready = [label for label in plan.labels if label.hold is None or _key(label) in lifted]
    return _push(services, ready, [change for label in plan.labels for change in label.ordered], report, lifted)


def carry_out(services: Services, changes: Sequence[Change], report: Report) -> set[str]:
    """Apply changes that no plan of their labels is made for, and that leave what is known of the labels as it is.

    Returns:
        The targets at which something was written.
    """
    return _push(services, [], changes, report, ())


def _push(
    services: Services,
    ready: Sequence[LabelPlan],
    ordered: Sequence[Change],
    report: Report,
    lifted: Collection[tuple[str, str]],
) -> set[str]:
    written: set[str] = set()
    for name in sorted({label.wish.target for label in ready} | {change.target for change in ordered}):
        target = services.target(name)
        if target is not None:
            pusher = _Pusher(services, target, report, lifted)
            pusher.push(
                [label for label in ready if label.wish.target == name],
                [change for change in ordered if change.target == name],
            )
            if pusher.wrote:
                written.add(name)
    return written


def read_back(services: Services, name: str, report: Report) -> str:
    """Find out what became of additions that a crash or a lost answer left in doubt.

    Returns:
        Why it could not be found out; the target is then left alone in this cycle.
    """
    target = services.target(name)
    doubtful = ledger.in_doubt(services.mirror, name)
    if target is None or not doubtful:
        return ""
    try:
        _read_back(services, target, doubtful, note=ledger.note_found)
    except SyncdError as error:
        report.fail("plan", f"read back {name}", error)
        return error.message
    log.get().info("read_back", target=name, subjects=len(doubtful))
    return ""


def _read_back(
    services: Services, target: Target, subjects: Sequence[str], note: Callable[..., None] = lambda *_: None
) -> dict[str, Contact]:
    """Read subjects at the target itself, and settle what was in doubt about them; `note` is told what is there."""
    seen = {contact.subject: contact for contact in target.read(subjects)}
    with services.mirror.transaction():
        for subject in subjects:
            contact = seen.get(subject)
            if contact is not None:
                _saw(services, target, contact)
            held = {fold(label) for label in contact.labels} if contact else set()
            note(services.mirror, target.name, subject, held)
            ledger.resolve(services.mirror, target.name, subject, held)
    return seen


def _saw(services: Services, target: Target, contact: Contact) -> None:
    if target.traits.subject == "customer":
        saw_customer(services.mirror, target.name, contact.subject, contact.labels)
    else:
        saw_contact(services.mirror, target.name, contact)


def _key(label: LabelPlan) -> tuple[str, str]:
    return label.wish.target, label.wish.label


class _Pusher:
    """Applies one target's part of a plan."""

    def __init__(self, services: Services, target: Target, report: Report, lifted: Collection[tuple[str, str]]) -> None:
        self._services = services
        self._lifted = lifted
        self._mirror = services.mirror
        self._clock: Clock = services.clock
        self._target = target
        self._report = report
        self._done = 0
        self._outage = False
        self.wrote = False
        self._ordered: set[tuple[str, str]] = set()
        self._unfinished: set[str] = set()
        self._made: set[str] = set()

    def push(self, planned: Sequence[LabelPlan], ordered: Sequence[Change] = ()) -> None:
        for label in planned:
            self._take_charge(label, by_person=label.by_person or label.first or _key(label) in self._lifted)
        self._ordered = {(change.label, change.subject) for change in ordered}
        changes = [change for label in planned for change in label.changes]
        try:
            for batch in batches(ordered, changes, self._target.traits):
                self._apply([self._known_by_now(change) for change in batch], len(ordered) + len(changes))
        except SyncdError as error:
            self._failed(error)
            return
        except Exception as error:  # one service's odd answer must not end the others' cycle
            if of_the_file(error):
                raise
            log.get().debug("push_failed_oddly", target=self._target.name, exc_info=True)
            words = f"{self._target.name}: an answer was not understood ({type(error).__name__})"
            self._failed(FatalError(words, hint="the next sync looks what became of it"))
            return
        for label in planned:
            self._finish(label)

    def _failed(self, error: SyncdError) -> None:
        self._report.fail("push", self._target.name, error)
        log.get().warning("push_failed", target=self._target.name, why=error.message)

    def _take_charge(self, label: LabelPlan, *, by_person: bool) -> None:
        """Note that the push begins, and what needs no call: what is adopted."""
        wish = label.wish
        now = self._clock.now()
        if not label.first or label.changes or label.owning:  # of nobody, it would use the first push up
            take_charge(self._mirror, OwnedLabel(wish.target, wish.label, wish.segment, now))
        with self._mirror.transaction():
            released.begin(self._mirror, wish.target, wish.label, label.changes, by_person=by_person)
            if label.changes:
                pushes.begin(self._mirror, _noted(label, self._report.run, now, by_person=by_person))
        ledger.own(self._mirror, wish.target, wish.label, label.owning, wish.segment, self._report.run, now)

    def _known_by_now(self, change: Change) -> Change:
        """Leave out the making of a contact whom an earlier batch of this push made."""
        if change.create is None or change.subject not in self._made:
            return change
        return msgspec.structs.replace(change, create=None)

    def _finish(self, label: LabelPlan) -> None:
        if label.wish.label not in self._unfinished and label.wish.withdrawn:
            give_up(self._mirror, label.wish.target, label.wish.label)

    def _apply(self, batch: Sequence[Change], total: int) -> None:
        """Send one batch and settle it. An error of the whole call goes on up once what is known was settled.

        Anything worse (a kill, an interrupt) settles nothing more: what was sent stays in doubt until the next cycle.
        """
        ledger.intend(self._mirror, batch, self._report.run, self._clock.now())
        waiting: list[Outcome] = []
        unknown: list[Outcome] = []
        pending = {(change.label, change.subject, change.action): change for change in batch}
        outcomes = iter(self._target.apply(batch))
        while True:
            # only the target's own errors are judged here: one of the mirror's settles nothing, as a kill does
            try:
                outcome = next(outcomes, None)
            except SyncdError as error:
                self._outage = True
                self._end(waiting, unknown, pending.values(), _fate(error), total)
                raise
            if outcome is None:
                break
            change = outcome.change
            pending.pop((change.label, change.subject, change.action), None)
            (unknown if outcome.state is OutcomeState.UNKNOWN else waiting).append(outcome)
            if len(waiting) >= SETTLE:
                self._settle(waiting, total)
                waiting = []
        self._end(waiting, unknown, pending.values(), OutcomeState.UNKNOWN, total)

    def _end(
        self,
        waiting: list[Outcome],
        unknown: list[Outcome],
        unnamed: Iterable[Change],
        fate: OutcomeState,
        total: int,
    ) -> None:
        """Settle what is left of a batch; changes that no outcome named share its fate."""
        left = [Outcome(change=change, state=fate, answer="no answer came") for change in unnamed]
        (unknown if fate is OutcomeState.UNKNOWN else waiting).extend(left)
        self._settle(waiting, total)
        self._clear_up(unknown, total)

    def _settle(self, outcomes: Sequence[Outcome], total: int) -> None:
        """Carry outcomes into ledger, mirror, history and report, in one transaction."""
        now = self._clock.now()
        with self._mirror.transaction():
            for outcome in outcomes:
                if outcome.state is OutcomeState.REFUSED:
                    basis = positions.basis(self._mirror, self._target.name, outcome.change.subject)
                    turned = outcome.change.create is not None and outcome.contact is None
                    keep = turned_away.note if turned else ledger.refuse
                    keep(self._mirror, outcome, basis, self._report.run, now)
                    if (outcome.change.label, outcome.change.subject) not in self._ordered:
                        pushes.strike(self._mirror, outcome.change)
                elif outcome.state is OutcomeState.FAILED and not self._outage:
                    basis = positions.basis(self._mirror, self._target.name, outcome.change.subject)
                    ledger.postpone(self._mirror, outcome, basis, self._report.run, now)
                self._carry(outcome)
            ledger.settle(self._mirror, outcomes)
            released.settle(self._mirror, outcomes)
            runs.log(self._mirror, self._report.run, now, outcomes)
        for outcome in outcomes:
            first = outcome.change.create is not None and outcome.change.subject not in self._made
            self._report.count(outcome, created=first)
            self.wrote |= outcome.state is OutcomeState.APPLIED
            if first and outcome.state is OutcomeState.APPLIED:
                self._made.add(outcome.change.subject)
            if outcome.state in {OutcomeState.FAILED, OutcomeState.UNKNOWN}:
                self._unfinished.add(outcome.change.label)
        self._done += len(outcomes)
        self._services.progress(Progress(f"labels of {self._target.name}", self._done, total))

    def _carry(self, outcome: Outcome) -> None:
        """Let the mirror show what the answer shows of the subject."""
        to_customer = self._target.traits.subject == "customer"
        if outcome.contact is not None:
            _saw(self._services, self._target, outcome.contact)
        elif outcome.labels is not None and to_customer:
            saw_customer(self._mirror, self._target.name, outcome.change.subject, outcome.labels)
        elif outcome.state is OutcomeState.APPLIED and outcome.change.action is Action.OPT_OUT:
            optouts.carried(self._mirror, outcome.change)
        elif outcome.state is OutcomeState.APPLIED:
            carried(self._mirror, outcome.change, to_customer=to_customer)

    def _clear_up(self, unknown: Sequence[Outcome], total: int) -> None:
        """Read back what no answer named. What cannot be read back now stays in doubt until the next cycle."""
        if not unknown:
            return
        try:
            seen = _read_back(self._services, self._target, sorted({it.change.subject for it in unknown}))
        except SyncdError:
            self._settle(unknown, total)
            return
        self._settle([_as_seen(outcome, seen.get(outcome.change.subject)) for outcome in unknown], total)


def _noted(label: LabelPlan, run: int, at: Instant, *, by_person: bool) -> pushes.Push:
    return pushes.Push(
        target=label.wish.target,
        label=label.wish.label,
        run=run,
        at=at,
        ours=label.ours,
        adds=label.adds,
        removes=label.removes,
        again_adds=label.begun_adds,
        again_removes=label.begun_removes,
        by_person=by_person,
    )


def _as_seen(outcome: Outcome, contact: Contact | None) -> Outcome:
    """Judge an unknown outcome by what was read back."""
    if outcome.change.action is Action.OPT_OUT:
        done = contact is not None and contact.status is ContactStatus.UNSUBSCRIBED
        # the contact stays behind: it would tell the tags, and hide what is to be carried of the consent
        return msgspec.structs.replace(outcome, state=OutcomeState.APPLIED if done else OutcomeState.FAILED)
    label = fold(outcome.change.label)
    there = contact is not None and label in {fold(held) for held in contact.labels}
    wanted = outcome.change.action is Action.ADD
    state = OutcomeState.APPLIED if there == wanted else OutcomeState.FAILED
    return msgspec.structs.replace(outcome, state=state, contact=contact)


def _fate(error: SyncdError) -> OutcomeState:
    """What an error of the whole call means for the changes not yet answered: unknown, unless surely not applied."""
    sure = isinstance(error, CredentialsError) or (isinstance(error, RetriableError) and not error.unknown_fate)
    return OutcomeState.FAILED if sure else OutcomeState.UNKNOWN
