"""What no table can know by itself: names that must exist, labels that must not meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from syncd.config.findings import Findings, nearest
from syncd.config.reading import Draft
from syncd.config.tables import SegmentTable
from syncd.model import fold


class Names(NamedTuple):
    """What the file names, whether right or wrong in itself.

    Attributes:
        stores: Each with its kind, None where that is not known.
    """

    stores: Mapping[str, str | None]
    audiences: Collection[str]


def cross_check(names: Names, drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Keep a finding for everything that does not fit together."""
    for name in names.audiences:
        if name in names.stores:
            findings.add(("audiences", name), f"there is a store {name!r} too", "give one of them another name")
    for name, draft in drafts.items():
        _references(name, draft.table, names, findings)
        _tags(name, draft, findings)
        _source(name, draft.table, names, findings)
    _labels(names, drafts, findings)
    _segments(drafts, findings)


def _references(name: str, segment: SegmentTable, names: Names, findings: Findings) -> None:
    for key, named, known in (
        ("stores", segment.stores, names.stores),
        ("audiences", segment.audiences, names.audiences),
    ):
        for index, other in enumerate(named):
            if other not in known:
                findings.add(
                    ("segments", name, key, index),
                    f"there is no {key[:-1]} {other!r}",
                    nearest(other, known) or f"add [{key}.{other}]",
                )
    if "stores" in segment.model_fields_set and not segment.stores:
        findings.add(("segments", name, "stores"), "names no store", "leave the key out for all stores")


def _tags(name: str, draft: Draft, findings: Findings) -> None:
    if draft.table.audiences and not draft.given & {"tag", "audience_tag"}:
        findings.add(
            ("segments", name, "audiences"), "an audience needs a tag to write", 'add tag = "…" or audience_tag = "…"'
        )
    if "audience_tag" in draft.given and "audiences" not in draft.given:
        findings.warn(("segments", name, "audience_tag"), "has no effect without audiences", 'add audiences = ["…"]')


def _source(name: str, segment: SegmentTable, names: Names, findings: Findings) -> None:
    """A segment that the store answers is asked of stores of that kind, and holds whom they name: nothing less."""
    if not segment.asks_store:
        return
    kinds = {store: names.stores.get(store) for store in segment.stores or names.stores}
    words = ["mirror", "store", *sorted({kind for kind in names.stores.values() if kind is not None})]
    if segment.source not in words:
        findings.add(
            ("segments", name, "source"),
            f"{segment.source!r} is not one of {', '.join(words)}",
            nearest(segment.source, words, few=0),
        )
    elif segment.source != "store":
        for store, kind in kinds.items():
            if kind is not None and kind != segment.source:
                findings.add(
                    ("segments", name, "source"),
                    f"the store {store!r} is of kind {kind!r}, not {segment.source!r}",
                    "name the stores it is about: stores = […]",
                )
    for key, given in (("by", segment.by == "email"), ("rank", segment.rank is not None)):
        if given:
            findings.add(("segments", name, key), "cannot go with a source that is not the mirror", "leave one out")


def _labels(names: Names, drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Two segments must not write one label to one target: each would take away what the other gives."""
    owners: dict[tuple[str, str], str] = {}
    for name, draft in drafts.items():
        for key, target, label in draft.table.written(names.stores):
            owner = owners.setdefault((target, fold(label)), name)
            if owner != name:
                findings.add(
                    ("segments", name, key),
                    f"the tag {label!r} of {target} is already written by the segment {owner!r}",
                    "give one of them another tag, or join the two queries with OR",
                )


def _segments(drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Segments that a rule asks about must exist, and must not ask about each other in a circle."""
    asked = {name: sorted(draft.rule.segments) if draft.rule else [] for name, draft in drafts.items()}
    for name, others in asked.items():
        for other in others:
            if other not in drafts:
                findings.add(("segments", name, "query"), f"there is no segment {other!r}", nearest(other, drafts))
    try:
        TopologicalSorter(asked).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        first = next(name for name in drafts if name in circle)
        turn = circle.index(first)
        way = " → ".join([*circle[turn:-1], *circle[:turn], first])
        findings.add(
            ("segments", first, "query"), f"segments ask about each other in a circle: {way}", "leave one of them out"
        )
