"""What an answer of Mailchimp's means: the one place where statuses and problem bodies become our errors.

Mailchimp limits simultaneous connections, not calls, and says no `Retry-After`. At high volume it answers 429, or
403 *without a body*; a 403 with a problem body is about the key or the account.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import msgspec

from connectors.http import Answer
from connectors.mailchimp.wire import discreet
from syncd.errors import CredentialsError, FatalError, RetriableError

_SHARED = "all programs of one Mailchimp user share ten connections; stop one of the others, or wait"


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request."""

    field: str | None = None
    message: str | None = None


class ProblemBody(msgspec.Struct, frozen=True):
    """The body of a bad answer. `type` is the same address for all, so it is not looked at."""

    title: str | None = None
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldProblem] | None = None

    @property
    def words(self) -> str:
        """What Mailchimp says, in one line, without anybody's address."""
        fields = [": ".join(part for part in (each.field, each.message) if part) for each in self.errors or ()]
        said = [self.title, self.detail, *fields]
        return discreet(" · ".join(part for part in said if part))


class NotFoundError(FatalError):
    """There is no such list, member or segment. The caller knows which it asked for."""


class RefusedError(FatalError):
    """Mailchimp will not have this request as it is; of a batch, one address may be the reason.

    Attributes:
        words: What Mailchimp says, without anybody's address.
    """

    def __init__(self, message: str, words: str) -> None:
        """Keep Mailchimp's own words apart from ours."""
        super().__init__(message)
        self.words = words


def judge_of(audience: str) -> Callable[[Answer], None]:
    """Return the judge of the answers about one audience (its name in the settings)."""

    def judge(answer: Answer) -> None:
        if answer.status < 300:
            _insist_on_json(audience, answer)
        else:
            _raise(audience, answer)

    return judge


def _insist_on_json(audience: str, answer: Answer) -> None:
    """A proxy's or a captive portal's page with status 200 must not pass for success."""
    if answer.status == 204:
        return
    try:
        answer.json()
    except RetriableError as error:
        raise RetriableError(
            f"the audience {audience}: something answered in Mailchimp's place ({error.message})",
            unknown_fate=True,
            hint="look for a proxy or a login page between this machine and Mailchimp",
        ) from error


def _raise(audience: str, answer: Answer) -> NoReturn:
    problem = _problem(answer)
    request = answer.headers.get("x-request-id") or (problem.instance if problem else None)
    words = problem.words if problem else ""
    told = f"the audience {audience}: Mailchimp answered {answer.status}"
    told += (f", {words}" if words else " without a reason") + (f" (request {request})" if request else "")
    if answer.status in {408, 429} or answer.status >= 500 or (answer.status == 403 and problem is None):
        # too many connections: surely not done; a server's failure may have come after the deed
        throttled = answer.status in {403, 429}
        hint = _SHARED if throttled else "Mailchimp's own state is told at https://status.mailchimp.com"
        raise RetriableError(told, retry_after=answer.retry_after, unknown_fate=not throttled, hint=hint)
    if answer.status in {401, 403}:
        raise CredentialsError(
            told,
            hint=f"make a new API key in Mailchimp (Account, Extras, API keys) and put it into [audiences.{audience}]",
        )
    if answer.status == 404:
        raise NotFoundError(
            told, hint=f"look at `list` in [audiences.{audience}]; `syncd check` names the audiences of this key"
        )
    if answer.status in {400, 413, 422}:
        raise RefusedError(told, words or f"status {answer.status} without a reason")
    raise FatalError(told, hint="if it stays so, syncd is too old for Mailchimp's present interface")


def _problem(answer: Answer) -> ProblemBody | None:
    """Return the problem that a bad answer tells of; None where it tells of none, as a throttle does."""
    try:
        return msgspec.json.decode(answer.body, type=ProblemBody)
    except msgspec.DecodeError:
        return None
