"""Labels whose arrival must start no automation of the merchant's: one call a contact, marked `is_syncing`.

The call for many at once knows no such mark. An answer of success has no body, but it is about one contact alone, so
that it names whom it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from connectors.halving import halved
from connectors.mailchimp.judge import NotFoundError, RefusedError
from connectors.mailchimp.reasons import Reason, reason_of
from connectors.mailchimp.wire import discreet, hashed
from syncd.errors import CredentialsError, RetriableError, SyncdError
from syncd.model import Change, Contact, Outcome, OutcomeState

_A_TURN = 40
"""Contacts between two looks whether Mailchimp still answers."""

_NO_ANSWER = "no answer came"

Result: TypeAlias = tuple[list[Outcome], SyncdError | None]


class Quietly:
    """Puts labels on contacts of one list, a contact a call."""

    def __init__(
        self,
        lists: Any,
        list_id: str,
        archived: Callable[[Collection[str]], Mapping[str, Contact]],
        at_once: int,
    ) -> None:
        """Write nothing yet.

        Args:
            lists: The package's lists API.
            list_id: The list.
            archived: Tells who of some subjects is in the list's archive: they are left as they are.
            at_once: The most calls at a time.
        """
        self._lists = lists
        self._list = list_id
        self._archived = archived
        self._at_once = at_once

    def add(self, changes: Iterable[Change]) -> Iterator[Outcome]:
        """Put labels on, all of a contact in one call, and yield the outcome of each change.

        Raises:
            SyncdError: Mailchimp stopped answering. What was in flight has been told; the rest was not sent.
        """
        people: dict[str, list[Change]] = {}
        for change in changes:
            people.setdefault(change.subject, []).append(change)
        archived = self._archived(people.keys()) if people else {}
        for subject, contact in archived.items():
            for change in people.pop(subject):
                words = "the contact is archived and is left so"
                yield Outcome(change=change, state=OutcomeState.REFUSED, answer=words, contact=contact)
        todo = list(people.values())
        with ThreadPoolExecutor(self._at_once) as pool:
            for start in range(0, len(todo), _A_TURN):
                yield from _told(list(pool.map(self._person, todo[start : start + _A_TURN])))

    def _person(self, changes: Sequence[Change]) -> Result:
        """Put labels on one contact, and say of each what came of it; never raises what a service can cause."""
        outcomes: list[Outcome] = []
        try:
            for sent, answer in halved(changes, self._send, RefusedError):
                words = answer.words if isinstance(answer, RefusedError) else None
                outcomes += [_outcome(change, words) for change in sent]
        except NotFoundError:
            return self._missing(changes)
        except SyncdError as error:
            return outcomes + _unanswered(changes[len(outcomes) :], error), error
        return outcomes, None

    def _send(self, changes: Sequence[Change]) -> None:
        names = dict.fromkeys(change.label for change in changes)
        body = {"tags": [{"name": name, "status": "active"} for name in names], "is_syncing": True}
        self._lists.update_list_member_tags(self._list, hashed(changes[0].subject), body)

    def _missing(self, changes: Sequence[Change]) -> Result:
        """Nobody of that address is there, or the list itself is gone: it answers just the same."""
        try:
            self._lists.get_list(self._list, fields=("id",))
        except SyncdError as error:
            return [Outcome(change=change, state=OutcomeState.FAILED, answer=_NO_ANSWER) for change in changes], error
        words = "the address is not in the audience"
        return [Outcome(change=change, state=OutcomeState.REFUSED, answer=words) for change in changes], None


def _outcome(change: Change, refusal: str | None) -> Outcome:
    if refusal is None:
        return Outcome(change=change, state=OutcomeState.APPLIED)
    state = OutcomeState.FAILED if reason_of(refusal) is Reason.LATER else OutcomeState.REFUSED
    return Outcome(change=change, state=state, answer=discreet(refusal, change.email.strip(), change.subject))


def _unanswered(changes: Sequence[Change], error: SyncdError) -> list[Outcome]:
    sure = isinstance(error, CredentialsError) or (isinstance(error, RetriableError) and not error.unknown_fate)
    state = OutcomeState.FAILED if sure else OutcomeState.UNKNOWN
    return [Outcome(change=change, state=state, answer=_NO_ANSWER) for change in changes]


def _told(results: Sequence[Result]) -> Iterator[Outcome]:
    """Yield what came of one turn, then raise the first error in it as one after which nothing is in doubt."""
    for outcomes, _ in results:
        yield from outcomes
    error = next((error for _, error in results if error is not None), None)
    if isinstance(error, RetriableError):
        raise RetriableError(error.message, retry_after=error.retry_after, hint=error.hint) from error
    if error is not None:
        raise error
