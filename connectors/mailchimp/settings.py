"""The keys of `[audiences.NAME]` that are Mailchimp's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

CustomerField: TypeAlias = Literal["first_name", "last_name", "phone", "language"]
"""What of a customer may fill a merge field of a new contact."""

_KEY = re.compile(r"[0-9a-f]{32}-(?P<centre>[a-z]+[0-9]+)")
_LIST = re.compile(r"[0-9A-Za-z_-]+")
_MERGE_TAG = re.compile(r"[A-Z0-9_]{1,10}")


class MailchimpSettings(BaseModel):
    """The keys of `[audiences.NAME]` that are Mailchimp's own.

    Attributes:
        api_key: 32 hex digits, a dash and the data centre, which is part of the address that requests go to.
        list: The audience's id (not the number in Mailchimp's web addresses).
        merge_fields: Which of a customer's fields fill which merge field of a contact that is created; contacts that
            are there already are never filled in.
        api_url: Another address than Mailchimp's own, for tests.
    """

    # a wrong key must not be shown by the message that says so
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: SecretStr = Field(description="The account's API key, like 0123456789abcdef0123456789abcdef-us19.")
    list: str = Field(description="The audience's id, ten letters and digits.")
    merge_fields: Mapping[str, CustomerField] = Field(
        default={}, description="Merge field to customer field, for new contacts, like FNAME = 'first_name'."
    )
    api_url: str | None = Field(default=None, description="Another address than Mailchimp's own; for tests only.")

    @property
    def identity(self) -> str:
        """What tells this audience from any other, whatever it is called in the settings."""
        return self.list

    @field_validator("list")
    @classmethod
    def _looks_like_an_id(cls, value: str) -> str:
        if not _LIST.fullmatch(value):
            raise ValueError(
                "an audience id has letters and digits; in Mailchimp it stands under Audience, Settings, "
                "Audience name and defaults"
            )
        return value

    @field_validator("merge_fields")
    @classmethod
    def _looks_like_merge_tags(cls, value: Mapping[str, CustomerField]) -> Mapping[str, CustomerField]:
        for tag in value:
            if not _MERGE_TAG.fullmatch(tag):
                raise ValueError(f"{tag!r} is not a merge tag: up to ten capital letters, digits and _, like FNAME")
            if tag == "ADDRESS":
                raise ValueError(
                    "ADDRESS takes a whole postal address; anything less makes Mailchimp refuse the contact, now or "
                    "at every later change"
                )
        return value

    @field_validator("api_url")
    @classmethod
    def _looks_like_an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/]+", value):
            raise ValueError("an address begins with https:// (http:// for this machine only)")
        return value.rstrip("/") if value else None

    @model_validator(mode="after")
    def _key_names_its_data_centre(self) -> MailchimpSettings:
        if self.api_url is None and not _KEY.fullmatch(self.api_key.get_secret_value()):
            raise ValueError(
                "api_key: a Mailchimp key is 32 hex digits, a dash and a data centre, like …-us19; copy it whole from "
                "Mailchimp: Account, Extras, API keys"
            )
        return self

    @property
    def address(self) -> str:
        """Where requests go, without a slash at the end."""
        if self.api_url is not None:
            return self.api_url
        found = _KEY.fullmatch(self.api_key.get_secret_value())
        centre = found["centre"] if found else ""
        return f"https://{centre}.api.mailchimp.com/3.0"
