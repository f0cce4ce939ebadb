"""The one way out, against a server on loopback that misbehaves as told."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from connectors.http import CHUNK, Answer, GoneError, Http
from connectors.patience import Limits
from syncd.errors import FatalError, RetriableError
from syncd.ports import Host

LIMITS = Limits(connect=2, read=0.5, whole=5, attempts=3)

Act = Callable[[BaseHTTPRequestHandler], None]


class Peer:
    """A server that does what its list of acts says, one a request; the last one again and again."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_class())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _request_class(peer) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the inner class has a self of its own
        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                peer.seen.append((self.command, self.path, dict(self.headers), body))
                act = peer.acts.pop(0) if len(peer.acts) > 1 else peer.acts[0]
                act(self)

            do_POST = do_GET  # noqa: N815  # the name that http.server looks for

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        return Request


def answers(body: bytes = b"{}", status: int = 200, **headers: str) -> Act:
    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return act


def breaks_off(body: bytes, announced: int, status: int = 200, **headers: str) -> Act:
    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(announced))
        request.end_headers()
        request.wfile.write(body)
        request.close_connection = True

    return act


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def host(clock: Any, told: list[tuple[str, str]]) -> Host:
    return Host(
        clock=clock,
        memo={},
        calls=Counter(),
        progress=lambda it: told.append(("progress", it.task)),
        reach=lambda reach, why: told.append((reach.value, why)),
    )


@pytest.fixture
def told() -> list[tuple[str, str]]:
    """What the host was told, in order."""
    return []


@pytest.fixture
def http(host: Host) -> Http:
    return Http("the store main", host, LIMITS)


def let_through(answer: Answer) -> None:
    if answer.status == 503:
        raise RetriableError("busy", retry_after=answer.retry_after)
    if answer.status == 500:
        raise RetriableError("broke", unknown_fate=True)
    if answer.status >= 400:
        raise FatalError(f"status {answer.status}")


def get(http: Http, url: str, **parts: Any) -> Answer:
    return http.send("GET", url, what="things", judge=let_through, **parts)


def test_an_answer_comes_whole_with_lower_case_header_names(http: Http, peer: Peer) -> None:
    peer.acts = [answers(b'{"a":1}', X_Thing="Yes")]
    answer = get(http, peer.url)
    assert (answer.status, answer.headers["x-thing"], answer.json()) == (200, "Yes", {"a": 1})


def test_a_busy_service_is_asked_again_at_its_own_pace(http: Http, peer: Peer, host: Host, clock: Any) -> None:
    peer.acts = [answers(status=503, Retry_After="7"), answers()]
    get(http, peer.url)
    assert host.calls["things"] == 2
    assert 7 <= sum(clock.waits) <= 8.5


def test_a_call_is_tried_only_so_often(http: Http, peer: Peer, host: Host) -> None:
    peer.acts = [answers(status=503)]
    with pytest.raises(RetriableError, match="busy"):
        get(http, peer.url)
    assert host.calls["things"] == 3


def test_a_broken_connection_is_tried_again_only_where_that_does_no_harm(http: Http, peer: Peer, host: Host) -> None:
    peer.acts = [hangs_up]
    with pytest.raises(RetriableError) as caught:
        get(http, peer.url, repeatable=False)
    assert caught.value.unknown_fate
    assert host.calls["things"] == 1
    with pytest.raises(RetriableError):
        get(http, peer.url)
    assert host.calls["things"] == 4


def test_one_try_in_doubt_leaves_a_write_in_doubt_whatever_is_answered_later(http: Http, peer: Peer) -> None:
    peer.acts = [answers(status=500), answers(status=403)]
    with pytest.raises(RetriableError, match="status 403") as caught:
        get(http, peer.url, writes=True)
    assert caught.value.unknown_fate


def test_a_read_ends_with_the_last_answer(http: Http, peer: Peer) -> None:
    peer.acts = [answers(status=500), answers(status=403)]
    with pytest.raises(FatalError, match="status 403"):
        get(http, peer.url)


def test_nobody_listening_means_surely_not_sent(http: Http, peer: Peer) -> None:
    peer.close()
    with pytest.raises(RetriableError, match="connection failed") as caught:
        get(http, peer.url)
    assert not caught.value.unknown_fate


def test_a_silent_peer_is_given_up(http: Http, peer: Peer) -> None:
    released = threading.Event()
    peer.acts = [lambda request: (released.wait(5), hangs_up(request))[1]]
    with pytest.raises(RetriableError) as caught:
        get(http, peer.url, repeatable=False)
    released.set()
    assert caught.value.unknown_fate


def test_a_dripping_answer_is_given_up(http: Http, peer: Peer, clock: Any) -> None:
    released = threading.Event()

    def drips(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not released.wait(0.02):
            request.wfile.write(b"x")
            clock.instant += 1

    peer.acts = [drips]
    with pytest.raises(RetriableError, match="too slowly"):
        get(http, peer.url, repeatable=False)
    released.set()


def test_a_truncated_answer_is_no_answer(http: Http, peer: Peer) -> None:
    peer.acts = [breaks_off(b'{"a"', announced=100), answers(b'{"a":2}')]
    assert get(http, peer.url).json() == {"a": 2}


def test_chunked_and_compressed_answers_are_read(http: Http, peer: Peer) -> None:
    packed = gzip.compress(b'{"a":"' + b"x" * 100_000 + b'"}')

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.send_header("Content-Encoding", "gzip")
        request.end_headers()
        for start in range(0, len(packed), 50):
            part = packed[start : start + 50]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        request.wfile.write(b"0\r\n\r\n")

    peer.acts = [act]
    assert len(get(http, peer.url).json()["a"]) == 100_000
    assert len(get(http, peer.url).json()["a"]) == 100_000  # the connection was left in order


def test_a_page_that_is_no_json_is_no_answer(http: Http, peer: Peer) -> None:
    peer.acts = [answers(b"<html>")]
    with pytest.raises(RetriableError, match="not JSON"):
        get(http, peer.url).json()


def test_a_redirect_is_not_followed(http: Http, peer: Peer) -> None:
    peer.acts = [answers(status=302, Location="https://elsewhere.example/")]
    with pytest.raises(FatalError, match="redirect"):
        get(http, peer.url, headers={"X-Shopify-Access-Token": "secret"})
    assert len(peer.seen) == 1


def test_a_key_never_travels_in_the_clear(http: Http) -> None:
    with pytest.raises(FatalError, match="https"):
        get(http, "http://shop.example/")


def test_messages_hold_no_address(http: Http, peer: Peer) -> None:
    peer.acts = [hangs_up]
    with pytest.raises(RetriableError) as caught:
        get(http, f"{peer.url}/customers/anna@example.com?token=secret")
    assert "anna" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_forms_and_files_are_sent_in_order(http: Http, peer: Peer) -> None:
    peer.acts = [answers()]
    form = {"key": "tmp/1", "policy": "p"}
    http.send(
        "POST", peer.url, what="upload", judge=let_through, form=form, files={"file": ("a.jsonl", b"{}", "text/jsonl")}
    )
    body = peer.seen[0][3]
    assert body.index(b'name="key"') < body.index(b'name="policy"') < body.index(b'name="file"')


def test_nothing_is_sent_while_offline(host: Host, peer: Peer) -> None:
    http = Http("the store main", msgspec.structs.replace(host, offline=True), Limits())
    with pytest.raises(FatalError, match="offline"):
        get(http, peer.url)
    with pytest.raises(FatalError, match="offline"):
        list(http.download(peer.url, what="orders"))
    assert peer.seen == []


def test_this_machine_is_reached_past_any_proxy(http: Http, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    peer.acts = [answers()]
    assert get(http, peer.url).status == 200


def test_other_machines_are_reached_through_the_proxy_of_the_environment(
    http: Http, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", peer.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(RetriableError, match="the proxy failed"):
        get(http, "https://shop.example/")


class TestDownload:
    def test_a_file_comes_in_chunks(self, http: Http, peer: Peer) -> None:
        content = bytes(range(256)) * 1000
        peer.acts = [answers(content)]
        chunks = list(http.download(peer.url, what="orders"))
        assert b"".join(chunks) == content
        assert max(map(len, chunks)) <= CHUNK

    def test_a_broken_download_goes_on_where_it_broke_off(self, http: Http, peer: Peer) -> None:
        content = bytes(range(256)) * 1000

        def rest(request: BaseHTTPRequestHandler) -> None:
            start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            assert start > 0
            answers(content[start:], status=206)(request)

        peer.acts = [breaks_off(content[:100_000], announced=len(content)), rest]
        assert b"".join(http.download(peer.url, what="orders")) == content

    def test_a_server_that_knows_no_ranges_sends_all_and_nothing_comes_twice(self, http: Http, peer: Peer) -> None:
        content = bytes(range(256)) * 1000
        peer.acts = [breaks_off(content[:100_000], announced=len(content)), answers(content)]
        assert b"".join(http.download(peer.url, what="orders")) == content

    def test_an_empty_file_is_a_file(self, http: Http, peer: Peer) -> None:
        peer.acts = [answers(b"")]
        assert b"".join(http.download(peer.url, what="orders")) == b""

    def test_a_link_that_is_no_longer_good_is_fatal(self, http: Http, peer: Peer, host: Host) -> None:
        peer.acts = [answers(b"<xml>expired</xml>", status=403)]
        with pytest.raises(FatalError, match="no longer good"):
            list(http.download(peer.url, what="orders"))
        assert host.calls["orders download"] == 1

    def test_a_download_that_never_comes_is_given_up(self, http: Http, peer: Peer, host: Host) -> None:
        peer.acts = [hangs_up]
        with pytest.raises(RetriableError):
            list(http.download(peer.url, what="orders"))
        assert host.calls["orders download"] == 3


def fail(http: Http, peer: Peer) -> None:
    with pytest.raises(RetriableError):
        get(http, peer.url)


def test_after_one_long_wait_further_calls_fail_at_once_and_it_is_told_once(
    http: Http, peer: Peer, host: Host, clock: Any, told: list[tuple[str, str]]
) -> None:
    peer.close()
    fail(http, peer)
    assert told[0] == ("progress", "the store main does not answer, trying again")
    waits = len(clock.waits)
    for _ in range(5):
        with pytest.raises(RetriableError, match="was not asked again") as caught:
            get(http, peer.url)
        assert not caught.value.unknown_fate
    assert host.calls["things"] == LIMITS.attempts
    assert len(clock.waits) == waits
    assert [kind for kind, _ in told if kind != "progress"] == ["gone"]


def test_a_service_left_alone_is_tried_once_after_a_while_and_its_return_is_told_once(
    http: Http, peer: Peer, host: Host, clock: Any, told: list[tuple[str, str]]
) -> None:
    http._breaker.gave_up(RetriableError("nobody there"), silent=True)
    peer.acts = [answers(status=503), answers()]
    clock.instant += LIMITS.rest
    fail(http, peer)
    assert host.calls["things"] == 1
    fail(http, peer)
    assert host.calls["things"] == 1
    clock.instant += LIMITS.rest
    assert get(http, peer.url).status == 200
    assert get(http, peer.url).status == 200
    assert told == [("gone", "nobody there"), ("back", "the store main answers")]


def test_calls_that_are_answered_badly_open_the_breaker_only_when_several_do_in_a_row(
    http: Http, peer: Peer, told: list[tuple[str, str]]
) -> None:
    peer.acts = [answers(status=503)]
    fail(http, peer)
    fail(http, peer)
    peer.acts = [answers()]
    assert get(http, peer.url).status == 200
    peer.acts = [answers(status=503)]
    fail(http, peer)
    fail(http, peer)
    assert "gone" not in dict(told)
    fail(http, peer)
    assert dict(told)["gone"] == "busy"
    assert ("progress", "the store main is busy, trying again") in told


def test_a_write_that_lost_its_answers_can_be_read_back_at_once(http: Http, peer: Peer) -> None:
    peer.acts = [hangs_up] * LIMITS.attempts + [answers()]
    with pytest.raises(RetriableError) as caught:
        get(http, peer.url, writes=True)
    assert caught.value.unknown_fate
    assert get(http, peer.url).status == 200


def test_who_asks_for_a_long_rest_is_given_it(http: Http, peer: Peer, host: Host, clock: Any) -> None:
    peer.acts = [answers(status=503, Retry_After="900"), answers()]
    fail(http, peer)
    clock.instant += 899
    fail(http, peer)
    assert (host.calls["things"], clock.waits) == (1, [])
    clock.instant += 1
    assert get(http, peer.url).status == 200


def test_a_call_is_not_tried_beyond_its_budget_but_the_services_own_pauses_do_not_count(
    host: Host, peer: Peer, clock: Any
) -> None:
    limits = Limits(attempts=1000, budget=20, longest_wait=8)
    peer.acts = [answers(status=503)]
    began = clock.instant
    with pytest.raises(RetriableError, match="busy"):
        get(Http("the store main", host, limits), peer.url)
    assert 20 <= clock.instant - began <= 28
    peer.acts = [answers(status=503, Retry_After="60")] * 4 + [answers()]
    assert get(Http("the store main", host, limits), peer.url).status == 200


def test_a_download_has_a_limit_on_the_whole(host: Host, peer: Peer, clock: Any) -> None:
    released = threading.Event()

    def drips(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not released.wait(0.01):
            request.wfile.write(b"x")
            clock.instant += 10

    peer.acts = [drips]
    with pytest.raises(RetriableError, match="too slowly"):
        list(Http("the store main", host, Limits(file=60)).download(peer.url, what="orders"))
    released.set()


def test_the_end_of_one_file_is_never_put_to_the_beginning_of_another(http: Http, peer: Peer) -> None:
    peer.acts = [
        breaks_off(b"12345", announced=10),
        answers(b"6789012345", status=206, Content_Range="bytes 5-14/15"),
    ]
    with pytest.raises(GoneError, match="another one"):
        list(http.download(peer.url, what="orders"))
