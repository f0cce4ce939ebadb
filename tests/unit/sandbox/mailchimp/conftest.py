"""A client of the simulated account. Every answer that it gets is held against the published description."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import referencing
from referencing.jsonschema import DRAFT202012

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.mailchimp import DEFAULT_KEY, Account, MergeField, NewList
from connectors.sandbox.mailchimp.routes import match

PUBLISHED = Path(__file__).resolve().parents[5] / "shared" / "api" / "mailchimp-marketing.openapi3.json"
START = 1_795_000_000


class Description:
    """The published description of the Marketing API, as something to hold answers against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        _mend(document)
        self._registry = referencing.Registry().with_resource("urn:api", DRAFT202012.create_resource(document))
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}

    def check(self, template: str, method: str, status: int, answer: Any) -> None:
        """Fail where the answer does not fit what is published for this call and status."""
        operation = self.document["paths"][template][method.lower()]
        key = str(status) if status < 400 else "default"
        response = operation["responses"][key]
        assert bool(response.get("content")) == (status != 204), f"{method} {template} answered {status}"
        if status == 204:
            assert answer is None
            return
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in (
            "paths", template, method.lower(), "responses", key, "content", "application/json", "schema",
        ))  # fmt: skip
        if pointer not in self._validators:
            schema = {"$ref": f"urn:api#/{pointer}"}
            self._validators[pointer] = jsonschema.Draft202012Validator(schema, registry=self._registry)
        self._validators[pointer].validate(answer)


def _mend(node: Any) -> None:
    """Let the description agree with itself.

    A merge field's value may be more than an object (its own requests and examples hold texts), and a contact may be
    archived wherever a contact is shown (only one of its two forms of a contact knows).
    """
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict):
        merge_fields = node.get("merge_fields")
        if isinstance(merge_fields, dict):
            merge_fields.pop("additionalProperties", None)
        if {"cleaned", "transactional"} <= set(map(str, node.get("enum") or ())):
            node["enum"] = [*node["enum"], "archived"]
    for each in below:
        _mend(each)


@pytest.fixture(scope="session")
def description() -> Description | None:
    """The published description; None in a bare checkout, where answers are not held against it."""
    if not PUBLISHED.is_file():
        assert os.environ.get("CI") != "true", "the published description (../shared/api) is missing in CI"
        return None
    return Description(json.loads(PUBLISHED.read_text()))


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> int:
        return self.instant


class Got(msgspec.Struct):
    """What came back."""

    status: int
    json: Any
    headers: dict[str, str]


class Api:
    """Calls the account as a client with its key would, and changes it as people do."""

    def __init__(self, account: Account, description: Description | None) -> None:
        self.account = account
        self.key = DEFAULT_KEY
        self._description = description

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Got:
        return self.raw(method, path, b"" if body is None else json.dumps(body).encode(), query)

    def raw(self, method: str, path: str, body: bytes, query: dict[str, str], **headers: str) -> Got:
        sent = {"authorization": f"Bearer {self.key}"} | headers
        request = Request(method=method, path=path, query=query, headers=sent, body=body)
        got = _got(self.account.answer(request))
        found = match(path)
        if self._description is not None and method in found.endpoints and not query.keys() & {"fields"}:
            self._description.check(found.template, method, got.status, got.json)
        return got

    def get(self, path: str, **query: str) -> Any:
        return self._well(self.call("GET", path, **query))

    def post(self, path: str, body: Any = None, **query: str) -> Any:
        return self._well(self.call("POST", path, body, **query))

    def put(self, path: str, body: Any, **query: str) -> Any:
        return self._well(self.call("PUT", path, body, **query))

    def patch(self, path: str, body: Any, **query: str) -> Any:
        return self._well(self.call("PATCH", path, body, **query))

    def delete(self, path: str) -> Any:
        return self._well(self.call("DELETE", path))

    def refused(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        got = self.call(method, path, body, **query)
        assert got.status >= 400, got
        assert got.headers["Content-Type"].startswith("application/problem+json")
        assert got.json["status"] == got.status
        return got.json

    def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        return self._well(_got(self.account.control(Request(method=method, path=path, query=query, body=raw))))

    def person(self, email: str, **more: Any) -> None:
        """Put somebody into the list behind the API's back."""
        self.control("POST", "/lists/abc123/members", {"email_address": email, **more})

    def truth(self, email: str) -> dict[str, Any]:
        """Return what the account really holds about somebody."""
        everybody = self.control("GET", "/lists/abc123/members")["members"]
        return next(each for each in everybody if each["id"] == md5(email))

    @staticmethod
    def at(email: str, list_id: str = "abc123") -> str:
        """Return the path of a contact, by hash."""
        return f"/lists/{list_id}/members/{md5(email)}"

    def mails(self, by: str = "api") -> list[tuple[str, str]]:
        """Return what `by` caused to be sent: kind and address."""
        return [(mail["kind"], mail["email_address"]) for mail in self.control("GET", "/mail", by=by)["mails"]]

    @staticmethod
    def _well(got: Got) -> Any:
        assert got.status < 400, got
        return got.json


def _got(response: Response) -> Got:
    assert isinstance(response.body, bytes)
    is_json = "json" in response.headers.get("Content-Type", "")
    return Got(response.status, json.loads(response.body) if is_json else None, dict(response.headers))


def md5(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def hours() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def opened(description: Description | None) -> Callable[[Clock], Api]:
    """Return what opens an account, for tests that need many."""
    fields = (
        MergeField(tag="FNAME", name="First Name"),
        MergeField(tag="LNAME", name="Last Name"),
        MergeField(tag="ADDRESS", type="address"),
        MergeField(tag="SPENT", type="number"),
    )
    news = NewList(id="abc123", name="Newsletter", merge_fields=fields, interests=("shoes",))
    strict = NewList(id="strict", name="Strict", merge_fields=(MergeField(tag="SHOP", required=True), *fields))
    return lambda hours: Api(Account(hours, [news, strict]), description)


@pytest.fixture
def api(hours: Clock, opened: Callable[[Clock], Api]) -> Api:
    return opened(hours)
