"""What may go wrong at a service, told by what it does, not by which call it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from syncd.errors import CredentialsError, RetriableError


class Killed(BaseException):
    """The process died here. Nothing that catches errors may catch it, as nothing catches a kill."""


class Ending(StrEnum):
    """How a call to `apply` ends early.

    LOST: the connection broke before the answer was read to its end; what was not told may have been carried out.
    STOPPED: the service stopped answering between two changes; what was not told was surely not carried out.
    KILLED: syncd itself died.
    """

    LOST = "lost"
    STOPPED = "stopped"
    KILLED = "killed"


class Mishap(msgspec.Struct, frozen=True):
    """What befalls one call to `apply`.

    Attributes:
        ending: How it ends.
        done: How many of the changes the service carries out, in their order; None for all.
        told: How many outcomes are told before the end; never more than `done`, and exactly those where it STOPPED.
    """

    ending: Ending
    done: int | None = None
    told: int = 0

    def span(self, changes: int) -> tuple[int, int]:
        """Return how many of `changes` changes are carried out, and how many outcomes are told."""
        done = changes if self.done is None else min(self.done, changes)
        return done, done if self.ending is Ending.STOPPED else min(self.told, done)

    def error(self, service: str) -> BaseException:
        """Return what the caller of `apply` meets in the end."""
        if self.ending is Ending.KILLED:
            return Killed()
        lost = self.ending is Ending.LOST
        words = "broke off while answering" if lost else "stopped answering"
        return RetriableError(f"{service} {words}", unknown_fate=lost)


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a service. Subjects are customers' ids as text, or normalised addresses.

    `mishap` befalls the next `apply` and `break_off` the next `pages`, then each is over; the others stand.

    Attributes:
        key_refused: Every call is refused for its key.
        unreachable: No call gets through.
        refuse: Subjects whose changes the service refuses, and its words.
        fail: Subjects whose changes cannot be made for the time being, and its words.
        unnamed: Subjects that an answer leaves out, and whether their changes are carried out all the same.
        mishap: How the next `apply` ends.
        break_off: After how many pages the next reading of a feed breaks off.
    """

    key_refused: bool = False
    unreachable: bool = False
    refuse: Mapping[str, str] = {}
    fail: Mapping[str, str] = {}
    unnamed: Mapping[str, bool] = {}
    mishap: Mishap | None = None
    break_off: int | None = None

    def meet(self, service: str) -> None:
        """Raise what any call to the service meets.

        Raises:
            CredentialsError: The key is refused.
            RetriableError: The service cannot be reached.
        """
        if self.key_refused:
            raise CredentialsError(f"{service} does not accept the key", hint="put a valid key into the settings")
        if self.unreachable:
            raise RetriableError(f"{service} could not be reached", hint="try again later")
