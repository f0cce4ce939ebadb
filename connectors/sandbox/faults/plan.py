"""A fault plan: a seed, and rules that say what goes wrong, where, and how often.

    FaultPlan(seed=7, rules=(Fault(kind="page", chance=0.05, calls=None), Fault(kind="reset_after", only="writes")))

The same seed lets the same faults fall on the same calls: the n-th call of one name at one service, whatever else goes
on at the same time.

| kind | where | what it does |
|---|---|---|
| `failure` | call | the service's own words with `status` (503) |
| `page` | call | a proxy's HTML with `status`; without one, 500, 502, 503 or 504 as the dice fall |
| `busy` | call | 429 in the service's words, with `retry_after` (2 seconds) |
| `busy_unsaid` | call | 429 in the service's words, without that header |
| `busy_bare` | call | 429 without a body |
| `forbidden_bare` | call | 403 without a body: how Mailchimp says "busy" at high volumes |
| `throttled` | call | Shopify's own refusal for want of points, status 200 |
| `reset` | call | the connection is reset before anything is done |
| `reset_after` | call | the call is carried out, then the connection is reset |
| `lost` | call | the call is carried out, then a proxy's page says `status` (504) |
| `cut` | call | the call is carried out; its JSON ends half-way |
| `broken_off` | call | the call is carried out; the connection is reset half-way through the answer |
| `drip` | call | the call is carried out; its answer comes in driblets over `seconds` (0.3) |
| `token_revoked` | call | 401; granted tokens are good no longer, a new one has to be asked for |
| `file_cut` | file | a download breaks off half-way |
| `file_gone` | file | 404, as if it had never been |
| `file_expired` | file | 403: the link has expired |
| `bulk_failed` | bulk | the operation ends as FAILED, without a file |
| `bulk_partial` | bulk | it ends as FAILED, with a part of its file as `partialDataUrl` |
| `bulk_stuck` | bulk | it does its work and stays RUNNING for ever |
| `bulk_expired_link` | bulk | it succeeds, and its link has expired already |
| `bulk_shuffled` | bulk | children come after all parents, in any order, far from their own |
| `rows_move` | page | `rows` (1) of the listed records change just before another page than the first is read |
| `index_lag` | world | lists and counts are up to `seconds` (5) old; reading by id never is |
| `crawl` | world | the bucket is empty, holds `bucket` points and gets as many back a second (1000, 50) |
| `same_second` | world | `rows` (all) records of the kind `only` (customers) changed in one second, long ago |
| `member_refused` | member | an address is refused by Mailchimp, for one of `reasons`, the same each time |
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Place = Literal["call", "file", "bulk", "page", "world", "member"]

CallKind = Literal[
    "failure",
    "page",
    "busy",
    "busy_unsaid",
    "busy_bare",
    "forbidden_bare",
    "throttled",
    "reset",
    "reset_after",
    "lost",
    "cut",
    "broken_off",
    "drip",
    "token_revoked",
]
FileKind = Literal["file_cut", "file_gone", "file_expired"]
BulkKind = Literal["bulk_failed", "bulk_partial", "bulk_stuck", "bulk_expired_link", "bulk_shuffled"]
OtherKind = Literal["rows_move", "index_lag", "crawl", "same_second", "member_refused"]
Kind = CallKind | FileKind | BulkKind | OtherKind

Reason = Literal["fake", "many_lists", "compliance", "forgotten", "merge_field", "interest", "other"]
"""Why an address is refused."""

STANDING: tuple[Reason, ...] = ("fake", "compliance", "forgotten", "merge_field", "interest", "other")
"""The reasons that stand for good; `many_lists` passes after a while."""

_PLACES: dict[str, Place] = {
    "rows_move": "page",
    "index_lag": "world",
    "crawl": "world",
    "same_second": "world",
    "member_refused": "member",
}


_WHOSE = {
    "throttled": "shops",
    "token_revoked": "shops",
    "forbidden_bare": "mailchimp",
    "member_refused": "mailchimp",
    "index_lag": "shops",
    "crawl": "shops",
    "same_second": "shops",
}
"""Kinds that only one service knows."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule.

    Attributes:
        kind: What happens; the table above.
        service: Whom it befalls: `shops`, one shop's name, `mailchimp`, `files`; empty for all that know the kind.
        only: `reads`, `writes`, or one kind of call as `/calls` names it (`token`, `upload`, an operation's name,
            `POST /lists/{list_id}`); empty for all.
        chance: How likely it is each time, from 0 to 1.
        after: How many times it could have happened and does not, first.
        calls: How many times it happens at most; None for no end.
        status: What the answer says instead of the kind's usual.
        retry_after: Seconds told in the header of that name.
        seconds: How long a drip takes, how far an index lags.
        rows: How many records.
        bucket: The points that fit, and points a second.
        reasons: Why members are refused.
        times: How often a member is refused before it is taken after all; None for ever.
    """

    kind: Kind = "failure"
    service: str = ""
    only: str = ""
    chance: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    after: int = 0
    calls: int | None = 1
    status: int | None = None
    retry_after: int | None = None
    seconds: float | None = None
    rows: int | None = None
    bucket: tuple[int, int] = (1000, 50)
    reasons: tuple[Reason, ...] = STANDING
    times: int | None = None

    @property
    def place(self) -> Place:
        """Where a fault of this kind happens."""
        head = self.kind.partition("_")[0]
        return "file" if head == "file" else "bulk" if head == "bulk" else _PLACES.get(self.kind, "call")

    def befalls(self, *names: str) -> bool:
        """Whether a service with one of these names can meet it."""
        whose = self.service or _WHOSE.get(self.kind, "")
        return not whose or whose in names


class FaultPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules, and the seed of their dice. Of several rules for one call, the first whose dice fall counts."""

    seed: int = 0
    rules: tuple[Fault, ...] = ()

    def of(self, *names: str) -> FaultPlan:
        """Return the part of it that a service with these names can meet; the dice stay the same."""
        return FaultPlan(seed=self.seed, rules=tuple(rule for rule in self.rules if rule.befalls(*names)))
