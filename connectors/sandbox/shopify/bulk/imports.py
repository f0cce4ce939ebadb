"""Bulk mutations: one mutation, run for every line of a file of variables, in no promised order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)

from connectors.sandbox.shopify.errors import execution_error, syntax_error, validation_error

if TYPE_CHECKING:
    from connectors.sandbox.shopify.execution import Context

_WINDOW = 64
_FORBIDDEN = frozenset({"bulkOperationRunMutation", "bulkOperationRunQuery"})
_NO_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly "
    "for the stagedUploadPath mutation argument."
)


class Job(msgspec.Struct, frozen=True):
    """A mutation and the lines to run it for."""

    document: DocumentNode
    lines: list[bytes]


def read_mutation(
    text: str, identifier: str | None, file: bytes | None, schema: GraphQLSchema
) -> tuple[Job | None, dict[str, Any] | None]:
    """Return the job, or what is wrong with it, in the service's own words."""
    if identifier is not None and not 10 <= len(identifier) <= 255:
        return None, _complaint(None, "Client identifier must be between 10 and 255 characters", "INVALID_MUTATION")
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, _complaint(None, f"Failed to parse the mutation - {syntax_error(error)}", "INVALID_MUTATION")
    complaint = _forbidden(document, schema) or _bad_file(file)
    if complaint:
        return None, complaint
    return Job(document, [line for line in (file or b"").split(b"\n") if line.strip()]), None


def _bad_file(file: bytes | None) -> dict[str, Any] | None:
    if file is None:
        return _complaint(None, _NO_FILE, "NO_SUCH_FILE")
    if not file.strip():
        return _complaint(None, "The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")
    return None


def _forbidden(document: DocumentNode, schema: GraphQLSchema) -> dict[str, Any] | None:
    operations = [x for x in document.definitions if isinstance(x, OperationDefinitionNode)]
    roots = operations[0].selection_set.selections if operations else ()
    single = len(operations) == 1 and operations[0].operation is OperationType.MUTATION and len(roots) == 1
    if not single or not isinstance(roots[0], FieldNode):
        return _complaint(["mutation"], "You must specify a single top level mutation.", None)
    if roots[0].name.value in _FORBIDDEN:
        return _complaint(["mutation"], "You must use an allowed mutation name.", None)
    problems = validate(schema, document)
    if problems:
        message = validation_error(problems[0], document)["message"]
        return _complaint(None, f"Failed to validate the mutation - {message}", "INVALID_MUTATION")
    return None


def _complaint(field: list[str] | None, message: str, code: str | None) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}


def run_lines(job: Job, context: Context, schema: GraphQLSchema) -> Iterator[tuple[int, int, list[bytes]]]:
    """Run the mutation for every line; yield how many, twice, and the lines of the result."""
    dice = Random(len(job.lines))  # noqa: S311  # an order to be repeated, not a secret
    source = enumerate(job.lines)
    while batch := list(islice(source, _WINDOW)):
        dice.shuffle(batch)
        yield len(batch), len(batch), [_result(job, number, line, context, schema) for number, line in batch]


def _result(job: Job, number: int, line: bytes, context: Context, schema: GraphQLSchema) -> bytes:
    try:
        variables = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        answer: dict[str, Any] = {"errors": [{"message": f"Invalid JSON: {error}"}]}
    else:
        answer = _run(job.document, variables, context, schema)
    return msgspec.json.encode(answer | {"__lineNumber": number}).replace(b"/", b"\\/") + b"\n"


def _run(document: DocumentNode, variables: Any, context: Context, schema: GraphQLSchema) -> dict[str, Any]:
    if not isinstance(variables, dict):
        return {"errors": [{"message": "Variables must be a JSON object."}]}
    with context.view.shop.lock:
        fresh = context.afresh(context.bulk.now())
        result: Any = execute(schema, document, context_value=fresh, variable_values=variables)
    errors = {"errors": [execution_error(error) for error in result.errors]} if result.errors else {}
    return errors | ({} if result.data is None else {"data": result.data})
