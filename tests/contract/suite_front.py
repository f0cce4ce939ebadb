"""A front on loopback for a simulated service that opens no socket itself, so that a bench can pull the plug."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qsl

from connectors.sandbox.exchange import Request, Response

Answering: TypeAlias = Callable[[Request], Response]


class Front:
    """Hands every request to `answer`.

    Attributes:
        lost: Of which requests the answers are lost, after they were carried out.
        answers_left: How many requests are still answered; None for no end.
        last_words: Whether the request after those is carried out.
        for_good: Whether the requests after that one are not answered either.
        cut_off: Whether it came to that.
        accepted: How many connections were made so far.
    """

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.lost: Callable[[Request], bool] = lambda _: False
        self.answers_left: int | None = None
        self.last_words = False
        self.for_good = True
        self.cut_off = False
        self.accepted = 0
        self._server = _Server(self, 0)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answered(self, request: Request) -> Response | None:
        """Return the answer to a request; None where it is never sent."""
        if self.answers_left == 0:
            if self.last_words:
                self.answer(request)
            self.last_words = False
            self.answers_left = 0 if self.for_good else None
            self.cut_off = True
            return None
        if self.answers_left is not None:
            self.answers_left -= 1
        response = self.answer(request)
        return None if self.lost(request) else response

    def close(self) -> None:
        """Refuse connections, and end those that are there."""
        self._server.stop()

    def reopen(self) -> None:
        """Be there again, at the same address, and answer everything."""
        self.answers_left = None
        self.last_words = False
        self.lost = lambda _: False
        if self._server.stopped:
            self._server = _Server(self, self._server.server_port)


@contextlib.contextmanager
def front(answer: Answering) -> Iterator[Front]:
    opened = Front(answer)
    try:
        yield opened
    finally:
        opened.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def __init__(self, front: Front, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.front = front
        self.stopped = False
        self.talks: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.005})
        self._thread.start()

    def stop(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        self.shutdown()
        self._thread.join()
        for talk in list(self.talks):
            with contextlib.suppress(OSError):
                talk.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client that left in the middle is no error of the test's."""


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.talks.add(self.connection)
        self.server.front.accepted += 1

    def finish(self) -> None:
        self.server.talks.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        response = self.server.front.answered(request)
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = response.body if isinstance(response.body, bytes) else b"".join(response.body)
        self.send_response(response.status)
        for name, value in response.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  # the names that http.server looks for
