"""What is to be done with one subject and one label.

    desired  current  owned   what is done
    yes      yes      yes     nothing: at rest
    yes      yes      no      nothing, it is somebody else's; with `adopt`, it becomes ours
    yes      no       no      add, if the contact may be labelled; create the contact first, if it may be made
    yes      no       yes     add again: somebody took it off by hand
    no       yes      yes     remove
    no       yes      no      nothing: it is somebody else's
    no       no       yes     forget that it was ours
    no       no       no      nothing

Laws 1 and 2 of the design live here: who may be labelled, who may be made, what may be removed.
"""

from __future__ import annotations

from enum import StrEnum

from syncd.model import LABELLED, ContactStatus, Position, Wish


class NewContacts(StrEnum):
    """Whether contacts are made of customers whom an audience does not know.

    IF_CONSENTED makes subscribed ones of those with the store's consent; TRANSACTIONAL makes, besides, transactional
    ones of the rest; NEVER makes none.
    """

    IF_CONSENTED = "if-consented"
    NEVER = "never"
    TRANSACTIONAL = "transactional"


class Verdict(StrEnum):
    """What is done with a subject."""

    ADD = "add"
    CREATE_SUBSCRIBED = "create subscribed"
    CREATE_TRANSACTIONAL = "create transactional"
    REMOVE = "remove"
    OWN = "own"
    LAPSE = "lapse"
    REST = "rest"
    LEAVE_STATUS = "left alone: the contact's status forbids it"
    LEAVE_NO_CONSENT = "left out: no consent in the store"
    LEAVE_NEVER = "left out: not in the audience, and new_contacts is never"


def decide(position: Position, wish: Wish, new_contacts: NewContacts | None) -> Verdict:
    """Return what is to be done. `new_contacts` is None for a store's tags, whose subjects are the store's own."""
    match position.desired, position.current, position.owned:
        case True, True, False:
            return Verdict.OWN if wish.adopt else Verdict.REST
        case True, False, _:
            return _missing(position, new_contacts)
        case False, True, True:
            return Verdict.REMOVE
        case False, False, True:
            return Verdict.LAPSE
    return Verdict.REST


def _missing(position: Position, new_contacts: NewContacts | None) -> Verdict:
    """The label is wanted and not there: may it be put there?"""
    if new_contacts is None:
        return Verdict.ADD if position.known else Verdict.REST
    if position.status is not None:
        return Verdict.ADD if position.status in LABELLED else Verdict.LEAVE_STATUS
    if new_contacts is NewContacts.NEVER:
        return Verdict.LEAVE_NEVER
    if position.consent:
        return Verdict.CREATE_SUBSCRIBED
    if new_contacts is NewContacts.TRANSACTIONAL and position.creatable:
        return Verdict.CREATE_TRANSACTIONAL
    return Verdict.LEAVE_NO_CONSENT


CREATES = {
    Verdict.CREATE_SUBSCRIBED: ContactStatus.SUBSCRIBED,
    Verdict.CREATE_TRANSACTIONAL: ContactStatus.TRANSACTIONAL,
}
