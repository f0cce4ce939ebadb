"""What goes out together: changes cut into what a target takes at once, so that it needs the fewest calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from syncd.model import Change, fold
from syncd.ports import Traits


def batches(urgent: Sequence[Change], rest: Sequence[Change], traits: Traits) -> Iterator[Sequence[Change]]:
    """Cut changes into batches of at most `traits.batch_size`, the urgent ones first.

    Where a call carries one label, whoever is to be made comes before the others, with all of theirs together, and
    then label after label: a batch that held the end of one and the beginning of another would take two calls. The
    changes of a label keep their order.
    """
    if traits.label_a_call:
        return chain.from_iterable(_by_label(some, traits.batch_size) for some in (urgent, rest))
    return _cut([*urgent, *rest], traits.batch_size)


def _by_label(changes: Iterable[Change], size: int) -> Iterator[Sequence[Change]]:
    made: dict[str, list[Change]] = {}
    rest: list[Change] = []
    for change in changes:
        if change.create is None:
            rest.append(change)
        else:
            made.setdefault(change.subject, []).append(change)
    yield from _whole(made.values(), size)
    rest.sort(key=_label)
    for _, group in groupby(rest, key=_label):
        yield from _cut(list(group), size)


def _whole(people: Iterable[list[Change]], size: int) -> Iterator[Sequence[Change]]:
    """Fill batches with people, none of whom is divided between two: the second would find them made."""
    batch: list[Change] = []
    for changes in people:
        if batch and len(batch) + len(changes) > size:
            yield batch
            batch = []
        batch += changes
        if len(batch) > size:
            yield from _cut(batch, size)
            batch = []
    if batch:
        yield batch


def _cut(changes: Sequence[Change], size: int) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


def _label(change: Change) -> str:
    return fold(change.label)
