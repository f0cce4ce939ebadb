"""What each table of the file may hold: the keys, their meaning, their defaults.

The text under a key is what editors show beside it (`json_schema`), so it is written for merchants. The vendor's own
keys of a store or an audience are not here: its connector brings them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from syncd.config.findings import nearest
from syncd.config.units import (
    CronLine,
    Duration,
    Label,
    Percentage,
    QuietSpan,
    TimeFrame,
    Top,
    WrongError,
    parse_share,
    shown,
)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Names = Annotated[tuple[str, ...], Field(strict=False, json_schema_extra={"uniqueItems": True})]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, nothing is guessed from another type, nothing changes later."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class SyncdSettings(Table):
    """What concerns syncd itself."""

    database: Annotated[Path, Field(strict=False, validate_default=True)] = Path("syncd.db")
    """The SQLite file of the mirror, beside this file unless a folder is named. It is made where it is missing; its
    folder is not."""

    log_format: Literal["auto", "json", "text"] = "auto"
    """How log lines look: "json" for machines, "text" for people, "auto" for text on a terminal and JSON elsewhere."""

    timezone: str | None = None
    """The zone whose days count in segments and reports, like "Europe/Paris". Left out: each store's own, as in its
    admin."""

    week_starts: Weekday = "monday"
    """The first day of the week, for periods like last_week."""

    reconcile_every: Annotated[Duration, Field(json_schema_extra={"default": "1d"})] = 86_400
    """The time between two comparisons with everything that the services list: what was deleted or merged there, tags
    that somebody took away or gave by hand."""

    backup_every: Annotated[Duration, Field(json_schema_extra={"default": "1d"})] = 86_400
    """The time between two backups of the database, made at the end of a sync."""

    keep_backups: Annotated[int, Field(ge=1)] = 7
    """How many backups are kept; older ones are deleted."""

    keep_history: Annotated[Duration, Field(json_schema_extra={"default": "730d"})] = 730 * 86_400
    """How long runs, their changes, and who entered and left a segment are kept."""

    quiet_hours: QuietSpan | None = None
    """When the daemon reads and plans, but writes to no service: "22:00-07:00", by the clock of timezone."""

    control_socket: Annotated[Path | None, Field(strict=False)] = None
    """Where the daemon (syncd run) answers the commands of its group's members: a path of a socket, beside this file
    unless a folder is named. Left out: in the folder that systemd gives it, else nowhere. A new one takes a restart."""

    @field_validator("database", mode="before")
    @classmethod
    def _a_file(cls, value: object, info: ValidationInfo) -> Path:
        if isinstance(value, str) and "://" in value:
            raise WrongError("only SQLite files are available", 'write a path: database = "syncd.db"')
        return _beside_the_file(value, info, 'write database = "syncd.db"')

    @field_validator("control_socket", mode="before")
    @classmethod
    def _a_socket(cls, value: object, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        path = _beside_the_file(value, info, 'write control_socket = "/run/syncd/control.sock"')
        if len(os.fsencode(path.absolute())) > 107:
            raise WrongError("is too long a path for a socket", "107 bytes are the most, its folder counted")
        return path

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise WrongError(f"{shown(value)} is not a time zone", _likely_zone(str(value))) from None


def _beside_the_file(value: object, info: ValidationInfo, example: str) -> Path:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise WrongError("must be a path in quotes", example)
    try:
        return Path((info.context or {}).get("folder", "")) / Path(value).expanduser()
    except RuntimeError:
        raise WrongError(f"{shown(str(value))} begins with a home that is not there", "write the path out") from None


def _likely_zone(text: str) -> str:
    zones = sorted(available_timezones())
    same_place = next((zone for zone in zones if zone.lower().endswith(f"/{text.strip().lower()}")), None)
    if same_place is not None:
        return f"did you mean {same_place}?"
    return nearest(text, zones, few=0) or 'write a name like "Europe/Paris"'


class Limits(Table):
    """How much of a label may change without a person. More is held until `syncd approve`."""

    max_remove: Percentage = Field(default_factory=lambda: parse_share("30%"), json_schema_extra={"default": "30%"})
    """The greatest share of a label's members that may lose it within 24 hours."""

    max_add: Percentage = Field(default_factory=lambda: parse_share("50%"), json_schema_extra={"default": "50%"})
    """The greatest share of a label's members that may be added to it within 24 hours."""

    min_size: Annotated[int, Field(ge=0)] = 20
    """Changes that touch fewer people than this within 24 hours are never held."""

    first_push: Literal["hold", "apply"] = "hold"
    """The first time that a label is written: "hold" for a person to look, or "apply"."""


class GlobalLimits(Limits):
    """How much may change without a person. More is held until `syncd approve`."""

    max_consent_changes: Percentage = Field(
        default_factory=lambda: parse_share("10%"), json_schema_extra={"default": "10%"}
    )
    """Where a greater share of a store's customers, or of an audience's contacts, goes over to subscribed within 24
    hours (and at least min_size), it is not believed: most likely another app wrote that."""


class Schedule(Table):
    """When something is looked at."""

    kind: str
    """Which connector it is."""

    every: Annotated[Duration | None, Field(json_schema_extra={"default": "5m"})] = None
    """The time between two looks at it: "30s", "5m", "1h", "2d"."""

    cron: CronLine | None = None
    """Instead of every: a crontab line (minute hour day month weekday), in the zone of [syncd]."""


class StoreTable(Schedule):
    """A shop: read, and its customers tagged."""


class AudienceTable(Schedule):
    """A mailing list: its members are tagged, and missing ones added."""

    new_contacts: Literal["if-consented", "never", "transactional"] = "if-consented"
    """What to do with a member the list does not know. "if-consented": subscribe where a store says SUBSCRIBED and
    nothing speaks against it, else leave them out. "transactional": the same, but add the others without marketing
    consent. "never": leave all of them out. The status of somebody already in the list is never changed."""

    max_new_contacts: Annotated[int | None, Field(ge=0)] = None
    """A run that would add more people than this to the list is held, whatever tags they are for. Left out: no limit
    of its own."""

    write_back_optouts: bool = False
    """true: who unsubscribes in the list is noted as unsubscribed in the stores that feed it too, where the store's own
    consent is not newer. Never the other way."""

    quiet_first_push: bool = False
    """true: the first time that a tag is written, automations of the list that start with it do not run. Slower: one
    call a person."""


class Rank(Table):
    """The best of those whom the query finds."""

    by: Literal["orders", "average_order", "amount_spent"]
    """What they are compared by."""

    over: TimeFrame | None = None
    """Only orders of this time frame count: a period ("last_quarter"), or from a day until today ("-90d"). Left out:
    all orders."""

    top: Top
    """How many: a number of people (50), or a share of them ("10%")."""


class SegmentTable(Table):
    """A group of customers, and where it is written to."""

    query: Annotated[str, Field(json_schema_extra={"pattern": r"\S"})]
    """Who is in it, in Shopify's segment language: a segment copied from the admin works unchanged."""

    title: str = ""
    """A name for people."""

    tag: Label | None = None
    """The customer tag in the store. Left out: the store is not written to."""

    audiences: Names = ()
    """The audiences that it is pushed to, by their names in this file."""

    audience_tag: Label | None = None
    """The tag in the audiences, where it is to differ from tag."""

    stores: Names = ()
    """The stores whose customers it is about, by their names in this file. Left out: all of them."""

    source: str = "mirror"
    """Who answers the query: "mirror", from what was pulled; or "store", each time anew, for what only the store knows
    (the store's kind, like "shopify", is the same)."""

    by: Literal["customer", "email"] = "customer"
    """What a member is: a customer record, or everybody who shares one e-mail address ("email")."""

    rank: Rank | None = None
    """Keep only the best of those whom the query finds."""

    adopt: bool = False
    """Treat the tag as syncd's own also where somebody else set it, so that it is removed there too."""

    limits: Limits = Field(default_factory=Limits)
    """How much may change without a person; what is left out is taken from [limits]."""

    enabled: bool = True
    """false: not evaluated, and its tags stay as they are, until it is true again."""

    @field_validator("query")
    @classmethod
    def _something(cls, value: str) -> str:
        if not value.strip():
            raise WrongError("is empty", 'write who is in it, like query = "number_of_orders > 1"')
        return value

    @property
    def asks_store(self) -> bool:
        """Whether the store itself is asked who is in it."""
        return self.source != "mirror"

    @field_validator("stores", "audiences")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        twice = next((name for name in value if value.count(name) > 1), None)
        if twice is not None:
            raise WrongError(f"names {twice!r} twice", "name each once")
        return value

    def written(self, all_stores: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """Yield (key, target, label) for each label that it writes; `key` is the one that the label is from."""
        if self.tag is not None:
            yield from (("tag", store, self.tag) for store in self.stores or all_stores)
        key, label = ("audience_tag", self.audience_tag) if self.audience_tag else ("tag", self.tag)
        if label is not None:
            yield from ((key, audience, label) for audience in self.audiences)
