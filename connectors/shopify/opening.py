"""Putting a store together from its settings."""

from __future__ import annotations

from connectors.http import Http
from connectors.patience import Limits
from connectors.shopify import ShopifySettings
from connectors.shopify.account import Account
from connectors.shopify.bulk import Exports
from connectors.shopify.bulk_writes import BulkWriter
from connectors.shopify.client import Client, shop_address
from connectors.shopify.direct_writes import DirectWriter
from connectors.shopify.operations import Operations
from connectors.shopify.pace import Pace
from connectors.shopify.source import ShopifySource
from connectors.shopify.tags import ShopifyTags
from connectors.shopify.tokens import GrantedToken, StaticToken, Token
from syncd.ports import Host, Store

_LIMITS = Limits(connections=4, read=60.0, whole=180.0)


def open_store(name: str, settings: ShopifySettings, host: Host) -> Store:
    """Return the store of these settings; nothing is sent yet.

    Raises:
        FatalError: The shop's name is none that Shopify gives.
    """
    service = f"the store {name}"
    address = shop_address(settings.shop, settings.api_url)
    http = Http(service, host, _LIMITS)
    token = _token(service, settings, http, address, host)
    client = Client(service, http, (address, settings.api_version), token, Pace(host))
    account = Account(client, host, settings.api_version)
    operations = Operations(name, client, host)
    return Store(
        source=ShopifySource(name, client, account, Exports(service, http, operations, host)),
        tags=ShopifyTags(name, client, account, DirectWriter(client), BulkWriter(client, operations, host)),
    )


def _token(service: str, settings: ShopifySettings, http: Http, address: str, host: Host) -> Token:
    if settings.access_token is not None:
        return StaticToken(settings.access_token)
    if settings.client_id is None or settings.client_secret is None:
        raise ValueError("the settings were not validated: they hold no credential")
    pair = (settings.client_id, settings.client_secret)
    return GrantedToken(service, http, f"{address}/admin/oauth/access_token", pair, host)
