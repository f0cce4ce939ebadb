"""One call, as the endpoints see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.contacts import Contact
from connectors.sandbox.mailchimp.query import Projection
from connectors.sandbox.mailchimp.tags import Segment
from connectors.sandbox.mailchimp.world import World


class Call(msgspec.Struct, frozen=True):
    """What was called, with what.

    Attributes:
        params: What the path holds, by the names of its template.
        body: Not parsed yet.
        host: What the client called us, for links.
    """

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    host: str = "127.0.0.1"

    @property
    def audience(self) -> Audience:
        """The list of the path.

        Raises:
            Problem: There is none.
        """
        found = self.world.audiences.get(self.params["list_id"])
        if found is None:
            raise problems.plain(404)
        return found

    @property
    def contact(self) -> Contact:
        """The contact of the path: by hash, by contact id, or by address.

        Raises:
            Problem: There is none; one deleted for good looks the same.
        """
        found = self.audience.find(self.params["subscriber_hash"])
        if found is None:
            raise problems.plain(404)
        return found

    @property
    def hashed_contact(self) -> Contact:
        """The contact of the path, by hash only.

        Raises:
            Problem: There is none.
        """
        found = self.audience.contacts.get(self.params["subscriber_hash"])
        if found is None:
            raise problems.plain(404)
        return found

    @property
    def segment(self) -> Segment:
        """The segment of the path.

        Raises:
            Problem: There is none.
        """
        text = self.params["segment_id"]
        found = self.audience.segments.get(int(text)) if text.isdecimal() else None
        if found is None:
            raise problems.plain(404)
        return found

    @property
    def projection(self) -> Projection:
        """Which fields the answer shows."""
        return Projection(self.query)


Endpoint = Callable[[Call], dict[str, Any] | None]
"""Answers a call with a JSON object, or with nothing (204). Raises `Problem`."""
