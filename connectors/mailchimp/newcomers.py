"""Creating contacts: the one write that touches consent.

The batch call goes without `status`, `sync_tags` or `update_existing`: whoever is in the audience already, in
whatever state, is named as existing and left exactly as they are. A contact is created with its first labels, so that
a first push takes one call for five hundred people and not two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connectors.halving import halved
from connectors.mailchimp.judge import RefusedError
from connectors.mailchimp.reasons import Reason, reason_of
from connectors.mailchimp.shapes import Created, Tag, TurnedAway, shaped
from connectors.mailchimp.wire import contact_of, discreet, newcomer
from connectors.speed import Speed
from syncd.errors import SyncdError
from syncd.model import LABELLED, Change, Contact, ContactStatus, OutcomeState, identity

UNNAMED = "Mailchimp's answer does not name the address"


class Verdict(msgspec.Struct, frozen=True):
    """What came of creating one contact.

    Attributes:
        state: APPLIED where the contact is in the audience and may be given labels; else what its changes end as.
        answer: Mailchimp's own words, without the address.
        contact: The contact, where the answer or a read-back shows it.
        final: Whether only the person can come back.
        tags: The tags with which the contact was created, as the answer shows them.
    """

    subject: str
    state: OutcomeState
    answer: str = ""
    contact: Contact | None = None
    final: bool = False
    tags: Sequence[Tag] = ()


class Newcomers:
    """Brings people into one list who are not there yet."""

    def __init__(
        self,
        lists: Any,
        list_id: str,
        merge_fields: Mapping[str, str],
        archived: Callable[[Collection[str]], Mapping[str, Contact]],
        read: Callable[[Collection[str]], Iterator[Contact]],
        way_back: Callable[[], str],
        speed: Speed,
    ) -> None:
        """Create nobody yet.

        Args:
            lists: The package's lists API.
            list_id: The list.
            merge_fields: Which of a customer's fields fill which merge field.
            archived: Tells who of some subjects is in the list's archive.
            read: Reads subjects back.
            way_back: Says how somebody comes back whom only their own hand can bring back.
            speed: Is told how long it took.
        """
        self._lists = lists
        self._list = list_id
        self._merge_fields = merge_fields
        self._archived = archived
        self._read = read
        self._way_back = way_back
        self._speed = speed

    def admit(self, wanted: Mapping[str, Change], labels: Mapping[str, Sequence[str]]) -> Iterator[Verdict]:
        """Create contacts, given by subject with a change that says how, and yield a verdict on each.

        `labels` are those to begin with, by subject; the verdict's contact shows which of them were taken.
        """
        archived = self._archived(wanted.keys())
        new = []
        for subject, change in wanted.items():
            if subject in archived:
                yield _left_alone(subject, archived[subject])
            elif change.create is None or change.create.status not in LABELLED:
                yield Verdict(subject, OutcomeState.REFUSED, "a contact is created as subscribed or transactional only")
            else:
                new.append(change)
        for sent, answer in self._created(new, labels):
            if isinstance(answer, RefusedError):
                yield self._turned_away(sent[0], answer.words)
            else:
                yield from self._judged(sent, answer)

    def _created(
        self, new: Sequence[Change], labels: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Sequence[Change], Created | RefusedError]]:
        """Create contacts with their labels; without them where it may be for a label that none is taken."""
        if not new:
            return
        if labels:
            try:
                answer = self._send(new, labels)
            except RefusedError:
                pass
            else:
                if answer.new_members or answer.updated_members or not _refused_alike(new, answer):
                    yield new, answer
                    return
        yield from halved(new, lambda part: self._send(part, {}), RefusedError)

    def _send(self, changes: Sequence[Change], labels: Mapping[str, Sequence[str]]) -> Created:
        members = [newcomer(change, self._merge_fields, labels.get(change.subject, ())) for change in changes]
        body = {"members": members, "update_existing": False}
        with self._speed.measured(len(changes)):
            answer = self._lists.batch_list_members(self._list, body, skip_merge_validation=True)
        return shaped(answer, Created)

    def _judged(self, sent: Sequence[Change], answer: Created) -> Iterator[Verdict]:
        there = {member.subject: member for member in (*answer.new_members, *answer.updated_members)}
        turned = {identity(each.email_address): each for each in answer.errors}
        doubtful: dict[str, TurnedAway | None] = {}
        for change in sent:
            error = turned.get(change.subject)
            if error is not None and not _exists(error):
                yield self._turned_away(change, error.words)
            elif error is None and change.subject in there:
                member = there[change.subject]
                yield msgspec.structs.replace(_seen(change.subject, contact_of(member)), tags=member.tags or ())
            else:
                doubtful[change.subject] = error
        yield from self._looked_up(doubtful)

    def _looked_up(self, doubtful: Mapping[str, TurnedAway | None]) -> Iterator[Verdict]:
        """Read back who is said to exist, or is not named at all."""
        found: dict[str, Contact] = {}
        if_missing = OutcomeState.UNKNOWN
        try:
            found.update((contact.subject, contact) for contact in self._read(doubtful.keys()))
            if_missing = OutcomeState.REFUSED
        except SyncdError:
            pass  # a reading that broke off says nothing about who is missing
        for subject, error in doubtful.items():
            if subject in found:
                yield _seen(subject, found[subject])
            elif error is None:
                yield Verdict(subject, OutcomeState.UNKNOWN, UNNAMED)
            else:
                yield Verdict(subject, if_missing, discreet(error.words, subject))

    def _turned_away(self, change: Change, words: str) -> Verdict:
        """A refusal stands until something changes, save the one that Mailchimp itself takes back after a while."""
        reason = reason_of(words)
        state = OutcomeState.FAILED if reason is Reason.LATER else OutcomeState.REFUSED
        answer = discreet(words, change.email.strip(), change.subject)
        if reason is Reason.FINAL:
            return Verdict(change.subject, state, f"{answer.rstrip('.')}. {self._way_back()}", final=True)
        return Verdict(change.subject, state, answer)


def _refused_alike(sent: Sequence[Change], answer: Created) -> bool:
    """Whether several people were all refused in the same words, which are then hardly about any one of them."""
    words = {discreet(each.words, each.email_address or "") for each in answer.errors if not _exists(each)}
    return len(sent) > 1 and len(answer.errors) == len(sent) and len(words) == 1


def _exists(error: TurnedAway) -> bool:
    return error.error_code == "ERROR_CONTACT_EXISTS" or reason_of(error.words) is Reason.ALREADY


def _seen(subject: str, contact: Contact) -> Verdict:
    if contact.status in LABELLED:
        return Verdict(subject, OutcomeState.APPLIED, contact=contact)
    return _left_alone(subject, contact)


def _left_alone(subject: str, contact: Contact) -> Verdict:
    archived = contact.status is ContactStatus.ARCHIVED
    how = "archived" if archived else f"there as {contact.status}"
    return Verdict(subject, OutcomeState.REFUSED, f"the contact is {how} and is left so", contact)
