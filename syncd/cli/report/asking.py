"""From what was typed to a question, and from its answer to the screen: the part that all reports share.

A report's own file is a function of a `Reading` and of its own options that returns an answer; `reported` adds the
options of all reports to it, and opens the mirror around it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from syncd.cli.failing import DONE, UsageError
from syncd.cli.report.options import (
    AsSegment,
    CsvOption,
    CurrencyOption,
    First,
    HtmlOption,
    Last,
    LimitOption,
    ParquetOption,
    PeriodName,
    PeriodOption,
    SortOption,
    StoreOption,
)
from syncd.cli.session import Session
from syncd.reports.answer import Answer

if TYPE_CHECKING:
    import sqlite3
    from datetime import date

    from syncd.config import Settings
    from syncd.mirror.database import Mirror
    from syncd.reports.periods import Period
    from syncd.reports.question import Question
    from syncd.segments import Frame

NEVER_READ = "read the stores first: syncd sync --pull-only"


class Reading(msgspec.Struct, frozen=True):
    """What a report is given.

    Attributes:
        mirror: Open, within a snapshot.
        question: What every report is asked.
    """

    settings: Settings
    mirror: Mirror
    question: Question

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's connection to the mirror, within a snapshot."""
        return self.mirror.raw


class _Typed(msgspec.Struct, frozen=True):
    """What was typed of the options that all reports have."""

    period: PeriodName | None
    first: str | None
    last: str | None
    store: str | None
    currency: str | None
    sort: str
    limit: int | None


def reported(act: Callable[..., Answer], *, of_a_period: bool = False) -> Callable[..., int]:
    """Turn a function of a `Reading` into a command: a function of a `Session` with the options of all reports.

    Args:
        act: The report.
        of_a_period: Whether it makes no sense without a time frame.
    """
    signature = inspect.signature(act, eval_str=True)
    own = [it for it in signature.parameters.values() if it.name != "reading"]
    shared = inspect.signature(_shared, eval_str=True).parameters.values()

    def called(session: Session, **given: Any) -> int:
        typed = _Typed(**{name: given.pop(name) for name in _Typed.__struct_fields__})
        if of_a_period and typed.period is None and typed.first is None:
            raise UsageError(
                f"report {act.__name__} needs a time frame",
                hint="like --period last_quarter, or --from 2026-10-01 --to 2026-10-31",
            )
        forms = {name: given.pop(name) for name in ("csv", "html", "parquet")}
        return _answer(session, typed, forms, given.pop("as_segment"), lambda reading: act(reading, **given))

    first = inspect.Parameter("session", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Session)
    called.__signature__ = inspect.Signature([first, *own, *shared])  # type: ignore[attr-defined]  # read by `command`
    called.__name__, called.__doc__ = act.__name__, act.__doc__
    return called


def _shared(  # noqa: PLR0913  # all options of all reports
    *,
    period: PeriodOption = None,
    first: First = None,
    last: Last = None,
    store: StoreOption = None,
    currency: CurrencyOption = None,
    sort: SortOption = "",
    limit: LimitOption = None,
    csv: CsvOption = False,
    html: HtmlOption = None,
    parquet: ParquetOption = None,
    as_segment: AsSegment = None,
) -> None:
    """Only its signature matters."""


def _answer(
    session: Session,
    typed: _Typed,
    forms: dict[str, Any],
    as_segment: str | None,
    act: Callable[[Reading], Answer],
) -> int:
    from syncd.cli import answers  # noqa: PLC0415  # heavy
    from syncd.cli.report.as_segment import print_segment  # noqa: PLC0415
    from syncd.reports.question import ReportError  # noqa: PLC0415

    wanted = answers.form(session, **forms)
    settings = session.settings(offline=True)
    with _reading(session, settings, typed) as reading:
        try:
            answer = act(reading)
        except ReportError as error:
            raise UsageError(error.message, hint=error.hint) from error
        if as_segment is not None:
            print_segment(session, settings, as_segment, answer)
        else:
            answers.show(session, answer, wanted, [str(frame.zone) for frame in reading.question.frames])
    return DONE


@contextmanager
def _reading(session: Session, settings: Settings, typed: _Typed) -> Iterator[Reading]:
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415  # heavy
    from syncd.errors import FatalError  # noqa: PLC0415

    with existing_mirror(settings) as mirror:
        if mirror is None:
            raise FatalError("nothing was synced yet, so there is nothing to report", hint=NEVER_READ)
        with mirror.snapshot():
            yield Reading(settings, mirror, _question(session, settings, mirror, typed))


def _question(session: Session, settings: Settings, mirror: Mirror, typed: _Typed) -> Question:
    from syncd.cycle.health import patience  # noqa: PLC0415  # heavy
    from syncd.reports.question import Question, sorts  # noqa: PLC0415

    frames = _frames(session, settings, mirror, typed.store)
    return Question(
        frames=frames,
        period=_period(typed, frames[0]),
        currency=typed.currency.upper() if typed.currency else None,
        sort=sorts(typed.sort),
        limit=typed.limit,
        patience={frame.store: patience(settings.stores[frame.store]) for frame in frames},
    )


def _frames(session: Session, settings: Settings, mirror: Mirror, store: str | None) -> tuple[Frame, ...]:
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.cycle.framing import frame_of  # noqa: PLC0415
    from syncd.errors import FatalError  # noqa: PLC0415
    from syncd.mirror import stores  # noqa: PLC0415

    must_exist("store", store, settings.stores)
    known = stores.known(mirror)
    wanted = [store] if store else list(settings.stores)
    unread = [name for name in wanted if name not in known]
    if unread:
        raise FatalError(f"{unread[0]} was never read, so there is nothing to report of it", hint=NEVER_READ)
    now = session.clock.now()
    return tuple(frame_of(settings, known[name], now) for name in wanted)


def _period(typed: _Typed, frame: Frame) -> Period | None:
    from syncd.reports import periods  # noqa: PLC0415  # heavy
    from syncd.segments.days import today  # noqa: PLC0415

    if typed.period is not None and (typed.first or typed.last):
        raise UsageError("--period and --from, --to are two ways to say the same", hint="take one of them")
    if typed.period is not None:
        return periods.named(typed.period.value, frame)
    if typed.first is None and typed.last is None:
        return None
    if typed.first is None:
        raise UsageError("--to says the last day, but --from, the first one, is missing", hint="like --from 2026-10-01")
    try:
        return periods.between(_day("--from", typed.first), _day("--to", typed.last) if typed.last else today(frame))
    except ValueError as error:
        raise UsageError(
            f"there is no such time frame: {error}", hint="like --from 2026-10-01 --to 2026-10-31"
        ) from None


def _day(option: str, text: str) -> date:
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a day", hint="write it like 2026-10-01") from None
