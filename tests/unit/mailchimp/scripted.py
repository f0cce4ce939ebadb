"""A service that says what it is told, on loopback and through `responses`: below the connector's client either way."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import msgspec
import responses


class Heard(msgspec.Struct, frozen=True):
    """A request as it came in. `connection` numbers the connections from 1 on; 0 where there is none."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int = 0


class Said(msgspec.Struct, frozen=True):
    """An answer to give."""

    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = {}
    hang: bool = False


def problem(status: int, title: str, detail: str, **more: Any) -> Said:
    """Return a problem document as Mailchimp writes them."""
    document = {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status}
    body = msgspec.json.encode(document | {"detail": detail, "instance": "9d741ebc"} | more)
    return Said(status, body, "application/problem+json; charset=utf-8", {"X-Request-Id": "9d741ebc"})


class Script:
    """What is heard and what is said; the last line is said over and over.

    Attributes:
        url: Where it is reached.
        released: Set when an answer that hangs may come after all.
    """

    def __init__(self) -> None:
        self.url = ""
        self.lines = [Said()]
        self.heard: list[Heard] = []
        self.released = threading.Event()
        self._turn = threading.Lock()

    def say(self, *lines: Said) -> None:
        self.lines = list(lines)

    def next(self, heard: Heard) -> Said:
        with self._turn:
            self.heard.append(heard)
            return self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]


@contextlib.contextmanager
def through_responses() -> Iterator[Script]:
    script = Script()
    script.url = "https://us1.api.mailchimp.com/3.0"

    def answer(request: Any) -> tuple[int, Mapping[str, str], bytes]:
        body = request.body or b""
        said = script.next(
            Heard(
                str(request.method),
                request.path_url,
                {name.lower(): value for name, value in request.headers.items()},
                body if isinstance(body, bytes) else body.encode(),
            )
        )
        return said.status, {"Content-Type": said.kind, **said.headers}, said.body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            mock.add_callback(method, re.compile(".*"), answer, content_type=None)
        yield script


@contextlib.contextmanager
def on_loopback() -> Iterator[Script]:
    server = _Server()
    server.script.url = f"http://127.0.0.1:{server.server_port}/3.0"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield server.script
    finally:
        server.script.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.script = Script()
        self.connections = 0

    def handle_error(self, *_: object) -> None:
        """A client that left in the middle is what some tests are about."""


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 5
    server: _Server
    rbufsize: ClassVar[int] = -1

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.connection_number = self.server.connections

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server.script.next(Heard(self.command, self.path, headers, body, self.connection_number))
        if said.hang:
            self.server.script.released.wait(5)
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in {"Content-Type": said.kind, **said.headers}.items():
            self.send_header(name, value)
        if said.status != 204:
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(b"" if said.status == 204 else said.body)
        self.wfile.flush()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  # the names that http.server looks for
