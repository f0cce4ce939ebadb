"""The one way out, against a server on loopback that misbehaves as told."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from connectors.http import Answer, Http, Limits
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.ports import Host
from tests.conftest import StillClock

LIMITS = Limits(connections=2, connect=2.0, read=2.0, attempts=4, longest_wait=3.0)
SECRET = "shpat_0123456789abcdef"


class Talk(BaseHTTPRequestHandler):
    """One request; what it is answered with is the server's next line."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        self.server.heard.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.next_line()(self)

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass

    def say(self, status: int = 200, body: bytes = b"{}", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


Line: TypeAlias = Callable[[Talk], Any]


class Server(ThreadingHTTPServer):
    """Says its lines in turn, the last one over and over."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.lines: list[Line] = [Talk.say]
        self.heard: list[tuple[str, str, dict[str, str]]] = []
        self._turn = threading.Lock()

    def next_line(self) -> Line:
        with self._turn:
            return self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]

    def handle_error(self, *_: object) -> None:
        """A client that left in the middle is what some tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def host(clock: StillClock) -> Host:
    return Host(clock=clock, memo={}, calls=Counter())


@pytest.fixture
def http(host: Host) -> Http:
    return Http("the store main", host, LIMITS)


def judge(answer: Answer) -> None:
    if answer.status == 429:
        raise RetriableError("slow down", retry_after=answer.retry_after)
    if answer.status >= 500:
        raise RetriableError("it failed", unknown_fate=True)
    if answer.status == 401:
        raise CredentialsError("wrong key")


def send(http: Http, url: str, **parts: Any) -> Answer:
    return http.send("POST", f"{url}/graphql?email=anna", what="orders", judge=judge, body=b"{}", **parts)


def status(code: int, **headers: str) -> Line:
    return lambda talk: talk.say(code, b"{}", None, **headers)


def half_an_answer(talk: Talk) -> None:
    talk.say(body=b'{"half":', length=400)
    talk.hang_up()


def assert_discreet(error: SyncdError) -> None:
    told = f"{error} {error.hint} {error!r}"
    assert "graphql" not in told
    assert "anna" not in told
    assert SECRET not in told


def test_an_answer_comes_with_status_headers_and_body(server: Server, http: Http, host: Host) -> None:
    server.lines = [lambda talk: talk.say(201, b'{"a": 1}', X_Request_Id="7")]
    answer = send(http, server.url, headers={"X-Key": SECRET})
    assert (answer.status, answer.headers["x-request-id"], answer.json()) == (201, "7", {"a": 1})
    ((method, path, headers),) = server.heard
    assert (method, path, headers["x-key"]) == ("POST", "/graphql?email=anna", SECRET)
    assert headers["user-agent"].startswith("syncd/")
    assert host.calls == {"orders": 1}


def test_one_connection_serves_many_calls(server: Server, http: Http) -> None:
    ports: set[int] = set()

    def note(talk: Talk) -> None:
        ports.add(talk.client_address[1])
        talk.say()

    server.lines = [note]
    for _ in range(5):
        send(http, server.url)
    assert len(ports) == 1


def test_a_busy_service_is_asked_again_and_every_try_is_counted(
    server: Server, http: Http, host: Host, clock: StillClock
) -> None:
    server.lines = [status(429), status(503), status(200)]
    assert send(http, server.url).status == 200
    assert host.calls == {"orders": 3}
    assert len(clock.waits) == 2


def test_trying_again_ends_with_the_services_own_error(server: Server, http: Http, host: Host) -> None:
    server.lines = [status(503)]
    with pytest.raises(RetriableError, match="it failed"):
        send(http, server.url)
    assert host.calls == {"orders": LIMITS.attempts}


def test_pauses_grow_but_never_beyond_the_longest(server: Server, host: Host, clock: StillClock) -> None:
    server.lines = [status(503)]
    patient = Http("the store main", host, Limits(attempts=8, longest_wait=3.0))
    with pytest.raises(RetriableError):
        send(patient, server.url)
    assert len(clock.waits) == 7
    assert all(0 < pause <= min(3.0, 2.0**place) for place, pause in enumerate(clock.waits))


def test_the_service_is_given_the_time_it_asks_for(server: Server, http: Http, clock: StillClock) -> None:
    server.lines = [status(429, Retry_After="45"), status(200)]
    send(http, server.url)
    (pause,) = clock.waits
    assert 45 <= pause <= 49


@pytest.mark.parametrize("text", ["Wed, 21 Oct 2026 07:28:00 GMT", "", "soon", "1.2.3"])
def test_a_retry_after_that_is_not_seconds_is_not_taken_for_any(text: str) -> None:
    assert Answer(429, {"retry-after": text}, b"").retry_after is None


def test_a_refusal_is_not_tried_again(server: Server, http: Http, host: Host) -> None:
    server.lines = [status(401)]
    with pytest.raises(CredentialsError):
        send(http, server.url)
    assert host.calls == {"orders": 1}


@pytest.mark.parametrize("line", [status(503), Talk.hang_up], ids=["error", "hang-up"])
def test_what_may_have_been_done_is_not_sent_twice_unless_that_is_harmless(
    server: Server, http: Http, host: Host, line: Line
) -> None:
    server.lines = [line]
    with pytest.raises(RetriableError) as caught:
        send(http, server.url, repeatable=False)
    assert caught.value.unknown_fate
    assert host.calls == {"orders": 1}


def test_what_was_surely_not_done_is_sent_again_even_if_not_repeatable(server: Server, http: Http) -> None:
    server.lines = [status(429), status(200)]
    assert send(http, server.url, repeatable=False).status == 200


def test_a_broken_connection_is_tried_again_where_that_is_harmless(server: Server, http: Http) -> None:
    server.lines = [Talk.hang_up, half_an_answer, status(200)]
    assert send(http, server.url).status == 200
    assert len(server.heard) == 3


def test_half_an_answer_is_none_and_its_fate_is_unknown(server: Server, http: Http) -> None:
    server.lines = [half_an_answer]
    with pytest.raises(RetriableError) as caught:
        send(http, server.url, repeatable=False)
    assert caught.value.unknown_fate
    assert_discreet(caught.value)


def test_a_service_out_of_reach_was_surely_not_told_anything(http: Http, host: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(RetriableError) as caught:
        send(http, f"http://127.0.0.1:{port}", repeatable=False)
    assert not caught.value.unknown_fate
    assert caught.value.hint
    assert_discreet(caught.value)
    assert host.calls == {"orders": LIMITS.attempts}


def test_silence_ends_after_the_reading_limit(server: Server, host: Host) -> None:
    silent = threading.Event()
    server.lines = [lambda _: silent.wait(10)]
    hasty = Http("the store main", host, Limits(read=0.1, attempts=1))
    with pytest.raises(RetriableError, match="no answer in time") as caught:
        send(hasty, server.url)
    silent.set()
    assert caught.value.unknown_fate


def test_an_answer_that_drips_ends_after_the_limit_of_the_whole(server: Server, host: Host) -> None:
    class Racing(StillClock):
        def monotonic(self) -> float:
            self.instant += 100
            return self.instant

    server.lines = [lambda talk: talk.say(body=b"x" * 1_000_000)]
    racing = Host(clock=Racing(), memo={}, calls=Counter())
    dripping = Http("the store main", racing, Limits(whole=150, attempts=1))
    with pytest.raises(RetriableError, match="too slowly"):
        send(dripping, server.url)


def test_a_redirect_is_not_followed_for_the_key_would_go_along(server: Server, http: Http) -> None:
    with Server() as elsewhere:
        server.lines = [status(302, Location=f"{elsewhere.url}/graphql")]
        with pytest.raises(FatalError, match="redirect") as caught:
            send(http, server.url, headers={"X-Key": SECRET})
        assert elsewhere.heard == []
    assert_discreet(caught.value)


@pytest.mark.parametrize("url", ["http://shop.example.com", "ftp://127.0.0.1", "http://127.0.0.1.example.com", "shop"])
def test_a_key_never_travels_in_the_clear(http: Http, host: Host, url: str) -> None:
    with pytest.raises(FatalError, match="https://"):
        send(http, url, headers={"X-Key": SECRET})
    with pytest.raises(FatalError, match="https://"):
        list(http.download(f"{url}/file", what="orders"))
    assert host.calls == {}


def test_a_netrc_file_does_not_replace_the_key(
    server: Server, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    send(Http("the audience news", host, LIMITS), server.url, headers={"Authorization": "Bearer own"})
    assert server.heard[0][2]["authorization"] == "Bearer own"


def test_what_is_not_json_is_no_answer(server: Server, http: Http) -> None:
    server.lines = [lambda talk: talk.say(200, b"<html>Sign in to the hotel's wireless</html>")]
    with pytest.raises(RetriableError, match="not JSON") as caught:
        send(http, server.url).json()
    assert caught.value.unknown_fate
    assert "hotel" not in str(caught.value)


def test_no_more_calls_at_once_than_the_service_allows(server: Server, http: Http, host: Host) -> None:
    together = threading.Barrier(2, timeout=5)
    inside = threading.Semaphore(2)
    crowded: list[bool] = []

    def meet(talk: Talk) -> None:
        crowded.append(not inside.acquire(blocking=False))
        together.wait()
        inside.release()
        talk.say()

    server.lines = [meet]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: send(http, server.url), range(8)))
    assert crowded == [False] * 8
    assert host.calls == {"orders": 8}


def ranged(content: bytes, *, at_once: int | None = None, heed: bool = True) -> Line:
    """Serve a file, and hang up after `at_once` bytes of each answer."""

    def line(talk: Talk) -> None:
        asked = talk.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if heed else 0
        rest = content[start:]
        sent = rest if at_once is None else rest[:at_once]
        talk.say(206 if start else 200, sent, length=len(rest))
        if len(sent) < len(rest):
            talk.hang_up()

    return line


CONTENT = bytes(range(256)) * 1000


def test_a_file_comes_whole(server: Server, http: Http, host: Host) -> None:
    server.lines = [ranged(CONTENT)]
    assert b"".join(http.download(f"{server.url}/file", what="orders")) == CONTENT
    assert host.calls == {"orders download": 1}


def test_an_empty_file_is_a_file(server: Server, http: Http) -> None:
    server.lines = [ranged(b"")]
    assert b"".join(http.download(f"{server.url}/file", what="orders")) == b""


def test_a_file_goes_on_where_it_broke_off(server: Server, http: Http) -> None:
    server.lines = [ranged(CONTENT, at_once=100_000)]
    assert b"".join(http.download(f"{server.url}/file", what="orders")) == CONTENT
    assert [headers.get("range") for _, _, headers in server.heard][:2] == [None, "bytes=100000-"]


def test_a_server_that_starts_over_does_not_double_the_file(server: Server, http: Http) -> None:
    server.lines = [ranged(CONTENT, at_once=100_000), ranged(CONTENT, heed=False)]
    assert b"".join(http.download(f"{server.url}/file", what="orders")) == CONTENT


def test_a_file_that_never_goes_on_is_given_up(server: Server, http: Http, host: Host) -> None:
    server.lines = [ranged(CONTENT, at_once=100_000), ranged(CONTENT, at_once=0)]
    received: list[bytes] = []
    with pytest.raises(RetriableError):
        received.extend(http.download(f"{server.url}/file?secret=anna", what="orders"))
    assert b"".join(received) == CONTENT[:100_000]
    assert host.calls["orders download"] == 1 + LIMITS.attempts - 1


def test_a_link_that_is_no_longer_good_is_not_tried_again(server: Server, http: Http, host: Host) -> None:
    server.lines = [status(403)]
    with pytest.raises(FatalError, match="no longer good"):
        list(http.download(f"{server.url}/file", what="orders"))
    assert host.calls == {"orders download": 1}


def test_a_busy_file_server_is_asked_again(server: Server, http: Http, clock: StillClock) -> None:
    server.lines = [status(503), ranged(CONTENT)]
    assert b"".join(http.download(f"{server.url}/file", what="orders")) == CONTENT
    assert len(clock.waits) == 1
