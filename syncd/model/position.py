"""Where a subject stands with a label: who should carry it, who does, to whom we gave it."""

from __future__ import annotations

import msgspec

from syncd.model.change import Action, ContactStatus


class Bar(msgspec.Struct, frozen=True):
    """What a person undid and syncd does not do again by itself: the action, and the run that undid it."""

    action: Action
    run: int


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One subject and one label of one target.

    Attributes:
        subject: A customer's id as text, or a normalised address.
        email: The person's address as the store writes it; empty where unknown.
        desired: Whether the segment wants the label there.
        current: Whether the label is there, as last seen.
        owned: Whether syncd gave it, or may have.
        status: What counts of what the audience says of the contact; None where it knows none, and for a store's tags.
        known: Whether the target knows the subject at all: always, for a store's own customers.
        consent: Whether a store says SUBSCRIBED for the address and no record of it says otherwise.
        creatable: False where a record of the address is redacted or invalid: no contact may be made of it.
        excluded: Whether the exclusion list keeps every label from the person.
        bar: What was undone here, if anything.
        doubted: Whether a mass change towards consent waits for a person, of whom they are one; `status` and `consent`
            are then as they were before.
        turned_away: Whether the audience has refused to take them in, and would do so again.
    """

    subject: str
    email: str = ""
    desired: bool
    current: bool
    owned: bool
    status: ContactStatus | None = None
    known: bool = True
    consent: bool = False
    creatable: bool = False
    excluded: bool = False
    bar: Bar | None = None
    doubted: bool = False
    turned_away: bool = False


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A label that a segment wants carried at a target, or one that is to be withdrawn.

    Attributes:
        target: The store's or audience's name.
        label: As the target reads it back.
        segment: The segment it is for; of a label withdrawn, the one that last had it.
        stores: The stores whose members count; none for a label withdrawn.
        feeding: The stores whose consent counts for this target.
        adopt: Whether a label that is there already becomes ours.
        withdrawn: Whether the settings no longer have it.
        opted_out_of: The audience whose unsubscribes are to be carried to the store, where it is no label that is
            wanted but that; `label` is then what plan and history call it.
        why: The rule, for the reader of a plan.
    """

    target: str
    label: str
    segment: str
    stores: tuple[str, ...] = ()
    feeding: tuple[str, ...] = ()
    adopt: bool = False
    withdrawn: bool = False
    opted_out_of: str = ""
    why: str = ""
