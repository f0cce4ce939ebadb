"""Every plan is made twice: by what changed, as a cycle does, and in full over a copy. Both are the same."""

from __future__ import annotations

import copy
import sqlite3
import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from syncd.cycle import Part, Report, Services
from syncd.cycle import cycle as cycles
from syncd.cycle.reading import Readiness
from syncd.mirror.database import Mirror, connect
from syncd.plan import Plan


@contextmanager
def planned_twice() -> Iterator[None]:
    """Compare each plan that is made in this time with the one that looks at everybody."""
    real = cycles.make_plan

    def compared(
        services: Services,
        readiness: Readiness,
        stale: Collection[tuple[str, str]],
        report: Report,
        part: Part,
        *,
        whole: bool,
    ) -> Plan:
        other = msgspec.structs.replace(report, left_out=[], failures=[*report.failures])
        with _copied(services.mirror) as mirror:
            alike = msgspec.structs.replace(services, mirror=mirror)
            in_full = real(alike, copy.deepcopy(readiness), stale, other, part, whole=True)
        made = real(services, readiness, stale, report, part, whole=whole)
        assert made.labels == in_full.labels
        assert (report.left_out, report.checksum, report.held) == (other.left_out, other.checksum, other.held)
        return made

    cycles.make_plan = compared
    try:
        yield
    finally:
        cycles.make_plan = real


@contextmanager
def _copied(mirror: Mirror) -> Iterator[Mirror]:
    with tempfile.TemporaryDirectory(prefix="syncd-twice-") as folder:
        path = Path(folder) / "syncd.db"
        with closing(sqlite3.connect(path)) as there:
            mirror.raw.backup(there)
        path.chmod(0o600)
        other = connect(path)
        try:
            yield other
        finally:
            other.close()
