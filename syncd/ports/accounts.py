"""What a service says of itself, and what a connector is given to work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, MutableMapping
from enum import StrEnum
from typing import Literal

import msgspec

from syncd.clock import Clock
from syncd.model import Instant, Kind


class Missing(msgspec.Struct, frozen=True):
    """Something the account does not give us.

    Attributes:
        what: In the service's own words (`scope read_all_orders`).
        costs: What that means for the user, one phrase.
        kinds: The kinds of record that cannot be read at all for want of it.
        visible_from: Orders older than this are invisible, where that is what it costs.
        blocks_write: Whether labels cannot be written for want of it.
        fix: What to do about it, one sentence.
    """

    what: str
    costs: str
    kinds: frozenset[Kind] = frozenset()
    visible_from: Instant | None = None
    blocks_write: bool = False
    fix: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What one cheap authenticated call says of an account.

    Attributes:
        account: How the service names it (the shop's or the list's name).
        timezone: IANA name of the shop's zone; None for an audience.
        currency: ISO 4217 code of the shop's currency; None for an audience.
        missing: What the account does not give, worst first.
        notes: Facts worth knowing (`double opt-in is on`).
    """

    account: str
    timezone: str | None = None
    currency: str | None = None
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """How a target differs from others. The planner reads this; nobody asks for a vendor's name.

    Attributes:
        subject: What a label is attached to.
        batch_size: How many changes `apply` takes at once; what is in flight together.
        label_a_call: Whether a call of the service's carries one label, so that batches are best cut at labels.
        label_max: Longest label in characters.
        label_forbidden: Characters a label cannot hold.
        labels_per_subject: Most labels a subject can carry; None for no limit.
        starts_automations: Whether a label's arrival can set off mail of the merchant's; a change may then be `quiet`.
        takes_optouts: Whether `apply` takes `Action.OPT_OUT`: it notes that a customer no longer consents to marketing
            mail, unless what the store knows of their consent is newer. `read` then tells such a customer's status as
            unsubscribed.
    """

    subject: Literal["customer", "email"]
    batch_size: int
    label_max: int
    label_a_call: bool = False
    label_forbidden: str = ""
    labels_per_subject: int | None = None
    starts_automations: bool = False
    takes_optouts: bool = False


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What carrying out changes takes, as far as a connector can tell beforehand.

    Attributes:
        calls: Requests; looks at whether the service has done with long work are not among them.
        points: Of what the service allows an app to spend; None where it counts none.
        seconds: From the first request to the last answer, waits for points included.
    """

    calls: int
    points: float | None = None
    seconds: float = 0.0


class Progress(msgspec.Struct, frozen=True):
    """How far a long piece of work is.

    Attributes:
        task: What is being done, for people (`orders of main`).
        done: Rows, changes or whatever it counts.
        total: How many in all; None while unknown.
    """

    task: str
    done: int
    total: int | None = None


class Reach(StrEnum):
    """Whether a service can be reached: told when it goes, when it is back, and at its first answer of all."""

    GONE = "gone"
    BACK = "back"


class Allowance(msgspec.Struct, kw_only=True):
    """How a service holds a connector back. The connector keeps it up to date, others only read it.

    Attributes:
        waits: How often something was waited for because the service asked for it, or no points were left.
        waited: Seconds of that, in all.
        left: Points left of what the service allows, as it last said; None where it tells of none.
    """

    waits: int = 0
    waited: float = 0.0
    left: float | None = None

    def wait(self, seconds: float) -> None:
        """Note that something is waited for; nothing is no wait."""
        if seconds > 0:
            self.waits += 1
            self.waited += seconds


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What syncd gives a connector.

    Attributes:
        clock: The time, and the only way to wait.
        memo: Small durable memory of this connector's own (ids of what it made; exports in flight). Text to text.
        progress: To be told how far long work is.
        reach: To be told when the service is given up for a while and when it answers (again), with a sentence.
        calls: Requests made, by what they were for; the connector counts each one it sends (`customers`, `write`).
        allowance: How the service holds the connector back; the connector keeps it up to date.
        offline: True where nothing may be sent (`syncd check --offline`).
    """

    clock: Clock
    memo: MutableMapping[str, str]
    progress: Callable[[Progress], None] = lambda _: None
    reach: Callable[[Reach, str], None] = lambda *_: None
    calls: Counter[str] = msgspec.field(default_factory=Counter)
    allowance: Allowance = msgspec.field(default_factory=Allowance)
    offline: bool = False
