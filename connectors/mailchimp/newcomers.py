"""Creating contacts: the one write that touches consent.

The batch call goes without `status`, `sync_tags` or `update_existing`: whoever is in the audience already, in
whatever state, is named as existing and left exactly as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connectors.halving import halved
from connectors.mailchimp.judge import RefusedError
from connectors.mailchimp.reasons import Reason, reason_of
from connectors.mailchimp.shapes import Created, TurnedAway, shaped
from connectors.mailchimp.wire import contact_of, discreet, newcomer
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
    """

    subject: str
    state: OutcomeState
    answer: str = ""
    contact: Contact | None = None
    final: bool = False


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
    ) -> None:
        """Create nobody yet.

        Args:
            lists: The package's lists API.
            list_id: The list.
            merge_fields: Which of a customer's fields fill which merge field.
            archived: Tells who of some subjects is in the list's archive.
            read: Reads subjects back.
            way_back: Says how somebody comes back whom only their own hand can bring back.
        """
        self._lists = lists
        self._list = list_id
        self._merge_fields = merge_fields
        self._archived = archived
        self._read = read
        self._way_back = way_back

    def admit(self, wanted: Mapping[str, Change]) -> Iterator[Verdict]:
        """Create contacts, given by subject with a change that says how, and yield a verdict on each."""
        archived = self._archived(wanted.keys())
        new = []
        for subject, change in wanted.items():
            if subject in archived:
                yield _left_alone(subject, archived[subject])
            elif change.create is None or change.create.status not in LABELLED:
                yield Verdict(subject, OutcomeState.REFUSED, "a contact is created as subscribed or transactional only")
            else:
                new.append(change)
        if new:
            for sent, answer in halved(new, self._send, RefusedError):
                if isinstance(answer, RefusedError):
                    yield self._turned_away(sent[0], answer.words)
                else:
                    yield from self._judged(sent, answer)

    def _send(self, changes: Sequence[Change]) -> Created:
        members = [newcomer(change, self._merge_fields) for change in changes]
        body = {"members": members, "update_existing": False}
        return shaped(self._lists.batch_list_members(self._list, body, skip_merge_validation=True), Created)

    def _judged(self, sent: Sequence[Change], answer: Created) -> Iterator[Verdict]:
        there = {member.subject: member for member in (*answer.new_members, *answer.updated_members)}
        turned = {identity(each.email_address): each for each in answer.errors}
        doubtful: dict[str, TurnedAway | None] = {}
        for change in sent:
            error = turned.get(change.subject)
            if error is not None and not _exists(error):
                yield self._turned_away(change, error.words)
            elif error is None and change.subject in there:
                yield _seen(change.subject, contact_of(there[change.subject]))
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
