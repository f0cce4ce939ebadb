"""A Shopify store as something to read: a feed for each kind of record, and what its key opens."""

from __future__ import annotations

from typing import TypeVar

from connectors.shopify import shapes
from connectors.shopify.account import Account
from connectors.shopify.bulk import Exports
from connectors.shopify.client import Client
from connectors.shopify.feed import ShopifyFeed
from connectors.shopify.paging import Pager
from connectors.shopify.segments import ShopifySegments
from connectors.shopify.shapes import Row, Shape
from syncd.model import Checkout, Companies, Credit, Customer, Metafields, Order, Product
from syncd.ports import Check, Feed

T = TypeVar("T", bound=Row)


class ShopifySource:
    """The records of one store."""

    def __init__(self, name: str, client: Client, account: Account, exports: Exports) -> None:
        """Read nothing yet."""
        self.name = name
        self._account = account
        self._customers = _feed(shapes.CUSTOMERS, client, account, exports)
        self._orders = _feed(shapes.ORDERS, client, account, exports)
        self._products = _feed(shapes.PRODUCTS, client, account, exports)
        self._checkouts = _feed(shapes.CHECKOUTS, client, account, exports)
        self._metafields = _feed(shapes.METAFIELDS, client, account, exports)
        self._companies = _feed(shapes.COMPANIES, client, account, exports)
        self._credit = _feed(shapes.CREDIT, client, account, exports)
        self.segments = ShopifySegments(client)

    def check(self) -> Check:
        """Say what the shop is and what the app's scopes open, in one call."""
        return self._account.check()

    @property
    def customers(self) -> Feed[Customer]:
        """Customers with all addresses, tags, consent and the store's own figures."""
        return self._customers

    @property
    def orders(self) -> Feed[Order]:
        """Orders with all line items."""
        return self._orders

    @property
    def products(self) -> Feed[Product]:
        """Products with tags and collections."""
        return self._products

    @property
    def checkouts(self) -> Feed[Checkout]:
        """Checkouts that were begun, completed ones included."""
        return self._checkouts

    @property
    def metafields(self) -> Feed[Metafields]:
        """All metafields of each customer."""
        return self._metafields

    @property
    def companies(self) -> Feed[Companies]:
        """The companies of each customer; refused by a shop without B2B."""
        return self._companies

    @property
    def credit(self) -> Feed[Credit]:
        """The store credit accounts of each customer."""
        return self._credit


def _feed(shape: Shape[T], client: Client, account: Account, exports: Exports) -> ShopifyFeed[T]:
    return ShopifyFeed(shape, Pager(shape, client, account), exports, account)
