"""Where Prometheus asks: a thread that shows the figures and touches nothing else."""

from __future__ import annotations

import socket
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from syncd import log
from syncd.config import Listen
from syncd.daemon.daemon import Observer
from syncd.daemon.following import Following
from syncd.model import Instant


class Door(Observer):
    """Listens where the settings say; a place that is taken keeps nobody from working."""

    def __init__(self, following: Following, registry: CollectorRegistry) -> None:
        """Open, if the settings say where."""
        self._registry = registry
        self._at: Listen | None = None
        self._server: _Server | None = None
        self.settings_taken(following)

    def settings_taken(self, following: Following) -> None:
        """Listen where the settings say now; try again where that failed."""
        wanted = following.settings.metrics.listen
        if wanted == self._at and (wanted is None or self._server is not None):
            return
        self._close()
        self._at = wanted
        if wanted is not None:
            self._open(wanted)

    def stopped(self, at: Instant) -> None:  # noqa: ARG002  # whenever that is
        """Close."""
        self._close()

    def _open(self, at: Listen) -> None:
        kind = _Server6 if ":" in at.host else _Server
        try:
            self._server = kind((at.host, at.port), _Request)
        except OSError as error:
            log.get().error("metrics_not_served", at=str(at), why=(error.strerror or "unknown").lower())
            return
        self._server.set_app(make_wsgi_app(self._registry))
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()
        log.get().info("metrics_served", at=str(at))

    def _close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking the network for this machine's name, which may take long."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Request(WSGIRequestHandler):
    timeout = 10
    """Seconds that a caller may keep silent."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
        """Say nothing: a question is no event."""
