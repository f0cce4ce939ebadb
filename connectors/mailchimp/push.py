"""Carrying out changes: first whoever has to be created, labels and all, then one call a label.

Labels that must start no automation go by a call a contact (`quietly`).

An outcome comes from where the answer names the address, never from a count or a status of 200. What an answer leaves
open is read back at once, and what the read-back leaves open is unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.halving import halved
from connectors.mailchimp.judge import NotFoundError, RefusedError
from connectors.mailchimp.labels import Labels, normalised
from connectors.mailchimp.newcomers import UNNAMED, Newcomers, Verdict
from connectors.mailchimp.price import price
from connectors.mailchimp.quietly import Quietly
from connectors.mailchimp.reasons import Reason, reason_of
from connectors.mailchimp.shapes import Labelled, Member, Tag, shaped
from connectors.mailchimp.wire import carries, contact_of, discreet
from connectors.speed import Speed
from syncd.errors import FatalError, SyncdError
from syncd.model import LABELLED, Action, Change, Contact, Outcome, OutcomeState, fold, identity
from syncd.ports import Price

_IN_DOUBT = {Action.ADD: {Reason.ALREADY}, Action.REMOVE: {Reason.ALREADY, Reason.ABSENT}}
"""Refusals that may only say that the label is as wanted already."""


class Push:
    """Writes labels of one list."""

    def __init__(
        self,
        lists: Any,
        list_id: str,
        newcomers: Newcomers,
        labels: Labels,
        quietly: Quietly,
        read: Callable[[Collection[str]], Iterator[Contact]],
        speed: Speed,
    ) -> None:
        """Write nothing yet. `lists` is the package's lists API; `read` reads subjects back; `speed` is told."""
        self._lists = lists
        self._list = list_id
        self._newcomers = newcomers
        self._labels = labels
        self._quietly = quietly
        self._read = read
        self._speed = speed

    def price(self, changes: Sequence[Change], side_by_side: int) -> Price:
        """Say what changes take, by the speed of the last ones; nothing is asked."""
        return price(changes, self._labels.was_there, self._speed.a_second, side_by_side)

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out changes and yield one outcome for each, as it ends (`syncd.ports.Target.apply`)."""
        unfit = [(change, why) for change in changes if (why := _unfit(change))]
        yield from (_outcome(change, OutcomeState.REFUSED, why) for change, why in unfit)
        yield from self._carry_out([change for change in changes if not _unfit(change)] if unfit else changes)

    def _carry_out(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        # not found is gone, for who takes a tag off: so that has to be fresh
        self._labels.doubt(change.label for change in changes if change.action is Action.REMOVE)
        told: set[int] = set()
        for outcome in self._admit(changes):
            told.add(id(outcome.change))
            yield outcome
        rest = [change for change in changes if id(change) not in told]
        yield from self._quietly.add(change for change in rest if _is_quiet(change))
        loud = (change for change in rest if not _is_quiet(change))
        for batch in _grouped(loud, lambda change: fold(change.label)).values():
            yield from self._label(batch)

    def _admit(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Create contacts; yield what came of their labels, save of those that a later call has to put on."""
        wanted = {change.subject: change for change in changes if change.create and change.action is Action.ADD}
        if not wanted:
            return
        mine = (change for change in changes if change.action is Action.ADD and change.subject in wanted)
        adds = _grouped(mine, lambda change: change.subject)
        spelt = self._spelt(mine for changes in adds.values() for mine in changes)
        labels = {
            subject: list(dict.fromkeys(spelt[fold(it.label)] for it in changes if not it.quiet))
            for subject, changes in adds.items()
        }
        try:
            for verdict in self._newcomers.admit(
                wanted, {subject: names for subject, names in labels.items() if names}
            ):
                self._learn(verdict, spelt)
                outcomes = (_admitted(change, verdict) for change in adds[verdict.subject])
                yield from (outcome for outcome in outcomes if outcome is not None)
        finally:
            self._labels.doubt(spelt.values())

    def _learn(self, verdict: Verdict, spelt: Mapping[str, str]) -> None:
        for tag in verdict.tags:
            if fold(tag.name) in spelt:
                self._labels.learn(tag)

    def _spelt(self, changes: Iterable[Change]) -> dict[str, str]:
        """Return how labels are spelt in the list, as asked for where it has none such, by folded label."""
        asked = {fold(change.label): change.label for change in changes if not change.quiet}
        return {key: found.name if (found := self._labels.find(label)) else label for key, label in asked.items()}

    def _label(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out the changes of one label."""
        label = changes[0].label
        try:
            segment = self._segment(label, changes)
        except RefusedError as refusal:
            yield from (_refused(change, refusal.words) for change in changes)
            return
        if segment is None:
            yield from map(_gone, changes)
            return
        for sent, answer in halved(changes, lambda part: self._send(label, part), RefusedError):
            if isinstance(answer, RefusedError):
                yield _refused(sent[0], answer.words)
            elif answer is None:
                yield from map(_gone, sent)
            else:
                yield from self._judged(label, sent, answer)

    def _segment(self, label: str, changes: Iterable[Change]) -> int | None:
        """Return the id of a label's segment, made if something is to be added to it; None where there is none."""
        found = self._labels.find(label)
        if found is None and any(change.action is Action.ADD for change in changes):
            found = self._labels.create(label)
        return found.id if found else None

    def _send(self, label: str, changes: Sequence[Change], *, again: bool = False) -> Labelled | None:
        """Write a label's changes; None where its segment is gone and there is nothing to take it off."""
        segment = self._segment(label, changes)
        if segment is None:
            return None
        body = {
            "members_to_add": _subjects(changes, Action.ADD),
            "members_to_remove": _subjects(changes, Action.REMOVE),
        }
        body = {name: subjects for name, subjects in body.items() if subjects}
        try:
            with self._speed.measured(len(changes)):
                answer = self._lists.batch_segment_members(body, self._list, str(segment))
            return shaped(answer, Labelled)
        except FatalError as error:
            if again or not _vanished(error):
                raise
        self._labels.forget(label)
        return self._send(label, changes, again=True)

    def _judged(self, label: str, sent: Sequence[Change], answer: Labelled) -> Iterator[Outcome]:
        tag = self._labels.find(label)
        done = {
            Action.ADD: {member.subject: member for member in answer.members_added},
            Action.REMOVE: {member.subject: member for member in answer.members_removed},
        }
        said = {identity(address): each.error for each in answer.errors for address in each.email_addresses}
        doubtful: list[tuple[Change, str]] = []
        for change in sent:
            member = done[change.action].get(change.subject)
            words = said.get(change.subject)
            if member is not None and _renamed(member, tag, label):
                self._labels.forget(label)
                doubtful.append((change, "the tag has another name in Mailchimp now"))
            elif member is not None:
                yield _named(change, member)
            elif words is None or reason_of(words) in _IN_DOUBT[change.action]:
                doubtful.append((change, words or UNNAMED))
            else:
                yield _refused(change, words)
        if doubtful:
            yield from self._looked_up(doubtful)

    def _looked_up(self, doubtful: Sequence[tuple[Change, str]]) -> Iterator[Outcome]:
        """Read back what an answer leaves open. The write was made, so a reading that fails leaves it unknown."""
        found: dict[str, Contact] = {}
        complete = False
        try:
            found.update((contact.subject, contact) for contact in self._read({each.subject for each, _ in doubtful}))
            complete = True
        except SyncdError:
            pass
        for change, words in doubtful:
            contact = found.get(change.subject)
            if contact is None and not complete:
                yield _outcome(change, OutcomeState.UNKNOWN, words)
            else:
                yield _settled(change, words, contact)


def _admitted(change: Change, verdict: Verdict) -> Outcome | None:
    """Say what came of a label that a newcomer was to begin with; None where it is still to be put on."""
    if verdict.contact is not None and carries(verdict.contact, change.label):
        return _outcome(change, OutcomeState.APPLIED, contact=verdict.contact)
    if verdict.state is OutcomeState.APPLIED:
        return None
    return Outcome(
        change=change, state=verdict.state, answer=verdict.answer, contact=verdict.contact, final=verdict.final
    )


def _is_quiet(change: Change) -> bool:
    return change.quiet and change.action is Action.ADD


def _unfit(change: Change) -> str:
    """Say why a change cannot be sent at all; nothing for one that can."""
    if "@" not in change.subject or identity(change.subject) != change.subject:
        return "this is not an e-mail address"
    try:
        normalised(change.label)
    except ValueError as error:
        return str(error)
    return ""


def _settled(change: Change, words: str, contact: Contact | None) -> Outcome:
    """Say what a read-back proves of a change; `contact` is None for somebody who is not in the audience."""
    there = contact is not None and carries(contact, change.label)
    if there == (change.action is Action.ADD):
        return _outcome(change, OutcomeState.APPLIED, contact=contact)
    if contact is None:
        return _outcome(change, OutcomeState.REFUSED, "the address is not in the audience")
    if contact.status not in LABELLED:
        return _outcome(change, OutcomeState.REFUSED, f"the contact is {contact.status} and took no tag", contact)
    return _outcome(change, OutcomeState.UNKNOWN, words, contact)


def _named(change: Change, member: Member) -> Outcome:
    """The answer names the change as applied; the member beside it may be older than that, or cut short."""
    contact = contact_of(member)
    if member.tags_are_whole and carries(contact, change.label) == (change.action is Action.ADD):
        return _outcome(change, OutcomeState.APPLIED, contact=contact)
    return Outcome(change=change, state=OutcomeState.APPLIED, changed_at=contact.changed_at or None)


def _gone(change: Change) -> Outcome:
    """There is no such tag in the audience, so nobody carries it."""
    return _outcome(change, OutcomeState.APPLIED)


def _refused(change: Change, words: str) -> Outcome:
    state = OutcomeState.FAILED if reason_of(words) is Reason.LATER else OutcomeState.REFUSED
    return _outcome(change, state, words)


def _outcome(change: Change, state: OutcomeState, words: str = "", contact: Contact | None = None) -> Outcome:
    return Outcome(
        change=change,
        state=state,
        answer=discreet(words, change.email.strip(), change.subject),
        changed_at=contact.changed_at if contact else None,
        labels=contact.labels if contact else None,
        contact=contact,
    )


def _subjects(changes: Iterable[Change], action: Action) -> list[str]:
    return list(dict.fromkeys(change.subject for change in changes if change.action is action))


def _renamed(member: Member, known: Tag | None, label: str) -> bool:
    return known is not None and any(it.id == known.id and fold(it.name) != fold(label) for it in member.tags or ())


def _vanished(error: FatalError) -> bool:
    """Whether the segment's id is no longer good: Mailchimp says so with a 404, or with a 400 in prose."""
    if isinstance(error, RefusedError):
        return re.search(r"static segment.*does not exist", error.words, re.IGNORECASE) is not None
    return isinstance(error, NotFoundError)


def _grouped(changes: Iterable[Change], by: Callable[[Change], str]) -> dict[str, list[Change]]:
    groups: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[by(change)].append(change)
    return groups
