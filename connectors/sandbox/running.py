"""A sandbox that runs, and how to reach it."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.app import App
from connectors.sandbox.options import Options
from connectors.sandbox.server import LoopbackServer


class Running:
    """A sandbox that answers until it is stopped; also a context manager."""

    def __init__(self, options: Options) -> None:
        """Make the worlds and start to answer.

        Raises:
            OSError: The port is taken.
        """
        self._server = LoopbackServer(options.port, lambda request: self.app.answer(request))
        self.app = App(options, self._server.url)
        self._server.start()

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return self._server.url

    def settings(self) -> dict[str, Any]:
        """Return what a client needs: `stores` and `audiences` by name, as the settings file has them, and `now`.

        A store has `shop`, `api_url`, `api_version`, `access_token`, `client_id` and `client_secret`; an audience has
        `api_url`, `api_key` and `list`.
        """
        stores = {
            name: {
                "kind": "shopify",
                "shop": store.shop.profile.domain,
                "api_url": f"{self.url}/shops/{name}",
                "api_version": "2026-10",
                "access_token": store.tokens.permanent,
                "client_id": store.tokens.client_id,
                "client_secret": store.tokens.client_secret,
            }
            for name, store in self.app.stores.items()
        }
        audiences = {
            each.id: {
                "kind": "mailchimp",
                "api_url": f"{self.url}/mailchimp/3.0",
                "api_key": self.app.account.api_key,
                "list": each.id,
            }
            for each in self.app.lists
        }
        return {"url": self.url, "now": self.app.clock.now(), "stores": stores, "audiences": audiences}

    def stop(self) -> None:
        """Stop answering and remove every trace."""
        self._server.stop()
        self.app.close()

    def __enter__(self) -> Running:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()
