"""Which call is answered by what."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from connectors.sandbox.mailchimp import batches, lists, many, members, problems, segments
from connectors.sandbox.mailchimp.call import Endpoint

_LIST = "/lists/{list_id}"
_MEMBER = _LIST + "/members/{subscriber_hash}"
_SEGMENT = _LIST + "/segments/{segment_id}"

RESULTS = "/batch-results/{name}"
"""Where links to a batch's results lead: another host than the API's in truth, and no part of it."""

ROUTES: dict[str, dict[str, Endpoint]] = {
    "/": {"GET": lists.account},
    "/ping": {"GET": lists.ping},
    "/lists": {"GET": lists.all_lists},
    _LIST: {"GET": lists.one_list, "POST": many.write},
    _LIST + "/merge-fields": {"GET": lists.merge_fields},
    _LIST + "/members": {"GET": members.page, "POST": members.create},
    _MEMBER: {"GET": members.get, "PUT": members.put, "PATCH": members.patch, "DELETE": members.archive},
    _MEMBER + "/actions/delete-permanent": {"POST": members.forget},
    _MEMBER + "/tags": {"GET": members.tags, "POST": members.mark},
    _LIST + "/segments": {"GET": segments.all_segments, "POST": segments.create},
    _SEGMENT: {"GET": segments.get, "POST": segments.batch, "PATCH": segments.patch, "DELETE": segments.delete},
    _SEGMENT + "/members": {"GET": segments.members, "POST": segments.add_member},
    _SEGMENT + "/members/{subscriber_hash}": {"DELETE": segments.remove_member},
    _LIST + "/tag-search": {"GET": segments.tag_search},
    "/batches": {"GET": batches.page, "POST": batches.submit},
    "/batches/{batch_id}": {"GET": batches.get, "DELETE": batches.stop},
}
"""By path template, as the published description writes them, then by method."""


class Match(msgspec.Struct, frozen=True):
    """Where a path leads: its template, what stands in the template's places, and who answers each method."""

    template: str
    params: dict[str, str]
    endpoints: dict[str, Endpoint]

    def endpoint(self, method: str) -> Endpoint:
        """Return who answers.

        Raises:
            Problem: Nobody does, for this path or for this method.
        """
        if not self.endpoints:
            raise problems.plain(404)
        if method not in self.endpoints:
            raise problems.plain(405)
        return self.endpoints[method]


def match(path: str) -> Match:
    """Return where a percent-encoded path leads; a path that leads nowhere has no endpoints."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    for template, endpoints in (*ROUTES.items(), (RESULTS, {})):
        params = _fit(template.strip("/").split("/"), parts)
        if params is not None:
            return Match(template, params, endpoints)
    return Match("elsewhere", {}, {})


def _fit(template: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(template) != len(parts):
        return None
    params = {}
    for name, part in zip(template, parts, strict=True):
        if name.startswith("{"):
            params[name[1:-1]] = part
        elif name != part:
            return None
    return params
