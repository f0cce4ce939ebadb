"""`/batches`, as endpoints."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.mailchimp import backlog, query
from connectors.sandbox.mailchimp.call import Call


def submit(call: Call) -> dict[str, Any]:
    """POST /batches."""
    now = call.world.now
    return backlog.shown(call.world.backlog.submit(call.body, now), now, call.host)


def page(call: Call) -> dict[str, Any]:
    """GET /batches."""
    count, offset = query.page(call.query)
    found = list(call.world.backlog)
    shown = [backlog.shown(each, call.world.now, call.host) for each in found[offset : offset + count]]
    return call.projection.apply({"batches": shown, "total_items": len(found), "_links": []})


def get(call: Call) -> dict[str, Any]:
    """GET /batches/{batch_id}: with a fresh link to the results, once it is finished."""
    found = call.world.backlog.get(call.params["batch_id"])
    return call.projection.apply(backlog.shown(found, call.world.now, call.host))


def stop(call: Call) -> None:
    """DELETE /batches/{batch_id}: what of it was not carried out never is, and its results are gone."""
    call.world.backlog.drop(call.params["batch_id"])
