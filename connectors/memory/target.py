"""What both targets in memory have in common: how labels are judged, and how a call to `apply` goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connectors.memory.faults import Faults
from syncd.model import Action, Change, Outcome, OutcomeState
from syncd.ports import Price, Traits

_PHRASES = {",": "a comma, which parts one label from the next"}


def normalised(label: str, traits: Traits) -> str:
    """Return the label as it would be read back: without space around it.

    Raises:
        ValueError: It is empty, too long, or holds a character that a label cannot hold.
    """
    text = label.strip()
    if not text:
        raise ValueError("a label needs at least one character")
    if len(text) > traits.label_max:
        raise ValueError(f"a label has at most {traits.label_max} characters, this one has {len(text)}")
    for character in traits.label_forbidden:
        if character in text:
            raise ValueError(f"a label cannot hold {_PHRASES.get(character, repr(character))}")
    return text


def price(changes: Sequence[Change], traits: Traits) -> Price:
    """Return what a push takes: a call a batch, and no time."""
    return Price(calls=-(-len(changes) // traits.batch_size))


def answered(
    changes: Sequence[Change], carry_out: Callable[[Change], Outcome], faults: Faults, traits: Traits, service: str
) -> Iterator[Outcome]:
    """Carry out changes as one call to a service: all is done there before the first outcome is told here.

    Raises:
        ValueError: More changes than the target takes at once.
        RetriableError: The mishap that `faults` has in store.
        Killed: Likewise.
    """
    if len(changes) > traits.batch_size:
        raise ValueError(f"{service} takes {traits.batch_size} changes at once, not {len(changes)}")
    mishap = faults.mishap
    done, told = (len(changes), len(changes)) if mishap is None else mishap.span(len(changes))
    outcomes = [_faulty(change, carry_out, faults, traits) for change in changes[:done]]
    yield from outcomes[:told]
    if mishap is not None:
        raise mishap.error(service)


def refused(change: Change, words: str) -> Outcome:
    """Return the outcome of a change that the service refuses."""
    return Outcome(change=change, state=OutcomeState.REFUSED, answer=words)


def _faulty(change: Change, carry_out: Callable[[Change], Outcome], faults: Faults, traits: Traits) -> Outcome:
    subject = change.subject
    if subject in faults.refuse:
        return refused(change, faults.refuse[subject])
    if subject in faults.fail:
        return Outcome(change=change, state=OutcomeState.FAILED, answer=faults.fail[subject])
    if change.action is not Action.OPT_OUT:
        try:
            normalised(change.label, traits)
        except ValueError as error:
            return refused(change, str(error))
    if subject not in faults.unnamed:
        return carry_out(change)
    if faults.unnamed[subject]:
        carry_out(change)
    return Outcome(change=change, state=OutcomeState.UNKNOWN, answer="the answer does not name it")
