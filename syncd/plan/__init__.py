"""The plan: desired × current × owned → changes. Pure: no clock, no file, no network.

What is to be done with one subject stands in one table of cases (`cases`), what is too much at once in `limits`.
"""

from syncd.plan.cases import NewContacts, Verdict, decide
from syncd.plan.limits import LABEL, OPT_OUT, Limits, TooMuch, Words, review
from syncd.plan.plan import LabelPlan, Note, Plan, checksum, draft

__all__ = [
    "LABEL",
    "OPT_OUT",
    "LabelPlan",
    "Limits",
    "NewContacts",
    "Note",
    "Plan",
    "TooMuch",
    "Verdict",
    "Words",
    "checksum",
    "decide",
    "draft",
    "review",
]
