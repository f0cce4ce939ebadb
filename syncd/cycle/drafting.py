"""Drafting: what is to be done about each label, looking only at whom something changed of since it was last planned.

What cannot be told from that is looked at in full, by itself: a label that was never planned, or by another wish or
other settings; a first load, an erasure, a restored mirror; a run that was asked for everything. Both ways give the
same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import msgspec

from syncd import log
from syncd.cycle.optouts import opt_outs
from syncd.cycle.services import Services
from syncd.mirror import candidates, exclusions, ledger, membership, planned, positions, touched, undone
from syncd.mirror.candidates import Follower
from syncd.mirror.optouts import consenting
from syncd.mirror.planned import Book, Planned
from syncd.mirror.stores import known as known_stores
from syncd.model import Wish, fold
from syncd.plan import LabelPlan, NewContacts, draft

_Key = tuple[str, str]


class _Group(msgspec.Struct, frozen=True):
    """Labels of which one look tells whom something changed of."""

    target: str
    audience: str
    seen: int
    run: int


class Drafter:
    """Drafts the labels of one run. What changes while it is at work belongs to the next one."""

    def __init__(self, services: Services, run: int, *, whole: bool) -> None:
        """End a generation of changes. `whole` looks at everybody, whatever is known."""
        self._services = services
        self._mirror = services.mirror
        self._run = run
        self._whole = whole
        with self._mirror.transaction():
            self._seen = touched.close(self._mirror)
        self._known = planned.known(self._mirror)
        self._began = {(it.segment, it.store): it.began_run for it in membership.standings(self._mirror)}
        self._list = exclusions.held(self._mirror)
        self._followed: dict[_Key, Planned] = {}
        self._customers_noted = False

    def gather(self, wishes: Collection[Wish]) -> None:
        """Find out, for all labels that are going to be drafted, who is to be looked at."""
        candidates.begin(self._mirror)
        groups: dict[_Group, list[Follower]] = defaultdict(list)
        for wish in wishes:
            label = self._known.get(_key(wish))
            if label is not None and label.seen is not None and not self._whole and label.basis == self._basis(wish):
                group = _Group(wish.target, wish.opted_out_of, label.seen, label.run)
                groups[group].append(Follower(label.id, wish))
        for group, labels in groups.items():
            if self._gathered(group, labels):
                self._followed |= {_key(it.wish): self._known[_key(it.wish)] for it in labels}
        in_full = sorted(f"{wish.target}: {wish.label}" for wish in wishes if self.in_full(wish))
        log.get().debug("planned", followed=len(self._followed), in_full=in_full)

    def in_full(self, wish: Wish) -> bool:
        """Tell whether everybody is looked at for a label."""
        return _key(wish) not in self._followed

    def drafted(self, wish: Wish) -> LabelPlan:
        """Return what is to be done about a label: no limit is looked at yet."""
        label = self._followed.get(_key(wish))
        if label is not None and not candidates.among(self._mirror, label.id):
            left_out = planned.left_out(self._mirror, label.id)
            return LabelPlan(wish=wish, left_out=left_out, ours=self._ours(wish, changes=False))
        number = label.id if label else None
        if number is None and not self._customers_noted:
            exclusions.note_customers(self._mirror)
            self._customers_noted = True
        now = self._services.clock.now()
        with self._mirror.transaction():
            label = self._known.get(_key(wish)) or planned.begin(self._mirror, wish.target, wish.label, self._run, now)
            book = Book(self._mirror, label)
            plan = self._without_refused(self._looked_at(wish, number, book), number, book)
            book.keep(self._basis(wish), self._seen, self._run, now, whole=number is None)
            left_out = book.left_out()
        return msgspec.structs.replace(plan, left_out=left_out, ours=self._ours(wish, changes=bool(plan.everything)))

    def done(self) -> None:
        """Note that everything was looked at of whom nothing changed."""
        numbers = [it.id for it in self._followed.values()]
        planned.looked(self._mirror, numbers, self._seen, self._run, self._services.clock.now())

    def _basis(self, wish: Wish) -> str:
        """Return what tells that a label is planned by the same things as before."""
        began = [(store, self._began.get((wish.segment, store))) for store in wish.stores]
        return planned.digest(
            undone.basis(wish), wish.label, wish.feeding, wish.opted_out_of, self._new_contacts(wish), self._list, began
        )

    def _gathered(self, group: _Group, labels: list[Follower]) -> bool:
        """Find out whom something changed of; False where that cannot be told."""
        mirror, stores = self._mirror, sorted(known_stores(self._mirror))
        audience = group.target in self._services.audiences
        owners = {group.target, group.audience or group.target, *(stores if audience else ())}
        if candidates.unknown(mirror, owners, group.seen):
            return False
        if group.audience:
            for it in labels:
                candidates.gather_opt_outs(mirror, group.target, group.audience, it, group.seen)
        elif audience:
            candidates.gather_of_audience(mirror, group.target, stores, labels, group.seen, group.run)
        else:
            candidates.gather_of_store(mirror, group.target, labels, group.seen, group.run)
        return True

    def _looked_at(self, wish: Wish, number: int | None, book: Book) -> LabelPlan:
        if wish.opted_out_of:
            return opt_outs(self._mirror, wish, number, book.note)
        of = positions.of_audience if wish.target in self._services.audiences else positions.of_store
        found = of(self._mirror, wish, number)
        profile = lambda subject: positions.profile(self._mirror, subject, wish.feeding)  # noqa: E731
        return draft(wish, found, self._new_contacts(wish), profile, book.note)

    def _new_contacts(self, wish: Wish) -> NewContacts | None:
        audience = self._services.settings.audiences.get(wish.target)
        return NewContacts(audience.new_contacts) if audience else None

    def _ours(self, wish: Wish, *, changes: bool) -> int:
        if wish.opted_out_of:
            return consenting(self._mirror, wish.target, wish.opted_out_of) if changes else 0
        return ledger.owned(self._mirror, wish.target, wish.label)

    def _without_refused(self, label: LabelPlan, number: int | None, book: Book) -> LabelPlan:
        """Leave out what the service refused or what failed lately, unless something about the subject changed since.

        Of an audience's refusals everything that they go by is noted when it changes; of a store's, tags and all, not.
        """
        wish, now = label.wish, self._services.clock.now()
        standing = ledger.standing(self._mirror, wish.target, wish.label, number)
        if not standing:
            return label
        wanted = {(change.subject, change.action.value) for change in label.everything}
        ledger.forget_refusals(self._mirror, wish.target, wish.label, standing.keys() - wanted)
        stopped = {
            pair: found
            for pair, found in standing.items()
            if pair in wanted and found.holds(positions.basis(self._mirror, wish.target, pair[0]), now)
        }
        for (subject, _), it in stopped.items():
            settled = it.next_at is None and wish.target in self._services.audiences
            book.note(subject, _stopped_by(it), settled=settled)
        changes, ordered = (
            tuple(change for change in some if (change.subject, change.action.value) not in stopped)
            for some in (label.changes, label.ordered)
        )
        return msgspec.structs.replace(label, changes=changes, ordered=ordered)


def _stopped_by(it: ledger.Standing) -> str:
    return "refused by the service" if it.next_at is None else "failed lately; tried again later"


def _key(wish: Wish) -> _Key:
    return wish.target, fold(wish.label)
