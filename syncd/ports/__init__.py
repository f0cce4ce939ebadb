"""What a connector must offer, and what it is given. Vendor names, JSON and exceptions stop behind these.

A *store* is a source with a feed for each kind of record and a target of customer tags. An *audience* is a target
whose contacts are a feed of their own. Differences between services are declared (`Traits`), never asked for by name.

Every method may raise the errors of `syncd.errors`, and only those: `RetriableError` where the connector's own
retries are used up, `CredentialsError` where the key is refused, `FatalError` for the rest.
"""

from syncd.ports.accounts import Allowance, Check, Host, Missing, Price, Progress, Reach, Traits
from syncd.ports.feeds import Cursor, Feed, Page, Peek
from syncd.ports.roles import (
    Audience,
    AudienceConnector,
    Connector,
    SavedSegment,
    SavedSegments,
    Source,
    Store,
    StoreConnector,
    Target,
    feed_of,
)

__all__ = [
    "Allowance",
    "Audience",
    "AudienceConnector",
    "Check",
    "Connector",
    "Cursor",
    "Feed",
    "Host",
    "Missing",
    "Page",
    "Peek",
    "Price",
    "Progress",
    "Reach",
    "SavedSegment",
    "SavedSegments",
    "Source",
    "Store",
    "StoreConnector",
    "Target",
    "Traits",
    "feed_of",
]
