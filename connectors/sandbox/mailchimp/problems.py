"""Refusals as the service words them: problem documents (`application/problem+json`)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from connectors.sandbox.exchange import Response, json_response

TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
"""The same for every problem, so that nobody can tell them apart by it."""

MEDIA_TYPE = "application/problem+json; charset=utf-8"

UNVALIDATED = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."


class Problem(Exception):  # noqa: N818  # the service's own word for it
    """A request, or one contact in it, is refused.

    Attributes:
        status: The HTTP status, where the whole request is refused.
        title: The short name (`Invalid Resource`).
        detail: The sentence; in a batch it is all that is told.
        errors: Field by field, `(field, message)`.
    """

    def __init__(self, status: int, title: str, detail: str, errors: tuple[tuple[str, str], ...] = ()) -> None:
        """Keep what the problem document will say."""
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors

    def response(self, instance: str) -> Response:
        """Return the problem document; `instance` names this occurrence, as `X-Request-Id` does."""
        document: dict[str, Any] = {
            "type": TYPE,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            document["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return json_response(document, self.status, MEDIA_TYPE)


def plain(status: int) -> Problem:
    """Return the service's usual words for a status that has nothing to do with the request's content."""
    title, detail = {
        403: ("Forbidden", "You don't have permission to access this resource."),
        404: ("Resource Not Found", "The requested resource could not be found."),
        405: ("Method Not Allowed", "The requested method and resource are not compatible. See the Allow header."),
        422: ("Method Override Not Allowed", "The X-HTTP-Method-Override header is allowed for POST requests only."),
        429: ("Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."),
        500: ("Internal Server Error", "An unexpected internal error has occurred. Please contact Support."),
    }.get(status, (HTTPStatus(status).phrase, "The request could not be carried out."))
    return Problem(status, title, detail)


def key_missing() -> Problem:
    """Return what a request without any key is told."""
    return Problem(401, "API Key Missing", "Your request did not include an API key.")


def key_invalid() -> Problem:
    """Return what a request with another key is told; a key of another data centre hears the same."""
    detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
    return Problem(401, "API Key Invalid", detail)


def unvalidated(*errors: tuple[str, str]) -> Problem:
    """Return the refusal of a request that does not fit the schema."""
    return Problem(400, "Invalid Resource", UNVALIDATED, errors)


def invalid(detail: str) -> Problem:
    """Return the refusal of a resource for a reason that is told in one sentence."""
    return Problem(400, "Invalid Resource", detail)


def merge_fields(*errors: tuple[str, str]) -> Problem:
    """Return the refusal of a contact whose merge fields are missing or malformed."""
    return Problem(400, "Invalid Resource", "Your merge fields were invalid.", errors)


def member_exists(email: str) -> Problem:
    """Return the refusal to create a contact that is there."""
    detail = f"{email} is already a list member. Use PUT to insert or update list members."
    return Problem(400, "Member Exists", detail)


def compliance(email: str) -> Problem:
    """Return the refusal to subscribe somebody who has left by themselves, bounced, or is under review."""
    detail = (
        f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed."
    )
    return Problem(400, "Member In Compliance State", detail)


def forgotten(email: str) -> Problem:
    """Return the refusal to bring back somebody who was deleted for good."""
    detail = (
        f"{email} was permanently deleted and cannot be re-imported. "
        "The contact must re-subscribe to get back on the list."
    )
    return Problem(400, "Forgotten Email Not Subscribed", detail)


def fake(email: str) -> Problem:
    """Return the refusal of an address that nobody can own."""
    return invalid(f"{email} looks fake or invalid, please enter a real email address.")


def many_lists(email: str) -> Problem:
    """Return the passing refusal of an address that joined many lists, of anybody's, at once."""
    return invalid(f"{email} has signed up to a lot of lists very recently; we're not allowing more signups for now.")


def incomplete_address(_: str) -> Problem:
    """Return the refusal of a contact for an address that is stored badly, or that the list asks for."""
    return merge_fields(("ADDRESS", "Please enter a complete address"))


def interest(_: str) -> Problem:
    """Return the refusal of a contact for a group that was deleted."""
    return invalid("Invalid interest ID: 'a1b2c3d4e5'.")


def other(email: str) -> Problem:
    """Return a refusal in words that nobody has published."""
    return invalid(f"{email} cannot be added at this time for reasons of our own.")


def unremovable() -> Problem:
    """Return the refusal to archive somebody who cannot be, or is already."""
    detail = "This list member cannot be removed. Can not archive a contact that is bounced, pending or archived"
    return Problem(405, "Method Not Allowed", detail)
