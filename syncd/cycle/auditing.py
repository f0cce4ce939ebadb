"""Audit: whose consent is not the same in an audience and in the stores that feed it.

Read from the mirror alone. syncd never changes a status, so each kind of disagreement says what a person can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from syncd.config import Settings
from syncd.mirror.audits import disagreements
from syncd.mirror.database import Mirror


class Kind(msgspec.Struct, frozen=True):
    """A kind of disagreement.

    Attributes:
        side: Whether the audience is `ahead` of the stores' consent, `behind` it, or the change is `doubted`.
        meaning: What is true of these people, one phrase.
        advice: What a person can do.
    """

    side: Literal["ahead", "behind", "doubted"]
    meaning: str
    advice: str


KINDS = {
    "doubted": Kind(
        "doubted",
        "went over to subscribed with many others at once, and are taken for what they were before",
        "find out which app did it; believe it with syncd approve RUN (syncd status names the run), or undo it there",
    ),
    "refused": Kind(
        "ahead",
        "subscribed in the audience, while a store's record says unsubscribed, invalid or redacted",
        "find out which is newer (syncd history); unsubscribe them in the audience where the store is",
    ),
    "without": Kind(
        "ahead",
        "subscribed in the audience, while no store's record says SUBSCRIBED of this address",
        "right, if they signed up in the audience itself; else unsubscribe them there",
    ),
    "stranger": Kind(
        "ahead",
        "subscribed in the audience, and no customer of a store that feeds it",
        "right, if they came by another form or list",
    ),
    "unsubscribed": Kind(
        "behind",
        "subscribed in the store, unsubscribed in the audience",
        "they stay unsubscribed; tell the store too, or let write_back_optouts do it",
    ),
    "cleaned": Kind(
        "behind",
        "subscribed in the store, but mail to them bounced in the audience",
        "they stay cleaned; ask them for a better address",
    ),
    "archived": Kind(
        "behind",
        "subscribed in the store, archived in the audience",
        "they stay archived until somebody takes them out of the archive there",
    ),
    "pending": Kind(
        "behind",
        "subscribed in the store, not confirmed yet in the audience",
        "they have to confirm the mail that the audience sent them",
    ),
    "transactional": Kind(
        "behind",
        "subscribed in the store, in the audience without marketing consent",
        "syncd changes no status: subscribe them in the audience if you can show their consent",
    ),
    "turned-away": Kind(
        "behind",
        "subscribed in the store, and refused by the audience when syncd wanted to add them",
        "syncd history PERSON has its words; mostly only they themselves can come back, by the sign-up form",
    ),
    "absent": Kind(
        "behind",
        "subscribed in the store, not in the audience",
        "right, unless a segment for this audience should hold them",
    ),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """An address on which the stores and an audience disagree.

    Attributes:
        kind: One of `KINDS`.
        status: What the audience says; None where it does not know them.
        stores: What each of their records says, in words.
    """

    audience: str
    side: str
    kind: str
    address: str
    status: str | None
    stores: str


def audit(settings: Settings, mirror: Mirror, audience: str | None = None) -> Iterator[Finding]:
    """Stream the disagreements of one audience, or of all that segments feed; only stores that feed it count."""
    for name in [audience] if audience else settings.audiences:
        stores = settings.feeding(name)
        for it in disagreements(mirror, name, stores) if stores else ():
            yield Finding(
                audience=name,
                side=KINDS[it.kind].side,
                kind=it.kind,
                address=it.address,
                status=it.status,
                stores=it.stores,
            )
