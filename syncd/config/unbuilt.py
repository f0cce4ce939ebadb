"""What the file may already say and syncd does not do yet. Delete a line here when its part is built."""

from __future__ import annotations

from syncd.config.findings import Findings
from syncd.config.tables import SegmentTable


def refuse_unbuilt(name: str, segment: SegmentTable, findings: Findings) -> None:
    """Keep a finding for each option of a segment that is not built yet."""
    if segment.by == "email":
        findings.add(("segments", name, "by"), "people by address are not available yet", "leave the key out")
    if segment.rank is not None:
        findings.add(("segments", name, "rank"), "ranks are not available yet", "leave the key out")
