"""The loopback HTTP server: requests in, responses out, connections kept alive.

Answers leave in one segment where they can: with two, a client's delayed acknowledgement costs 40 ms a request.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox.exchange import Request, Response, json_response

Answer = Callable[[Request], Response]
_LONGEST_LINE = 65_536
_DRIBLETS = 20


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: LoopbackServer

    def handle_one_request(self) -> None:
        """Answer one request with whatever method."""
        self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._send(self._answer())
        self.wfile.flush()

    def _answer(self) -> Response:
        request = self._request()
        try:
            return self.server.answer(request)
        except Exception:  # noqa: BLE001  # the fault is the sandbox's own: shown here, and an answer all the same
            traceback.print_exc()
            return json_response({"errors": "Internal Server Error"}, 500)

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(_LONGEST_LINE).partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline(_LONGEST_LINE)
        self.rfile.readline(_LONGEST_LINE)

    def _send(self, response: Response) -> None:
        if response.broken_at is not None or response.drip:
            self._send_badly(response)
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        known = {name.lower() for name in response.headers}
        if isinstance(response.body, bytes):
            if "content-length" not in known:
                self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)
            return
        chunked = "content-length" not in known
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._stream(response.body, chunked=chunked)

    def _stream(self, body: Iterator[bytes], *, chunked: bool) -> None:
        for chunk in body:
            if chunked and chunk:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            elif chunk:
                self.wfile.write(chunk)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _send_badly(self, response: Response) -> None:
        """Send an answer in driblets, or a part of it only, and reset the connection after that part."""
        body = response.body if isinstance(response.body, bytes) else b"".join(response.body)
        kept = body if response.broken_at is None else body[: response.broken_at]
        if response.broken_at != -1:
            self.send_response(response.status)
            for name, value in response.headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._drip(kept, response.drip)
        if response.broken_at is not None:
            self.wfile.flush()
            self._reset()

    def _drip(self, body: bytes, seconds: float) -> None:
        size = max(1, len(body) // _DRIBLETS)
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            if seconds:
                self.wfile.flush()
                self.server.stopping.wait(seconds / _DRIBLETS)

    def _reset(self) -> None:
        """End the connection with a reset: no orderly end, by which a client might take a part for the whole."""
        self.close_connection = True
        at_once = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        # the two files on it keep the socket open; closed without one more word, it is reset
        self.rfile.close()
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        """Say nothing: a request may name a person."""


class LoopbackServer(ThreadingHTTPServer):
    """A server on 127.0.0.1 that can be stopped without leaving a socket or a thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        """Bind to `port` (0 for any free one); nothing is answered before `start`.

        Raises:
            OSError: The port is taken.
        """
        self.answer = answer
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self._serving: set[threading.Thread] = set()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.05,), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Answer from now on, in threads."""
        self._loop.start()

    def stop(self) -> None:
        """Close everything; return when nothing runs any more."""
        self.stopping.set()
        self.shutdown()
        with self._lock:
            open_now, threads = list(self._open), list(self._serving)
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(2)
        self.server_close()
        self._loop.join(2)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Remember a connection and its thread while they live."""
        thread = threading.current_thread()
        with self._lock:
            self._open.add(request)
            self._serving.add(thread)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
                self._serving.discard(thread)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Overlook clients that went away; anything else is a fault of the sandbox and shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
