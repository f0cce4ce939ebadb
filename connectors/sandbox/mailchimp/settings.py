"""What can be told about a simulated account from outside: its lists, its options, its refusals."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from connectors.sandbox.faults.plan import Reason

DEFAULT_KEY = "0123456789abcdef0123456789abcdef-us1"
"""An API key as Mailchimp writes them: 32 hexadecimal digits, a dash, the data centre."""

MergeType = Literal[
    "text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip"
]


class MergeField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of an audience.

    Attributes:
        tag: The merge tag: at most ten upper-case letters, digits and underscores.
        required: Whether a contact without it is refused (unless `skip_merge_validation`).
        choices: What a radio or dropdown field takes.
    """

    tag: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9_]{1,10}$")]
    name: str = ""
    type: MergeType = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


USUAL_FIELDS = (
    MergeField(tag="FNAME", name="First Name"),
    MergeField(tag="LNAME", name="Last Name"),
    MergeField(tag="ADDRESS", name="Address", type="address"),
    MergeField(tag="PHONE", name="Phone Number", type="phone"),
)
"""The fields of a new audience; a merchant may have changed them."""


class NewList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An audience to begin with.

    Attributes:
        double_optin: Shown by the API; does not stop the API from writing `subscribed`.
        welcome: Whether everybody who becomes subscribed is mailed a welcome.
        interests: The ids of the interests (groups) that exist.
    """

    id: str
    name: str
    double_optin: bool = False
    welcome: bool = True
    merge_fields: tuple[MergeField, ...] = USUAL_FIELDS
    interests: tuple[str, ...] = ()


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service's behaviour is limited by circumstance, or not settled by anything published.

    Attributes:
        connections: How many requests may be answered at once; all apps of the account share the service's 10, so a
            smaller number is what the others leave.
        absent: What becomes of an address that is not in the list, in a call that tags many. The request's
            documentation says ignored (`silent`), the response's says named in `errors`.
        repeated: What becomes of an address that has the tag already (or, when removing, has it not): named as
            added, named in `errors`, or not named at all. Nothing published says.
        archived: Whether an archived contact counts as there (`kept`: `status_if_new` does not touch it), or is
            taken for `new` by a call that may create.
        tagging_moves_last_changed: Whether a tag put on or taken off counts as a change of the contact. Nothing
            published says.
        tags_shown: How many tags a contact shows at most ("Returns up to 50 tags applied to this member"); the
            contact's own tags page has all.
    """

    connections: int = 10
    absent: Literal["errors", "silent"] = "errors"
    repeated: Literal["named", "errors", "silent"] = "named"
    archived: Literal["kept", "new"] = "kept"
    tagging_moves_last_changed: bool = True
    tags_shown: int = 50


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address that the service will not have.

    Attributes:
        reason: Whose words are used.
        detail: Other words than the usual ones of the reason.
        when: Whether being created or subscribed is refused, or being tagged in a call that tags many.
        times: How often, before it is taken after all; None for ever.
    """

    email_address: str
    reason: Reason = "fake"
    detail: str = ""
    when: Literal["subscribing", "tagging"] = "subscribing"
    times: int | None = None
