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
    groups = chain(_by_label(urgent), _by_label(rest)) if traits.label_a_call else ([*urgent, *rest],)
    for group in groups:
        for start in range(0, len(group), traits.batch_size):
            yield group[start : start + traits.batch_size]


def _by_label(changes: Iterable[Change]) -> Iterator[Sequence[Change]]:
    made: dict[str, list[Change]] = {}
    rest: list[Change] = []
    for change in changes:
        if change.create is None:
            rest.append(change)
        else:
            made.setdefault(change.subject, []).append(change)
    yield list(chain.from_iterable(made.values()))
    rest.sort(key=_label)
    for _, group in groupby(rest, key=_label):
        yield list(group)


def _label(change: Change) -> str:
    return fold(change.label)
