"""The sandbox over real sockets, on loopback."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.running import Running
from connectors.sandbox.server import LoopbackServer


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with SANDBOX.start(
        Options(customers=30, shops=("main", "second"), lists=("a1b2=News",), bulk_seconds=0)
    ) as started:
        yield started


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


def graphql(running: Running, session: requests.Session, query: str, shop: str = "main") -> Any:
    settings = running.settings()["stores"][shop]
    url = f"{settings['api_url']}/admin/api/{settings['api_version']}/graphql.json"
    headers = {"X-Shopify-Access-Token": settings["access_token"]}
    answer = session.post(url, json={"query": query}, headers=headers, timeout=10)
    assert answer.status_code == 200
    return answer.json()["data"]


def test_settings_lead_to_every_store_and_audience(running: Running, session: requests.Session) -> None:
    for name in ("main", "second"):
        assert graphql(running, session, "{ shop { name } }", name) == {"shop": {"name": name}}
    audience = running.settings()["audiences"]["a1b2"]
    answer = session.get(f"{audience['api_url']}/lists/a1b2", auth=("any", audience["api_key"]), timeout=10)
    assert answer.json()["name"] == "News"


def test_a_connection_is_kept_and_answers_at_once(running: Running) -> None:
    address = urlsplit(running.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("GET", "/control/world")
    assert connection.getresponse().read()
    first = connection.sock
    for _ in range(20):
        connection.request("GET", "/control/world")
        assert connection.getresponse().read()
    assert connection.sock is first
    connection.close()


def test_a_granted_token_is_got_over_http(running: Running, session: requests.Session) -> None:
    settings = running.settings()["stores"]["main"]
    form = {
        "grant_type": "client_credentials",
        "client_id": settings["client_id"],
        "client_secret": settings["client_secret"],
    }
    answer = session.post(f"{settings['api_url']}/admin/oauth/access_token", data=form, timeout=10).json()
    assert answer["access_token"].startswith("shpat_")


def finished_file(running: Running, session: requests.Session) -> str:
    run = '{ bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }") { bulkOperation { id } } }'
    name = graphql(running, session, f"mutation {run}")["bulkOperationRunQuery"]["bulkOperation"]["id"]
    running.app.stores["main"].bulk.settle()
    url: str = graphql(running, session, f'{{ bulkOperation(id: "{name}") {{ url }} }}')["bulkOperation"]["url"]
    return url


def test_a_download_goes_on_where_it_broke_off(running: Running, session: requests.Session) -> None:
    url = finished_file(running, session)
    whole = session.get(url, timeout=10)
    assert whole.headers["Content-Length"] == str(len(whole.content))
    rest = session.get(url, headers={"Range": "bytes=100-"}, timeout=10)
    assert rest.status_code == 206
    assert rest.content == whole.content[100:]
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole.content) - 1}/{len(whole.content)}"
    piece = session.get(url, headers={"Range": "bytes=5-9"}, timeout=10)
    assert piece.content == whole.content[5:10]
    assert session.get(url, headers={"Range": "bytes=99999999-"}, timeout=10).status_code == 416


def test_a_link_that_never_was_is_not_found(running: Running, session: requests.Session) -> None:
    assert session.get(f"{running.url}/files/nothing", timeout=10).status_code == 404


def test_requests_forms_are_taken_as_uploads(running: Running, session: requests.Session) -> None:
    wish = '{resource: BULK_MUTATION_VARIABLES, filename: "t", mimeType: "text/jsonl", httpMethod: POST}'
    fields = "stagedTargets { url parameters { name value } }"
    staged = graphql(running, session, f"mutation {{ stagedUploadsCreate(input: [{wish}]) {{ {fields} }} }}")
    target = staged["stagedUploadsCreate"]["stagedTargets"][0]
    form = {each["name"]: (None, each["value"]) for each in target["parameters"]}
    answer = session.post(target["url"], files=form | {"file": ("t", b"{}\n")}, timeout=10)
    assert answer.status_code == 201
    assert form["key"][1] in answer.text


@pytest.mark.parametrize("path", ["/", "/shops/nobody/admin/api/2026-10/graphql.json", "/shops/main/x", "/staged/no"])
def test_a_path_that_leads_nowhere_is_not_found(path: str, running: Running, session: requests.Session) -> None:
    answer = session.get(running.url + path, timeout=10)
    assert answer.status_code == 404
    assert answer.json() == {"errors": "Not Found"}


def test_a_chunked_body_is_read(running: Running, session: requests.Session) -> None:
    settings = running.settings()["stores"]["main"]
    body = json.dumps({"query": "{ shop { name } }"}).encode()
    answer = session.post(
        f"{settings['api_url']}/admin/api/2026-10/graphql.json",
        data=iter([body[:7], body[7:]]),
        headers={"X-Shopify-Access-Token": settings["access_token"]},
        timeout=10,
    )
    assert answer.json()["data"]["shop"]["name"] == "main"


def test_many_clients_are_answered_at_once(running: Running) -> None:
    wrong: list[Any] = []

    def client() -> None:
        with requests.Session() as own:
            for _ in range(5):
                count = graphql(running, own, "{ customersCount { count } }")["customersCount"]["count"]
                wrong.extend([count] if count != 30 else [])

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_stopping_closes_every_connection_and_frees_the_port() -> None:
    started = SANDBOX.start(Options(customers=1))
    address = urlsplit(started.url)
    idle = socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    idle.sendall(b"GET /control/world HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.recv(10)
    started.stop()
    while idle.recv(1000):
        pass
    idle.close()
    again = SANDBOX.start(Options(customers=1, port=address.port or 0))
    assert again.url == started.url
    again.stop()


def test_a_taken_port_is_told() -> None:
    with SANDBOX.start(Options(customers=1)) as first, pytest.raises(OSError, match="in use"):
        SANDBOX.start(Options(customers=1, port=urlsplit(first.url).port or 0))


def test_serving_for_ever_ends_when_told() -> None:
    stop = threading.Event()
    seen: list[str] = []

    def ready(running: Running) -> None:
        seen.append(running.url)
        stop.set()

    SANDBOX.serve_forever(Options(customers=1), ready, stop)
    assert seen[0].startswith("http://127.0.0.1:")


def test_a_fault_of_the_sandbox_is_a_500_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: Request) -> Response:
        raise RuntimeError("the sandbox is wrong")

    server = LoopbackServer(0, broken)
    server.start()
    with requests.Session() as session:
        assert session.get(server.url, timeout=10).status_code == 500
    server.stop()
    assert "the sandbox is wrong" in capsys.readouterr().err


def test_a_body_without_a_known_length_comes_in_chunks() -> None:
    server = LoopbackServer(0, lambda _: Response(body=iter([b"one", b"", b"two"])))
    server.start()
    with requests.Session() as session:
        answer = session.get(server.url, timeout=10)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.content == b"onetwo"
        assert session.get(server.url, timeout=10).content == b"onetwo"
    server.stop()
