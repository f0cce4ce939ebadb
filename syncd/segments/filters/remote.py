"""What Shopify's language has and the mirror does not know: recognised, checked, and said so."""

from __future__ import annotations

from syncd.segments.comparisons import Type
from syncd.segments.filter import Filter, Remote

_EVENTS = "is known to the store alone: its events cannot be read from outside"
_EMAIL = {"activity_id": Type.ID, "date": Type.DATE, "count": Type.INTEGER}
_VIEWED = {"id": Type.ID, "date": Type.DATE, "count": Type.INTEGER, "tag": Type.TEXT}


def _email(event: str, meaning: str) -> Filter:
    return Filter(
        name=f"shopify_email.{event}",
        meaning=meaning,
        example=f"shopify_email.{event} MATCHES (date >= -90d)",
        reading=Remote(parameters=_EMAIL, why=_EVENTS),
    )


def _viewed(name: str, meaning: str) -> Filter:
    return Filter(
        name=name,
        meaning=meaning,
        example=f"{name} MATCHES (date >= -7d)",
        reading=Remote(parameters=_VIEWED, why=_EVENTS),
    )


FILTERS = (
    _email("bounced", "an e-mail of Shopify Email bounced"),
    _email("clicked", "a link in an e-mail of Shopify Email was clicked"),
    _email("delivered", "an e-mail of Shopify Email was delivered"),
    _email("marked_as_spam", "an e-mail of Shopify Email was marked as spam"),
    _email("opened", "an e-mail of Shopify Email was opened"),
    _email("unsubscribed", "the customer unsubscribed by an e-mail of Shopify Email"),
    _viewed("storefront.product_viewed", "a product was looked at in the shop"),
    _viewed("storefront.collection_viewed", "a collection was looked at in the shop"),
    _viewed("storefront_event.product_viewed", "another spelling of `storefront.product_viewed`"),
    _viewed("storefront_event.collection_viewed", "another spelling of `storefront.collection_viewed`"),
    Filter(
        name="created_by_app_id",
        meaning="the app that created the customer",
        example="created_by_app_id = 1234",
        reading=Remote(type=Type.ID, why="is known to the store alone: it does not tell which app made a customer"),
    ),
)
