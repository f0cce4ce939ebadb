"""How often a call is tried, and how long is waited in between: the one retry rule of all connectors."""

from __future__ import annotations

import random

import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception

from syncd.errors import RetriableError
from syncd.ports import Host, Progress

PATIENCE = 300.0
"""Longest pause in seconds that a call waits out; a service that asks for more is left for the next cycle."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How one service is to be treated.

    Attributes:
        connections: Most requests at once.
        connect: Seconds to wait for a connection.
        read: Seconds to wait for the next bytes of an answer.
        whole: Seconds an answer may take altogether.
        file: Seconds a whole download may take.
        attempts: How often a call is tried in all.
        longest_wait: Longest pause between two tries, in seconds, unless the service asks for more.
        budget: Seconds after which a call is not tried again, but for the pauses that the service itself asked for.
        rest: Seconds for which a service is left alone once a call has used that up.
    """

    connections: int = 4
    connect: float = 5.0
    read: float = 60.0
    whole: float = 180.0
    file: float = 3600.0
    attempts: int = 6
    longest_wait: float = 30.0
    budget: float = 45.0
    rest: float = 60.0


class UnreachableError(RetriableError):
    """Nothing answered."""


class Patience:
    """The rule for one service, and what is told of it while it goes on."""

    def __init__(self, service: str, host: Host, limits: Limits) -> None:
        """Wait on the host's clock. `service` is how messages call the other side."""
        self._service = service
        self._host = host
        self._limits = limits

    def rule(self, *, repeatable: bool, several: bool) -> Retrying:
        """Return the rule by which one call is tried.

        Args:
            repeatable: Whether sending it twice does no harm; else it is tried again only where it was surely not
                carried out.
            several: Whether to try more than once at all.
        """
        clock = self._host.clock
        until = clock.monotonic() + self._limits.budget

        def again(error: BaseException) -> bool:
            if not isinstance(error, RetriableError) or (error.retry_after or 0) > PATIENCE:
                return False
            return repeatable or not error.unknown_fate

        def enough(state: RetryCallState) -> bool:
            return not several or state.attempt_number >= self._limits.attempts or clock.monotonic() >= until

        def pause(state: RetryCallState) -> float:
            nonlocal until
            error = _ended(state)
            until += error.retry_after or 0.0 if error else 0.0
            return self._pause(state.attempt_number, error)

        return Retrying(
            retry=retry_if_exception(again),
            stop=enough,
            wait=pause,
            before_sleep=lambda state: self._tell(state.attempt_number, _ended(state)),
            sleep=clock.sleep,
            reraise=True,
        )

    def wait(self, failures: int, error: RetriableError) -> None:
        """Wait before the next try of something that failed so often in a row."""
        self._tell(failures, error)
        self._host.clock.sleep(self._pause(failures, error))

    def _tell(self, failures: int, error: RetriableError | None) -> None:
        """Tell whoever watches why nothing seems to happen."""
        how = "does not answer" if isinstance(error, UnreachableError) else "is busy"
        self._host.progress(Progress(f"{self._service} {how}, trying again", failures))

    def _pause(self, failures: int, error: RetriableError | None) -> float:
        """Full jitter on a doubling pause, never shorter than the service asks."""
        asked = error.retry_after if error else None
        doubled: float = min(self._limits.longest_wait, 2.0 ** (failures - 1))
        self._host.allowance.wait(asked or 0.0)
        jitter = random.uniform(0.1, 1.0)  # noqa: S311  # spreading load, not a secret
        return max(asked or 0.0, 0.0) + doubled * jitter


def _ended(state: RetryCallState) -> RetriableError | None:
    """Return how a try ended that may be followed by another."""
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, RetriableError) else None
