"""The segment language: Shopify's own, and what it lacks (`docs/segments.md`).

A query is parsed into a `Rule`, whose tree has two readings that never disagree: `condition`, SQL over the mirror,
and `matches`, Python over one person's values. *Now* is part of the `Frame`, read once per cycle.
"""

from typing import TYPE_CHECKING

from syncd.deferred import deferred

if TYPE_CHECKING:
    from syncd.segments.best import ranked
    from syncd.segments.catalogue import CATALOGUE
    from syncd.segments.filter import Filter
    from syncd.segments.frame import Frame, Person
    from syncd.segments.gaps import needs
    from syncd.segments.problems import RuleError, RuleProblem
    from syncd.segments.ranks import Rank, rank_gaps, time_frame
    from syncd.segments.readings import Verdict, condition, judge, matches, measured, members, surveys
    from syncd.segments.rule import Rule, ask, parse
    from syncd.segments.standing import cut_points
else:
    __getattr__ = deferred(
        __name__,
        {
            "ranked": "best",
            "CATALOGUE": "catalogue",
            "Filter": "filter",
            "Frame": "frame",
            "Person": "frame",
            "needs": "gaps",
            "RuleError": "problems",
            "RuleProblem": "problems",
            "Rank": "ranks",
            "rank_gaps": "ranks",
            "time_frame": "ranks",
            "Verdict": "readings",
            "condition": "readings",
            "judge": "readings",
            "matches": "readings",
            "measured": "readings",
            "members": "readings",
            "surveys": "readings",
            "Rule": "rule",
            "ask": "rule",
            "parse": "rule",
            "cut_points": "standing",
        },
    )

__all__ = [
    "CATALOGUE",
    "Filter",
    "Frame",
    "Person",
    "Rank",
    "Rule",
    "RuleError",
    "RuleProblem",
    "Verdict",
    "ask",
    "condition",
    "cut_points",
    "judge",
    "matches",
    "measured",
    "members",
    "needs",
    "parse",
    "rank_gaps",
    "ranked",
    "surveys",
    "time_frame",
]
