"""The account, its lists, and their fields."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.mailchimp import forms, query
from connectors.sandbox.mailchimp.call import Call
from connectors.sandbox.mailchimp.contacts import iso, member_id


def ping(_: Call) -> dict[str, Any]:
    """GET /ping."""
    return {"health_status": "Everything's Chimpy!"}


def account(call: Call) -> dict[str, Any]:
    """GET /."""
    world = call.world
    return call.projection.apply(
        {
            "account_id": "8d3a3db4d97663a9074efcc16",
            "login_id": "1",
            "account_name": "Simulated account",
            "email": "owner@shop.example",
            "username": "owner",
            "role": "owner",
            "member_since": iso(world.opened_at),
            "pricing_plan_type": "monthly",
            "account_timezone": "UTC",
            "total_subscribers": sum(audience.counts["subscribed"] for audience in world.audiences.values()),
            "_links": [],
        }
    )


def all_lists(call: Call) -> dict[str, Any]:
    """GET /lists."""
    count, offset = query.page(call.query)
    email = call.query.get("email")
    found = [each for each in call.world.audiences.values() if not email or member_id(email) in each.contacts]
    shown = [forms.audience_list(each, call.world.now) for each in found[offset : offset + count]]
    return call.projection.apply({"lists": shown, "total_items": len(found), "_links": []})


def one_list(call: Call) -> dict[str, Any]:
    """GET /lists/{list_id}."""
    return call.projection.apply(forms.audience_list(call.audience, call.world.now))


def merge_fields(call: Call) -> dict[str, Any]:
    """GET /lists/{list_id}/merge-fields."""
    audience = call.audience
    count, offset = query.page(call.query)
    kind = call.query.get("type")
    numbered = enumerate(audience.settings.merge_fields, start=1)
    found = [
        forms.merge_field(audience, field, number)
        for number, field in numbered
        if (not kind or field.type == kind) and (field.required or not query.flag(call.query, "required"))
    ]
    shown = found[offset : offset + count]
    return call.projection.apply(
        {"merge_fields": shown, "list_id": audience.settings.id, "total_items": len(found), "_links": []}
    )
