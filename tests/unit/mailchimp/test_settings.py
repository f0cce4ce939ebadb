"""The keys of `[audiences.NAME]` that are Mailchimp's own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.mailchimp import CONNECTOR, MailchimpSettings
from syncd.ports import Audience, Host
from tests.conftest import StillClock

KEY = "0123456789abcdef0123456789abcdef-us19"
LIST = "a1b2c3d4e5"


def settings(**keys: Any) -> MailchimpSettings:
    return MailchimpSettings.model_validate({"api_key": KEY, "list": LIST} | keys)


def complaint(**keys: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**keys)
    return str(caught.value)


def test_the_key_names_the_address() -> None:
    assert settings().address == "https://us19.api.mailchimp.com/3.0"


def test_another_address_needs_no_data_centre_in_the_key() -> None:
    made = settings(api_key="anything", api_url="http://127.0.0.1:4020/mailchimp/3.0/")
    assert made.address == "http://127.0.0.1:4020/mailchimp/3.0"


@pytest.mark.parametrize(
    "key",
    ["", "us7", KEY.removesuffix("-us19"), f"{KEY}-us2", KEY.upper(), f"{KEY}.evil.example", KEY.replace("-", "_")],
)
def test_a_key_of_another_form_is_refused_without_being_shown(key: str) -> None:
    said = complaint(api_key=key)
    assert "32 hex digits" in said
    assert not key or key not in said


def test_the_key_is_never_shown() -> None:
    assert KEY not in repr(settings())
    assert KEY not in str(settings().model_dump())


@pytest.mark.parametrize("list_id", ["", "a b", "../x", "a/b", "https://us19.admin.mailchimp.com/lists/1"])
def test_a_list_that_is_no_id_is_refused_with_the_place_to_find_it(list_id: str) -> None:
    assert "Audience name and defaults" in complaint(list=list_id)


@pytest.mark.parametrize("tag", ["fname", "FIRSTNAMEISLONG", "F NAME", ""])
def test_a_merge_field_is_called_as_mailchimp_calls_it(tag: str) -> None:
    assert "merge tag" in complaint(merge_fields={tag: "first_name"})


def test_a_postal_address_is_never_filled_in_parts() -> None:
    assert "whole postal address" in complaint(merge_fields={"ADDRESS": "last_name"})


def test_a_merge_field_is_filled_from_a_field_that_a_customer_has() -> None:
    assert settings(merge_fields={"FNAME": "first_name"}).merge_fields == {"FNAME": "first_name"}
    assert "'first_name', 'last_name', 'phone' or 'language'" in complaint(merge_fields={"FNAME": "name"})


@pytest.mark.parametrize("address", ["127.0.0.1:4020", "ftp://127.0.0.1", "http://"])
def test_an_address_without_a_scheme_is_refused(address: str) -> None:
    assert "https://" in complaint(api_url=address)


def test_unknown_keys_are_errors() -> None:
    assert "new_contacts" in complaint(new_contacts="never")


def test_opening_sends_nothing(clock: StillClock) -> None:
    host = Host(clock=clock, memo={})
    audience: Audience = CONNECTOR.open("newsletter", settings(), host)
    assert audience.name == "newsletter"
    assert audience.traits.batch_size == 500
    assert (CONNECTOR.role, CONNECTOR.settings, host.calls) == ("audience", MailchimpSettings, {})
