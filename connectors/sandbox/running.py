"""A sandbox that runs, and how to reach it."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.app import App
from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.faults.plan import FaultPlan
from connectors.sandbox.options import Options
from connectors.sandbox.server import LoopbackServer


class Running:
    """A sandbox that answers until it is stopped; also a context manager."""

    def __init__(self, options: Options) -> None:
        """Make the worlds and start to answer.

        Raises:
            OSError: The port is taken.
        """
        self._server = LoopbackServer(options.port, self._answer)
        self.app = App(options, self._server.url)
        self._server.start()

    def _answer(self, request: Request) -> Response:
        return self.app.answer(request)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return self._server.url

    def settings(self) -> dict[str, Any]:
        """Return what a client needs: `stores` and `audiences` by name, as the settings file has them, and `now`.

        A store has `shop`, `api_url`, `api_version`, `access_token`, `client_id` and `client_secret`; an audience has
        `api_url`, `api_key` and `list`.
        """
        return self.app.settings()

    def follow(self, plan: FaultPlan) -> None:
        """Have a plan of faults befall everything, in place of the last one; an empty one ends it."""
        self.app.control.follow(plan)

    def faults(self) -> dict[str, Any]:
        """Return what went wrong since the plan was given: `services`, `kinds`, `total`."""
        return self.app.control.faults()

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
