"""What the log says of a cycle: one line when all is well, and one more for each thing that is not."""

from __future__ import annotations

import logging

from syncd import log
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.mirror import membership

_TOLD = frozenset({"pull", "push"})
"""Stages whose failures are logged where they happen, with more than the report keeps."""


def write_down(services: Services, report: Report) -> None:
    """Log a cycle that ended. What needs a person soon is an error, what was kept, held or refused a warning."""
    for row in report.kept:
        log.get().warning("segment_kept", segment=row["segment"], store=row["store"], why=row["why"])
    for row in report.held:
        log.get().warning(
            "held",
            target=row["target"],
            label=row["label"],
            segment=row["segment"],
            why=row["why"],
            approve=f"syncd approve {row['run']}",
        )
    for failure in report.failures:
        level = logging.ERROR if failure.kind == "credentials" else logging.WARNING
        if failure.stage not in _TOLD or level == logging.ERROR:
            log.get().log(
                level, "part_failed", stage=failure.stage, where=failure.where, why=failure.message, hint=failure.hint
            )
    log.get().log(
        _level(report),
        "cycle",
        result=report.result,
        seconds=report.seconds,
        pulled=_total(report.pulled),
        gone=_total(report.removed),
        added=report.applied.get("add", 0),
        removed=report.applied.get("remove", 0),
        refused=report.refused,
        unknown=report.unknown,
        failed=report.failed,
        held=len(report.held),
        kept=len(report.kept),
        age=_age(services),
    )


def _level(report: Report) -> int:
    if report.result in {"failed", "interrupted"}:
        return logging.ERROR
    return logging.WARNING if report.result != "done" or report.refused else logging.INFO


def _total(counts: dict[str, dict[str, int]]) -> int:
    return sum(sum(by_kind.values()) for by_kind in counts.values())


def _age(services: Services) -> int | None:
    """Return the seconds since the segment that waits longest was last brought up to date; None for never."""
    asked = services.settings.segments
    at = [it.as_of for it in membership.standings(services.mirror) if it.segment in asked and asked[it.segment].enabled]
    known = [instant for instant in at if instant is not None]
    return max(0, services.clock.now() - min(known)) if known and len(known) == len(at) else None
