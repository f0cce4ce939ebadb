"""Where alerts arrive in tests: a web server and a mail server on loopback that keep what they get."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any, ClassVar


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Post:
    """A server in a thread, for the length of a with-statement."""

    def __init__(self, answering: type[socketserver.BaseRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), answering)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Hooks(_Post):
    """A web server: what was posted, by path, and which paths were asked. `status` is what it answers."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Any]] = []
        self.asked: list[str] = []
        self.status = 200
        hooks = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hooks.status == 200:
                    hooks.posted.append((self.path, json.loads(body)))
                self._answer()

            def do_GET(self) -> None:
                hooks.asked.append(self.path)
                self._answer()

            def _answer(self) -> None:
                self.send_response(hooks.status, "zoe@person.example")
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        super().__init__(Answering)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class Mailbox(_Post):
    """A mail server without encryption: what arrived, and the words of who logged in."""

    def __init__(self, refuse: str = "") -> None:
        self.mails: list[Message] = []
        self.commands: list[str] = []
        box = self

        class Answering(socketserver.StreamRequestHandler):
            answers: ClassVar[dict[str, str]] = {
                "EHLO": "250-here\r\n250 AUTH PLAIN",
                "DATA": "354 go on",
                "QUIT": "221 bye",
                "AUTH": "235 welcome",
            }

            def handle(self) -> None:
                self._say("220 here")
                while line := self.rfile.readline().decode().strip():
                    verb = line.partition(" ")[0].upper()
                    box.commands.append(line)
                    if verb == refuse:
                        self._say("550 <zoe@person.example> is unknown here")
                        continue
                    self._say(self.answers.get(verb, "250 fine"))
                    if verb == "DATA":
                        box.mails.append(message_from_bytes(self._mail(), policy=default))
                        self._say("250 taken")
                    if verb == "QUIT":
                        return

            def _mail(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line)
                return b"".join(lines)

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        super().__init__(Answering)
