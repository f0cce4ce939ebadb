"""Bulk mutations: staged files, refusals, results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.shopify import uploads

ADD = (
    "mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { "
    "node { id ... on Customer { tags updatedAt } } userErrors { field message } } }"
)
STAGE = (
    "mutation($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) { "
    "stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }"
)
RUN = (
    "mutation($m: String!, $p: String!, $c: String) { bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p, "
    "clientIdentifier: $c) { bulkOperation { id status type } userErrors { field message code } } }"
)


def target(bench: Any, method: str = "POST") -> Any:
    wish = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "tags.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": method,
    }
    return bench.ask(STAGE, input=[wish])["stagedUploadsCreate"]["stagedTargets"][0]


def form(fields: list[tuple[str, str]], file: bytes | None) -> Request:
    mark = b"--X7"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    if file is not None:
        head = b'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/jsonl\r\n\r\n'
        parts.append(head + file)
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=X7"}
    return Request(method="POST", path="/staged/main", headers=headers, body=body)


def parameters(staged: Any) -> list[tuple[str, str]]:
    return [(each["name"], each["value"]) for each in staged["parameters"]]


def upload(bench: Any, file: bytes) -> str:
    """Upload a file and return its path."""
    staged = target(bench)
    response: Response = bench.store.upload(form(parameters(staged), file))
    assert response.status == 201
    return dict(parameters(staged))["key"]


def run(bench: Any, path: str, mutation: str = ADD, identifier: str | None = None) -> Any:
    return bench.ask(RUN, m=mutation, p=path, c=identifier)["bulkOperationRunMutation"]


def results(bench: Any, files: Any, lines: list[Any]) -> list[Any]:
    path = upload(bench, b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    payload = run(bench, path)
    assert payload["userErrors"] == []
    assert (payload["bulkOperation"]["status"], payload["bulkOperation"]["type"]) == ("CREATED", "MUTATION")
    operation = bench.finished(payload["bulkOperation"]["id"])
    assert operation["status"] == "COMPLETED"
    return [json.loads(line) for line in bench.downloaded(operation["url"], files).splitlines()]


def test_every_line_is_run_and_told_by_its_number_in_another_order(bench: Any, files: Any) -> None:
    ids = sorted(bench.shop.customers)[:30]
    found = results(bench, files, [{"id": f"gid://shopify/Customer/{x}", "tags": [f"n{x}"]} for x in ids])
    numbers = [row["__lineNumber"] for row in found]
    assert sorted(numbers) == list(range(30))
    assert numbers != sorted(numbers)
    for row in found:
        customer = ids[row["__lineNumber"]]
        assert row["data"]["tagsAdd"]["node"]["id"] == f"gid://shopify/Customer/{customer}"
        assert f"n{customer}" in row["data"]["tagsAdd"]["node"]["tags"]
        assert f"n{customer}" in bench.shop.customers[customer].tags


def test_a_line_that_fails_does_not_hinder_the_others(bench: Any, files: Any) -> None:
    first = min(bench.shop.customers)
    lines = [
        {"id": "gid://shopify/Customer/1", "tags": ["x"]},
        {"id": f"gid://shopify/Customer/{first}", "tags": ["y"]},
        {"tags": ["z"]},
        {"id": "nonsense", "tags": ["z"]},
    ]
    by_number = {row["__lineNumber"]: row for row in results(bench, files, lines)}
    assert by_number[0]["data"]["tagsAdd"]["userErrors"][0]["message"] == "Customer does not exist"
    assert by_number[1]["data"]["tagsAdd"]["userErrors"] == []
    assert "errors" in by_number[2]
    assert by_number[3]["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_line_that_is_no_json_is_told(bench: Any, files: Any) -> None:
    payload = run(bench, upload(bench, b"{nonsense\n"))
    operation = bench.finished(payload["bulkOperation"]["id"])
    assert b'"__lineNumber":0' in bench.downloaded(operation["url"], files)


@pytest.mark.parametrize(
    ("mutation", "field", "code", "message"),
    [
        (
            "mutation { not real syntax",
            None,
            "INVALID_MUTATION",
            "Failed to parse the mutation - syntax error, unexpected end of file at [1, 21]",
        ),
        (
            "mutation P($m: String!, $p: String!) { bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p) "
            "{ bulkOperation { id } } }",
            ["mutation"],
            None,
            "You must use an allowed mutation name.",
        ),
        ("{ shop { id } }", ["mutation"], None, "You must specify a single top level mutation."),
        (
            ADD.replace("tagsAdd", "a: tagsAdd(id: $id, tags: $tags) { node { id } } b: tagsAdd"),
            ["mutation"],
            None,
            "You must specify a single top level mutation.",
        ),
    ],
)
def test_refusals_read_as_recorded(mutation: str, field: Any, code: Any, message: str, bench: Any) -> None:
    payload = run(bench, "valid", mutation)
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [{"field": field, "message": message, "code": code}]


def test_a_file_that_was_never_uploaded_is_told_as_recorded(bench: Any) -> None:
    staged = target(bench)
    error = run(bench, dict(parameters(staged))["key"])["userErrors"][0]
    assert (error["field"], error["code"]) == (None, "NO_SUCH_FILE")
    assert error["message"].startswith("The JSONL file could not be found. Try uploading the file again")


def test_an_empty_file_is_refused(bench: Any) -> None:
    error = run(bench, upload(bench, b"\n"))["userErrors"][0]
    assert (error["message"], error["code"]) == ("The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")


def test_an_identifier_has_10_to_255_characters(bench: Any) -> None:
    path = upload(bench, b"{}\n")
    assert run(bench, path, identifier="short")["userErrors"][0]["code"] == "INVALID_MUTATION"
    assert run(bench, path, identifier="long enough")["userErrors"] == []


def test_five_mutations_may_run_beside_five_queries(bench: Any) -> None:
    bench.store.bulk.seconds = 1e9
    path = upload(bench, b"{}\n")
    for _ in range(5):
        assert run(bench, path)["userErrors"] == []
        assert bench.run_bulk("{ customers { edges { node { id } } } }")["userErrors"] == []
    error = run(bench, path)["userErrors"][0]
    assert error["code"] == "OPERATION_IN_PROGRESS"
    assert error["message"].startswith("A bulk mutation operation for this app and shop is already in progress: gid:")


def test_the_form_must_hold_every_parameter_before_the_file(bench: Any) -> None:
    staged = target(bench)
    fields = parameters(staged)
    assert bench.store.upload(form(fields[:-1], b"x")).status == 403
    assert bench.store.upload(form([(name, value + "x") for name, value in fields], b"x")).status == 403
    assert bench.store.upload(form(fields, None)).status == 400
    assert bench.store.upload(form(fields, b"x")).status == 201


def test_a_file_may_also_be_put(bench: Any) -> None:
    staged = target(bench, "PUT")
    key = dict(parameters(staged))["key"]
    request = Request(method="PUT", path="/staged/main", query={"key": key}, body=b'{"id":"1","tags":[]}\n')
    assert bench.store.upload(request).status == 200
    assert run(bench, key)["userErrors"] == []
    assert bench.store.upload(Request(method="PUT", path="/staged/main", query={"key": "other"})).status == 403


def test_only_files_of_variables_are_staged(bench: Any) -> None:
    wish = {"resource": "IMAGE", "filename": "a.png", "mimeType": "image/png"}
    assert bench.only_error(STAGE, input=[wish])["extensions"]["code"] == "NOT_SIMULATED"


def test_binary_line_ends_in_a_file_survive_the_form(bench: Any) -> None:
    file = b'{"id":"1",\r\n"tags":[]}\r\n\r\n'
    assert bench.store.uploads.file(upload(bench, file)) == file


@pytest.mark.parametrize("line", [b"[1]", b'"text"', b"7"])
def test_a_line_that_is_no_object_is_told(line: bytes, bench: Any, files: Any) -> None:
    operation = bench.finished(run(bench, upload(bench, line))["bulkOperation"]["id"])
    assert json.loads(bench.downloaded(operation["url"], files))["errors"][0]["message"]


def test_a_mutation_that_the_schema_does_not_know_is_refused(bench: Any) -> None:
    error = run(bench, upload(bench, b"{}"), "mutation { nothing(id: 1) { id } }")["userErrors"][0]
    assert error["code"] == "INVALID_MUTATION"
    assert "doesn't exist on type 'Mutation'" in error["message"]


def test_a_file_that_is_too_large_is_refused(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert uploads.LARGEST == 100 * 1024 * 1024
    monkeypatch.setattr(uploads, "LARGEST", 3)
    fields = parameters(target(bench))
    assert bench.store.upload(form(fields, b"four")).status == 400
    assert bench.store.upload(form(fields, b"333")).status == 201


def test_only_jsonl_is_staged(bench: Any) -> None:
    wish = {"resource": "BULK_MUTATION_VARIABLES", "filename": "a", "mimeType": "text/csv"}
    payload = bench.ask(STAGE, input=[wish])["stagedUploadsCreate"]
    assert payload["stagedTargets"] == []
    assert payload["userErrors"][0]["field"] == ["input", "0", "mimeType"]


@pytest.mark.parametrize("headers", [{}, {"content-type": "multipart/form-data; boundary=other"}])
def test_a_form_that_is_none_is_refused(headers: dict[str, str], bench: Any) -> None:
    request = Request(method="POST", path="/staged/main", headers=headers, body=b"--X7\r\n")
    assert bench.store.upload(request).status == 403
