"""Why Mailchimp refuses an address. It says so in prose only, and the prose changes: any phrase of a set decides.

An unknown phrase is an ordinary refusal, with its words kept.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Reason(StrEnum):
    """What is the matter with an address."""

    COMPLIANCE = "compliance"
    FORGOTTEN = "forgotten"
    FAKE = "fake"
    MERGE_FIELD = "merge field"
    LATER = "later"
    EXISTS = "exists"
    ABSENT = "absent"
    ALREADY = "already"
    OTHER = "other"


_PHRASES = (
    (Reason.COMPLIANCE, r"compliance"),
    (Reason.FORGOTTEN, r"permanently deleted|forgotten|must re-?subscribe"),
    (Reason.LATER, r"signed up to a lot of lists|more signups for now"),
    (Reason.FAKE, r"looks fake|fake or invalid|provide a valid email|valid email address"),
    (Reason.MERGE_FIELD, r"merge field|please enter a value|complete address|should include|required field"),
    (Reason.EXISTS, r"already a list member|ERROR_CONTACT_EXISTS"),
    (Reason.ALREADY, r"already"),
    (
        Reason.ABSENT,
        r"\bnot\b.*\b(on|in|to|part of|member of)\b.*\b(list|audience|segment|tag)\b|no longer|does not exist",
    ),
)


def reason_of(words: str) -> Reason:
    """Return why an address was refused, as far as the words tell."""
    for reason, phrases in _PHRASES:
        if re.search(phrases, words, re.IGNORECASE):
            return reason
    return Reason.OTHER
