"""The access tokens of one shop: a permanent one, and those of the client-credentials grant, which last a day."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs

from connectors.sandbox.exchange import Request, Response, json_response
from syncd.clock import Clock

LIFETIME = 86_399
"""Seconds that a granted token lasts."""


def _made(*parts: object) -> str:
    return hashlib.sha256(":".join(str(part) for part in parts).encode()).hexdigest()[:32]


class Tokens:
    """What opens one shop."""

    def __init__(self, shop: str, seed: int, clock: Clock) -> None:
        """Make the permanent token and the app's id and secret; the same for the same shop and seed."""
        self._clock = clock
        self._shop = shop
        self._granted: dict[str, int] = {}
        self._revoked: set[str] = set()
        self.permanent = f"shpat_{_made(shop, seed, 'token')}"
        self.client_id = _made(shop, seed, "client")
        self.client_secret = f"shpss_{_made(shop, seed, 'secret')}"

    def open(self, token: str | None) -> bool:
        """Whether a token is good now."""
        if token is None or token in self._revoked:
            return False
        return token == self.permanent or self._clock.now() < self._granted.get(token, 0)

    def revoke(self, which: str) -> None:
        """Revoke the `permanent` token, the `granted` ones, or `all`."""
        if which in {"permanent", "all"}:
            self._revoked.add(self.permanent)
        if which in {"granted", "all"}:
            self._revoked.update(self._granted)

    def restore(self) -> None:
        """Make the permanent token good again."""
        self._revoked.discard(self.permanent)

    def grant(self, request: Request, scopes: frozenset[str]) -> Response:
        """Answer a request for a token: form or JSON body, client credentials only."""
        asked = _asked(request)
        if asked.get("grant_type") != "client_credentials":
            return _refusal("unsupported_grant_type", "The grant type is not supported.")
        if asked.get("client_id") != self.client_id:
            return _refusal("application_cannot_be_found", "Could not find Shopify API application with api_key")
        if asked.get("client_secret") != self.client_secret:
            return _refusal("invalid_client", "The client secret is wrong.", status=401)
        token = f"shpat_{_made(self._shop, 'grant', len(self._granted), self.client_secret)}"
        self._granted[token] = self._clock.now() + LIFETIME
        return json_response({"access_token": token, "scope": ",".join(sorted(scopes)), "expires_in": LIFETIME})


def _asked(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        body = request.json()
        return body if isinstance(body, dict) else {}
    return {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _refusal(error: str, description: str, *, status: int = 400) -> Response:
    return json_response({"error": error, "error_description": description}, status)
