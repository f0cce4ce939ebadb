"""The Shopify connector: a store to read through the GraphQL Admin API, and its customer tags to write.

Only the settings model lives here, so that naming the connector costs next to nothing; `open` imports the rest.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from syncd.ports import Host, Store

__all__ = ["CONNECTOR", "ShopifyConnector", "ShopifySettings"]

_OLDEST_VERSION = "2026-10"
_SHOP = re.compile(
    r"(?:https?://)?(?:admin\.shopify\.com/store/)?([a-z0-9][a-z0-9-]*[a-z0-9])(?:\.myshopify\.com)?(?:[/?#].*)?",
    re.DOTALL,
)


class ShopifySettings(BaseModel):
    """The keys of `[stores.NAME]` that are Shopify's own.

    Attributes:
        shop: The shop's myshopify.com name; `my-shop`, `my-shop.myshopify.com` and the admin's address all do.
        access_token: The permanent token of a custom app made in the admin (`shpat_…`).
        client_id: Of an app made in the Dev Dashboard; goes with `client_secret`.
        client_secret: Likewise.
        api_version: The version of the Admin API that is asked for.
        api_url: Where a simulated shop answers instead of Shopify; for tests only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    shop: str = Field(description="the shop's myshopify.com name, such as my-shop.myshopify.com")
    access_token: SecretStr | None = Field(default=None, description="the token of a custom app made in the admin")
    client_id: SecretStr | None = Field(default=None, description="the client id of an app made in the Dev Dashboard")
    client_secret: SecretStr | None = Field(default=None, description="the client secret that goes with client_id")
    api_version: Annotated[str, Field(pattern=r"^(\d{4}-(01|04|07|10)|unstable)$")] = Field(
        default=_OLDEST_VERSION, description="the version of the Admin API to ask for"
    )
    api_url: str | None = Field(default=None, description="where a simulated shop answers; for tests only")

    @property
    def identity(self) -> str:
        """What tells this store from any other, whatever it is called in the settings."""
        return self.shop

    @field_validator("shop")
    @classmethod
    def _is_a_shop(cls, shop: str) -> str:
        found = _SHOP.fullmatch(shop.strip().lower())
        if found is None:
            raise ValueError(
                "give the shop's myshopify.com name (Settings > Domains in the admin shows it), such as "
                "my-shop.myshopify.com; its own domain does not do"
            )
        return f"{found[1]}.myshopify.com"

    @field_validator("api_version")
    @classmethod
    def _is_known(cls, version: str) -> str:
        if version < _OLDEST_VERSION:
            raise ValueError(f"syncd asks for fields that came with {_OLDEST_VERSION}; give that version or a later")
        return version

    @model_validator(mode="after")
    def _has_one_kind_of_credential(self) -> ShopifySettings:
        pair = (self.client_id, self.client_secret)
        if self.access_token is not None and pair != (None, None):
            raise ValueError("give either access_token, or client_id and client_secret, not both")
        if self.access_token is None and None in pair:
            raise ValueError("give access_token, or both client_id and client_secret")
        for secret in (self.access_token, *pair):
            if secret is not None and not secret.get_secret_value().strip():
                raise ValueError("access_token, client_id and client_secret must not be empty")
        return self


class ShopifyConnector:
    """Opens Shopify stores."""

    role: Literal["store"] = "store"
    settings = ShopifySettings

    def open(self, name: str, settings: ShopifySettings, host: Host) -> Store:
        """Return the store; no request is sent yet.

        Raises:
            FatalError: The shop's name is none that Shopify gives.
        """
        from connectors.shopify.opening import open_store  # noqa: PLC0415  # heavy, and needed only here

        return open_store(name, settings, host)


CONNECTOR = ShopifyConnector()
