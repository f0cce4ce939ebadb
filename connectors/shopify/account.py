"""What the store is, and what its key opens: one call, asked once and then remembered for the run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import msgspec

from connectors.shopify import documents
from connectors.shopify.client import Client
from syncd.model import ON_DEMAND, Kind
from syncd.ports import Check, Host, Missing

_GOOD_FOR = 60.0
"""Seconds for which a second check is answered from the first: a store is both a source and a target."""

_VISIBLE_DAYS = 60
"""How far back an app without `read_all_orders` sees orders."""

_FIX = "add the scope {} to the app, release that version, and accept it on the store"

_LACKS = {
    "read_customers": Missing(
        "scope read_customers",
        "customers cannot be read, so that no segment can be evaluated",
        kinds=frozenset({Kind.CUSTOMERS}) | ON_DEMAND,
        blocks_write=True,
        fix=_FIX.format("read_customers"),
    ),
    "write_customers": Missing(
        "scope write_customers",
        "neither customer tags nor opt-outs can be written to the store",
        blocks_write=True,
        fix=_FIX.format("write_customers"),
    ),
    "read_orders": Missing(
        "scope read_orders",
        "orders and abandoned checkouts cannot be read; segments that look at them keep their last members",
        kinds=frozenset({Kind.ORDERS, Kind.CHECKOUTS}),
        fix=_FIX.format("read_orders"),
    ),
    "read_products": Missing(
        "scope read_products",
        "products cannot be read, nor which product an order's line was for",
        kinds=frozenset({Kind.PRODUCTS}),
        fix=_FIX.format("read_products"),
    ),
    "read_store_credit_accounts": Missing(
        "scope read_store_credit_accounts",
        "segments that look at store credit keep their last members",
        kinds=frozenset({Kind.CREDIT}),
        fix=_FIX.format("read_store_credit_accounts"),
    ),
}


class _Handle(msgspec.Struct, frozen=True):
    handle: str


class _Version(msgspec.Struct, frozen=True):
    handle: str
    supported: bool


class _Shop(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    iana_timezone: str
    currency_code: str


class _Installation(msgspec.Struct, frozen=True, rename="camel"):
    access_scopes: list[_Handle]


class _ShopAndApp(msgspec.Struct, frozen=True, rename="camel"):
    shop: _Shop
    current_app_installation: _Installation
    public_api_versions: list[_Version] = []


class Account:
    """A store and the app's installation on it. Safe to share between threads."""

    def __init__(self, client: Client, host: Host, version: str) -> None:
        """Ask nothing yet."""
        self._client = client
        self._host = host
        self._version = version
        self._lock = threading.Lock()
        self._scopes: frozenset[str] = frozenset()
        self._check: Check | None = None
        self._asked_at = 0.0

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that are held, those that others imply included; asked for if nobody has checked yet."""
        with self._lock:
            if self._check is None:
                self._ask()
            return self._scopes

    def check(self) -> Check:
        """Say what the account gives.

        Raises:
            CredentialsError: The token is not accepted.
            RetriableError: The store could not be asked.
        """
        with self._lock:
            stale = self._host.clock.monotonic() - self._asked_at > _GOOD_FOR
            if self._check is None or stale:
                return self._ask()
            return self._check

    def _ask(self) -> Check:
        found = self._client.read(documents.SHOP, {}, _ShopAndApp, what="check")
        self._scopes = _implied(scope.handle for scope in found.current_app_installation.access_scopes)
        self._asked_at = self._host.clock.monotonic()
        self._check = Check(
            account=found.shop.name,
            timezone=found.shop.iana_timezone,
            currency=found.shop.currency_code,
            missing=tuple(self._missing()),
            notes=tuple(self._notes(found.public_api_versions)),
        )
        return self._check

    def _missing(self) -> Iterator[Missing]:
        held = self._scopes
        for scope, lack in _LACKS.items():
            if scope not in held:
                yield lack
        if "read_orders" in held and "read_all_orders" not in held:
            yield Missing(
                "scope read_all_orders",
                f"orders older than {_VISIBLE_DAYS} days are invisible; rules that look further back are not evaluated",
                visible_from=self._host.clock.now() - _VISIBLE_DAYS * 86_400,
                fix="request read_all_orders in the Dev Dashboard (API access), or tick it in an app made in the "
                "admin; then release and accept it",
            )

    def _notes(self, versions: list[_Version]) -> Iterator[str]:
        if any(version.handle == self._version and not version.supported for version in versions):
            yield f"API version {self._version} is not a supported one; upgrade syncd or set api_version"


def _implied(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes and those they imply: to write is to read."""
    held = frozenset(scopes)
    return held | {f"read_{scope.removeprefix('write_')}" for scope in held if scope.startswith("write_")}
