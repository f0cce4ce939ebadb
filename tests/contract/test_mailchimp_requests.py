"""Every request that the Mailchimp connector can send, against the description that Mailchimp publishes.

Path, query, body and the fields asked for. Bodies are held to more than the description says: a key that it does not
name is an error too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from requests import PreparedRequest

import connectors.mailchimp
from connectors.mailchimp.wire import newcomer
from syncd.errors import FatalError
from syncd.model import Action, Change, ContactStatus, NewContact
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, ROOT, Simulated, open_simulated

NEW = NewContact(status=ContactStatus.SUBSCRIBED, fields={"first_name": "Zoë", "language": "fr-CA"}, language="fr-CA")


class Operation(msgspec.Struct, frozen=True):
    """One operation of the description."""

    method: str
    template: str
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How the package calls it."""
        return str(self.spec.get("x-custom-config", {}).get("methodNameSnake", self.spec["operationId"]))


class Description:
    """Mailchimp's OpenAPI document, as something to hold requests against."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = _as_json_schema(document["components"])
        self._operations = [
            Operation(method.upper(), template, spec)
            for template, methods in document["paths"].items()
            for method, spec in methods.items()
            if method in {"get", "post", "put", "patch", "delete"}
        ]

    def operation(self, method: str, path: str) -> Operation:
        for each in self._operations:
            pattern = re.sub(r"\\{[^/]*\\}", "[^/]+", re.escape(each.template))
            if each.method == method and re.fullmatch(pattern, path):
                return each
        raise AssertionError(f"{method} {path} is not described")

    def complaints(self, request: PreparedRequest) -> Iterator[str]:
        """Yield what is wrong with a request."""
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix(urlsplit(ROOT).path)
        operation = self.operation(str(request.method), path)
        yield from self._query_complaints(operation, dict(parse_qsl(parts.query, keep_blank_values=True)))
        yield from self._body_complaints(operation, request.body)

    def _query_complaints(self, operation: Operation, query: Mapping[str, str]) -> Iterator[str]:
        declared = {each["name"]: each for each in operation.spec["parameters"] if each["in"] == "query"}
        for name, text in query.items():
            if name not in declared:
                yield f"{operation.name} has no parameter {name}"
                continue
            schema = declared[name]["schema"]
            value = _read(text, schema)
            yield from (f"{name}: {error.message}" for error in self._validator(schema).iter_errors(value))
            if name == "fields":
                yield from (f"the answer has no {field}" for field in value if not self._answers(operation, field))
        for name, parameter in declared.items():
            if parameter.get("required") and name not in query:
                yield f"{name} is required"

    def _body_complaints(self, operation: Operation, body: bytes | str | None) -> Iterator[str]:
        described = operation.spec.get("requestBody")
        if operation.spec.get("x-stub"):
            return
        if described is None:
            if body:
                yield f"{operation.name} takes no body"
            return
        schema = described["content"]["application/json"]["schema"]
        value = msgspec.json.decode(body or b"null")
        for error in self._validator(schema).iter_errors(value):
            yield f"{error.json_path}: {error.message}"

    def _answers(self, operation: Operation, field: str) -> bool:
        schema = operation.spec["responses"]["200"]["content"]["application/json"]["schema"]
        for name in field.split("."):
            resolved = self._resolved(schema)
            schema = self._resolved(resolved.get("items", resolved)).get("properties", {}).get(name)
            if schema is None:
                return False
        return True

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._components["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _validator(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        return Draft202012Validator({**_as_json_schema(schema), "components": self._components})


def _as_json_schema(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema, with objects closed that name their properties."""
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _as_json_schema(value) for name, value in schema.items()}
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    if made.get("type") in ("object", ["object", "null"]) and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """Read a query parameter as its schema has it; text that is none of that kind stays text, and is refused."""
    kind = schema.get("type")
    if kind == "array":
        return text.split(",")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    return text


@functools.cache
def _description(path: Path) -> Description:
    return Description(msgspec.json.decode(path.read_bytes()))


@pytest.fixture(scope="session")
def description(shared: Path) -> Description:
    return _description(shared / "api" / "mailchimp-marketing.openapi3.json")


def change(email: str, action: Action = Action.ADD, create: NewContact | None = None, label: str = "vip") -> Change:
    return Change(
        target="newsletter", label=label, segment="s", subject=email, action=action, email=email, create=create
    )


def everything_we_can_ask(service: Simulated, clock: StillClock) -> None:
    """Make the connector send each of its requests, with and without each part that may be missing."""
    audience = open_simulated(clock, Host(clock=clock, memo={}), 2, merge_fields={"FNAME": "first_name"})
    service.control("PATCH", "/", {"options": {"tags_shown": 1, "repeated": "silent"}})
    for number in range(5):
        service.put(f"{number}@people.example", tags=["hand", "made"])
        clock.instant += 1
    service.put("old@people.example", status="archived")
    audience.check()
    with pytest.raises(FatalError):
        open_simulated(clock, list="0000000000").check()
    audience.contacts.peek(clock.now() - 3)
    list(audience.contacts.pages(None))
    list(audience.contacts.pages(clock.now() - 3))
    audience.contacts.count()
    list(audience.read(["0@people.example", "zoë@people.example", "o'brien+a/b@people.example"]))
    for _ in range(2):
        adds = [change("new@people.example", create=NEW), change("0@people.example", label="other")]
        list(audience.apply([*adds, change("1@people.example", Action.REMOVE, label="hand")]))
    quiet = change("2@people.example", label="hushed")
    list(audience.apply([msgspec.structs.replace(quiet, quiet=True)]))
    again = open_simulated(clock, Host(clock=clock, memo={"tag:vip": "1"}))
    list(again.apply([change("0@people.example"), change("1@people.example", Action.REMOVE)]))


def test_every_request_is_as_described(description: Description, clock: StillClock) -> None:
    service = Simulated(clock)
    with service.reachable():
        everything_we_can_ask(service, clock)
    complaints = [
        f"{each.method} {each.path_url}: {one}" for each in service.sent for one in description.complaints(each)
    ]
    assert complaints == []
    assert len(service.sent) > 30


def test_no_call_of_the_connector_is_left_out(description: Description, clock: StillClock) -> None:
    service = Simulated(clock)
    with service.reachable():
        everything_we_can_ask(service, clock)
    root = urlsplit(ROOT).path
    paths = [(str(each.method), urlsplit(str(each.url)).path.removeprefix(root)) for each in service.sent]
    sent = {description.operation(method, path).name for method, path in paths}
    code = "".join(file.read_text() for file in Path(str(connectors.mailchimp.__file__)).parent.glob("*.py"))
    assert sent == set(re.findall(r"_lists\.(\w+)\(", code))


FIELD = st.text(max_size=40)
CREATES = st.builds(
    NewContact,
    status=st.sampled_from([ContactStatus.SUBSCRIBED, ContactStatus.TRANSACTIONAL]),
    fields=st.dictionaries(st.sampled_from(["first_name", "last_name", "phone", "FNAME"]), FIELD),
    language=st.none() | FIELD,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(creates=st.lists(CREATES, min_size=1, max_size=5), label=FIELD, email=FIELD)
def test_whatever_the_customers_are_called_the_bodies_are_as_described(
    description: Description, creates: Sequence[NewContact], label: str, email: str
) -> None:
    merge_fields = {"FNAME": "first_name", "LNAME": "last_name", "MMERGE5": "phone"}
    members = [newcomer(change(f"{email}@x", create=create), merge_fields) for create in creates]
    bodies: Mapping[str, Any] = {
        f"/lists/{LIST}?skip_merge_validation=true": {"members": members, "update_existing": False},
        f"/lists/{LIST}/segments": {"name": label, "static_segment": []},
        f"/lists/{LIST}/segments/7": {"members_to_add": [email], "members_to_remove": [email]},
    }
    for path, body in bodies.items():
        request = PreparedRequest()
        request.prepare("POST", ROOT + path, data=msgspec.json.encode(body))
        assert list(description.complaints(request)) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "complaint"),
    [
        ("GET", f"/lists/{LIST}/members?count=1001", None, "1001 is greater than"),
        ("GET", f"/lists/{LIST}/members?count=many", None, "not of type 'integer'"),
        ("GET", f"/lists/{LIST}/members?status=resting", None, "is not one of"),
        ("GET", f"/lists/{LIST}/members?since=yesterday", None, "no parameter since"),
        ("GET", f"/lists/{LIST}/members?fields=members.mail", None, "no members.mail"),
        ("POST", f"/lists/{LIST}?skip_merge_validation=True", {"members": []}, "not of type 'boolean'"),
        ("POST", f"/lists/{LIST}", {}, "'members' is a required property"),
        ("POST", f"/lists/{LIST}", {"members": [{"email_address": "a@b.c"}]}, "not valid under any"),
        ("POST", f"/lists/{LIST}", {"members": [{"status_if_new": "subscribed", "mail": 1}]}, "'mail' was unexpected"),
        ("POST", f"/lists/{LIST}", {"members": [{"status_if_new": "archived"}]}, "is not one of"),
        ("POST", f"/lists/{LIST}/segments/7", {"members_to_add": ["a"] * 501}, "is too long"),
        ("POST", f"/lists/{LIST}/segments", {"static_segment": []}, "'name' is a required property"),
        ("POST", f"/lists/{LIST}/members/7/tags", {"is_syncing": True}, "'tags' is a required property"),
        ("POST", f"/lists/{LIST}/members/7/tags", {"tags": [], "is_syncing": "yes"}, "not of type 'boolean'"),
    ],
)
def test_the_description_would_catch_a_mistake(
    description: Description, method: str, path: str, body: Any, complaint: str
) -> None:
    request = PreparedRequest()
    request.prepare(method, ROOT + path, data=None if body is None else msgspec.json.encode(body))
    assert complaint in " ".join(description.complaints(request))


def test_a_path_that_is_not_described_is_caught(description: Description) -> None:
    with pytest.raises(AssertionError, match="not described"):
        description.operation("GET", f"/list/{LIST}")
