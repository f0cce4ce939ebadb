"""What a refusal of Mailchimp's asks of us. It says why in prose only, and the prose changes.

So only what changes our next step is looked for, by any phrase of a set. Whatever else is said (a fake address, a
merge field, something new) is a refusal that stands, with its words kept.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Reason(StrEnum):
    """What a refusal asks of us.

    LATER: it passes by itself. FINAL: only the person can come back (deleted for good, or in a compliance state).
    ALREADY, ABSENT: it may only say that all is as wanted, so look. OTHER: it stands.
    """

    LATER = "later"
    FINAL = "final"
    ALREADY = "already"
    ABSENT = "absent"
    OTHER = "other"


_PHRASES = (
    (Reason.LATER, r"signed up to a lot of lists|more signups for now"),
    (Reason.FINAL, r"permanently deleted|forgotten email|compliance state|must re-?subscribe"),
    (Reason.ALREADY, r"\balready\b"),
    (
        Reason.ABSENT,
        r"\bnot\b.*\b(on|in|to|part of|member of)\b.*\b(list|audience|segment|tag)\b|no longer|does not exist",
    ),
)


def reason_of(words: str) -> Reason:
    """Return what a refusal asks of us, as far as its words tell."""
    for reason, phrases in _PHRASES:
        if re.search(phrases, words, re.IGNORECASE):
            return reason
    return Reason.OTHER
