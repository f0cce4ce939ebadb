"""A simulated Shopify store and Mailchimp account on loopback, for demonstrations and end-to-end tests.

    with SANDBOX.start(Options(customers=1000)) as running:
        running.settings()["stores"]["main"]["api_url"]

What shall go wrong is a plan (`connectors.sandbox.faults.plan` has every kind), given to `running.follow`, or as JSON
to `POST /control/faults`; `running.faults()` and `GET /control/faults` count what happened.

    running.follow(FaultPlan(seed=7, rules=(Fault(kind="page", chance=0.05, calls=None), Fault(kind="bulk_partial"))))

Or, by itself: `python -m connectors.sandbox --customers 1000 --port 8080`. What there is to play with is the table in
`connectors.sandbox.control`, call by call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.sandbox.options import Options

if TYPE_CHECKING:
    from connectors.sandbox.running import Running

__all__ = ["SANDBOX", "Options", "Sandbox"]


class Sandbox:
    """Starts sandboxes. The heavy parts are imported when the first one starts."""

    options = Options

    def start(self, options: Options | None = None) -> Running:
        """Return a sandbox that answers on a thread of its own.

        Raises:
            OSError: The port is taken.
        """
        from connectors.sandbox.running import Running  # noqa: PLC0415  # graphql-core only when it is needed

        return Running(options or Options())

    def serve_forever(
        self,
        options: Options | None = None,
        ready: Callable[[Running], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        """Answer until `stop` is set or the user interrupts; `ready` is told once it answers."""
        with self.start(options) as running:
            ready(running)
            try:
                (stop or threading.Event()).wait()
            except KeyboardInterrupt:
                return


SANDBOX = Sandbox()
