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

Whom the exclusion list covers is nobody's: desired counts as no. What a person undid is not done again (`bar_stands`).
Laws 1 and 2 of the design live here: who may be labelled, who may be made, what may be removed.
"""

from __future__ import annotations

from enum import StrEnum

from syncd.model import LABELLED, Action, ContactStatus, Position, Wish


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
    LEAVE_DOUBTED = "left as before: many changed to subscribed at once, and that waits for a person"
    LEAVE_TURNED_AWAY = "left out: the audience refused to take them in"
    LEAVE_EXCLUDED = "left out: on the exclusion list"
    LEAVE_UNDONE = "left as a person undid it"


LEAVES = frozenset(it for it in Verdict if it.name.startswith("LEAVE_"))
"""Who is wanted and left out; the words say why."""


def decide(position: Position, wish: Wish, new_contacts: NewContacts | None) -> Verdict:
    """Return what is to be done. `new_contacts` is None for a store's tags, whose subjects are the store's own."""
    desired = position.desired and not position.excluded
    if _barred(position, desired=desired):
        return Verdict.LEAVE_UNDONE
    match desired, position.current, position.owned:
        case True, True, False:
            return Verdict.OWN if wish.adopt else Verdict.REST
        case True, False, _:
            return _missing(position, new_contacts)
        case False, True, True:
            return Verdict.REMOVE
        case False, False, True:
            return Verdict.LAPSE
    missed = position.desired and not desired and not position.current
    return Verdict.LEAVE_EXCLUDED if missed else Verdict.REST


def bar_stands(position: Position) -> bool:
    """Tell whether what a person undid is still as they left it, and still not what the segment wants.

    Else there is nothing to bar any more: the undoing change did not come about, the person left the segment or came
    back to it, the label was taken off by hand, or the exclusion list has it off.
    """
    if position.bar is None:
        return False
    ours = position.current and position.owned
    if position.bar.action is Action.ADD:
        return position.desired and not ours
    return ours and not position.desired and not position.excluded


def _barred(position: Position, *, desired: bool) -> bool:
    """Tell whether a bar that stands is in the way of what would be done."""
    if position.bar is None or not bar_stands(position):
        return False
    return position.bar.action is Action.REMOVE or (desired and not position.current)


def _missing(position: Position, new_contacts: NewContacts | None) -> Verdict:
    """The label is wanted and not there: may it be put there?"""
    if new_contacts is None:
        return Verdict.ADD if position.known else Verdict.REST
    if position.status is not None:
        left = Verdict.LEAVE_DOUBTED if position.doubted else Verdict.LEAVE_STATUS
        return Verdict.ADD if position.status in LABELLED else left
    return _outside(position, new_contacts)


def _outside(position: Position, new_contacts: NewContacts) -> Verdict:
    """The audience does not know them: may a contact be made of them?"""
    if new_contacts is NewContacts.NEVER:
        return Verdict.LEAVE_NEVER
    if position.turned_away:
        return Verdict.LEAVE_TURNED_AWAY
    if position.consent:
        return Verdict.CREATE_SUBSCRIBED
    if position.doubted:  # made transactional now, they would stay so when the doubt is gone
        return Verdict.LEAVE_DOUBTED
    if new_contacts is NewContacts.TRANSACTIONAL and position.creatable:
        return Verdict.CREATE_TRANSACTIONAL
    return Verdict.LEAVE_NO_CONSENT


CREATES = {
    Verdict.CREATE_SUBSCRIBED: ContactStatus.SUBSCRIBED,
    Verdict.CREATE_TRANSACTIONAL: ContactStatus.TRANSACTIONAL,
}
