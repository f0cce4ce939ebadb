"""The settings as the rest of syncd sees them: every reference followed, every rule parsed, nothing left to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, SkipValidation

from syncd.config.fixtures import Fixture
from syncd.config.service import AlertsTable, MetricsTable
from syncd.config.suppress import SuppressTable
from syncd.config.tables import AudienceTable, GlobalLimits, SegmentTable, StoreTable, SyncdSettings, Table
from syncd.errors import Problem
from syncd.model import ON_DEMAND, Kind
from syncd.segments import Rank as Ranking
from syncd.segments import Rule, needs, time_frame

EVERY = 300
T = TypeVar("T")
ByName = Annotated[Mapping[str, T], AfterValidator(MappingProxyType)]


class StoreSettings(StoreTable):
    """A store.

    Attributes:
        every: Seconds between two looks at it; None where `cron` says when.
        own: The connector's own keys, as its model; secrets are `SecretStr`.
    """

    name: str
    own: BaseModel
    every: int | None = EVERY


class AudienceSettings(AudienceTable):
    """An audience.

    Attributes:
        every: Seconds between two looks at it; None where `cron` says when.
        own: The connector's own keys, as its model; secrets are `SecretStr`.
    """

    name: str
    own: BaseModel
    every: int | None = EVERY


class SegmentSettings(SegmentTable):
    """A segment.

    Attributes:
        rule: The query, parsed.
        stores: The names of the stores it is about: all of them where the file names none.
        limits: Its own, completed from `[limits]`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    rule: SkipValidation[Rule]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The records that must have been pulled for it."""
        asked = needs(self.rule, self.by)
        return asked if self.rank is None else asked | {Kind.ORDERS}

    @property
    def ranking(self) -> Ranking | None:
        """Its rank, as the segment language has it."""
        if self.rank is None:
            return None
        over = None if self.rank.over is None else time_frame(self.rank.over)
        top = self.rank.top
        return Ranking(by=self.rank.by, over=over, top=top if isinstance(top, int) else top.fraction)

    @property
    def asks(self) -> str:
        """What is asked, for people: the rule in its canonical text, of whom, and what its rank keeps."""
        of_whom = " (people by address)" if self.by == "email" else ""
        if self.rank is None:
            return f"{self.rule}{of_whom}"
        return f"{self.rule}{of_whom}; the first {self.rank.top} by {self.rank.by} over {self.rank.over or 'all time'}"

    def labels(self) -> Iterator[tuple[str, str]]:
        """Yield every (target, label) that it is written to, targets by their names in the file."""
        yield from ((target, label) for _, target, label in self.written(self.stores))


class Settings(Table):
    """One settings file.

    Attributes:
        stores: By name, in the order of the file; so are audiences and segments.
        limits: The defaults of `[limits]`; each segment carries its own, completed.
        suppress: The exclusion list: whom no push reaches.
        metrics: Where figures about the daemon are to be had.
        alerts: Whom the daemon tells when it is unwell.
        tests: What the merchant expects of the segments, for `syncd test`.
        path: Where the file is, as the user named it.
        digest: What tells its text from any other.
        warnings: What works and should not stay, for `syncd check` to show.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    syncd: SyncdSettings
    stores: ByName[StoreSettings]
    audiences: ByName[AudienceSettings]
    segments: ByName[SegmentSettings]
    limits: GlobalLimits
    suppress: SuppressTable = SuppressTable()
    metrics: MetricsTable = MetricsTable()
    alerts: AlertsTable = AlertsTable()
    tests: SkipValidation[tuple[Fixture, ...]] = ()
    path: Path
    digest: str = ""
    warnings: tuple[Problem, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Tell whether another text says the same, in whatever words."""
        if not isinstance(other, Settings):
            return NotImplemented
        return super().__eq__(other.model_copy(update={"digest": self.digest}))

    __hash__ = None  # type: ignore[assignment]  # as Python has it beside an `__eq__`; mappings have none either

    def feeding(self, audience: str) -> tuple[str, ...]:
        """Return the stores whose customers an audience is fed from: their consent counts there."""
        names = {store for it in self.segments.values() if audience in it.audiences for store in it.stores}
        return tuple(sorted(names))

    def kinds_of(self, store: str) -> list[Kind]:
        """Return the kinds of record that are read of a store: some only where one of its segments looks at them."""
        asked = frozenset[Kind]().union(*(it.kinds for it in self.segments.values() if store in it.stores))
        return [kind for kind in Kind if kind not in ON_DEMAND or kind in asked]
