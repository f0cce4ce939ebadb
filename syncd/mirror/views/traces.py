"""Views of what syncd made of it: segments, who is in them, who came and went, runs and what they changed."""

from __future__ import annotations

from syncd.mirror.views.view import Column, View, day, instant, plain

_WHO = "LEFT JOIN customers AS c ON c.store = m.store AND c.id = m.customer_id"

_SEGMENTS = View(
    "v_segments",
    "A segment in one store, as last evaluated.",
    (
        *plain("s", segment="its name in the settings", store="the store", query="its query"),
        Column("members", "s.size", "customers who are in it"),
        Column("as_of", instant("s.as_of"), "its last good evaluation"),
        Column("failed_at", instant("s.failed_at"), "since when it cannot be evaluated; its members stay as they were"),
        *plain("s", why="why not, empty where all is well"),
    ),
    "segments AS s",
)
_MEMBERS = View(
    "v_segment_members",
    "A customer who is in a segment.",
    (
        *plain("m", segment="its name", store="the store", customer_id="who"),
        Column("person", "c.email_key", "the customer's address in lower case"),
        Column("since", instant("m.since"), "when they entered"),
        Column("since_day", day("m.since", "m.store"), "the day of it"),
    ),
    f"members AS m {_WHO}",
)
_MOVES = View(
    "v_segment_moves",
    "A customer entered or left a segment.",
    (
        *plain("m", run="in which run", segment="its name", store="the store", customer_id="who"),
        Column("person", "c.email_key", "the customer's address in lower case; empty once the store deleted them"),
        Column("moved_at", instant("m.at"), "when"),
        Column("day", day("m.at", "m.store"), "the day of it"),
        Column("move", "CASE WHEN m.entered THEN 'entered' ELSE 'left' END", "`entered` or `left`"),
    ),
    f"movements AS m {_WHO}",
)
_RUNS = View(
    "v_runs",
    "A run.",
    (
        *plain("r", run="its number", command="what was typed: `sync`, `plan`, …"),
        Column("started_at", instant("r.started_at"), "when it began"),
        Column("ended_at", instant("r.ended_at"), "empty while it is at work"),
        Column("seconds", "r.ended_at - r.started_at", "how long it took"),
        *plain("r", result="`done`, `partial`, `held`, `failed`, `running`, `killed`"),
    ),
    "runs AS r",
)
_CHANGES = View(
    "v_changes",
    "A tag that was written or taken away, or should have been.",
    (
        *plain("x", run="in which run"),
        Column("changed_at", instant("x.at"), "when"),
        *plain(
            "x",
            target="the store or the list",
            label="the tag",
            segment="for which segment",
            subject="the customer's id in a store, the address on a list",
            action="`add` or `remove`",
            reason="why",
            state="`applied`, `refused`, `failed`, `unknown`",
            answer="the service's own words, where it did not apply it",
        ),
    ),
    "run_changes AS x",
)
_REFUSALS = View(
    "v_refusals",
    "A change that a service refused, and that is not tried again until something changes.",
    (
        *plain("x", target="the store or the list"),
        Column("label", "x.label_key", "the tag, in lower case"),
        *plain("x", subject="the customer's id in a store, the address on a list", action="`add` or `remove`"),
        *plain("x", answer="the service's own words", segment="for which", run="the last time", attempts="how often"),
        Column("refused_at", instant("x.at"), "the last time"),
    ),
    "refusals AS x",
)
_FEEDS = View(
    "v_feeds",
    "One kind of record of a store or a list, and how fresh it is here.",
    (
        *plain("f", owner="the store or the list", feed="`customers`, `orders`, …, `contacts`"),
        Column("pulled_at", instant("f.pulled_at"), "when it was last read to its end"),
        *plain("f", complete="1 once all of it was read"),
        Column("failed_at", instant("f.failed_at"), "since when reading fails"),
        *plain("f", why="why, empty where all is well"),
    ),
    "cursors AS f",
)
VIEWS = (_SEGMENTS, _MEMBERS, _MOVES, _RUNS, _CHANGES, _REFUSALS, _FEEDS)
