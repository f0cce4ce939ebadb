"""graphql-core's findings in the service's own words (recorded answers), where they are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Lexer,
    Node,
    OperationDefinitionNode,
    Source,
    TokenKind,
)

_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_NO_SELECTION = re.compile(r"Field '(\w+)' of type '([\w\[\]!]+)' must have a selection")
_UNKNOWN_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'")
_MISSING_ARGUMENT = re.compile(r"Field '(\w+)' argument '(\w+)' of type")
_VARIABLE = re.compile(r"Variable '\$(\w+)'")
_EXPECTED = re.compile(r"(?:Expected .*, )?[Ff]ound (?P<what>.*)$|Unexpected (?P<other>.*)$")


def syntax_error(error: GraphQLSyntaxError) -> str:
    """Return a syntax error as the service words it: `syntax error, unexpected end of file at [3, 5]`."""
    what = error.message.removeprefix("Syntax Error: ").rstrip(".")
    found = _EXPECTED.search(what)
    met = (found["what"] or found["other"]) if found else what
    place = error.locations[0] if error.locations else None
    line, column = (place.line, place.column) if place else (1, 1)
    if met == "<EOF>" and error.source:
        met, (line, column) = "end of file", _last_token(error.source)
    return f"syntax error, unexpected {met} at [{line}, {column}]"


def _last_token(source: Source) -> tuple[int, int]:
    """Return where the last token stands: the service puts the end of the file there."""
    lexer = Lexer(source)
    line, column = 1, 1
    while lexer.advance().kind is not TokenKind.EOF:
        line, column = lexer.token.line, lexer.token.column
    return line, column


def parse_error(error: GraphQLSyntaxError) -> dict[str, Any]:
    """Return the answer's entry for a document that is none."""
    return _entry(syntax_error(error), error, code="PARSE_ERROR")


def validation_error(error: GraphQLError, document: DocumentNode) -> dict[str, Any]:
    """Return the answer's entry for a document that the schema does not allow."""
    message, extensions = _worded(error)
    entry = _entry(message, error, **extensions)
    path = _path(document, error.nodes[0]) if error.nodes else None
    return entry | ({"path": path} if path else {})


def _worded(error: GraphQLError) -> tuple[str, dict[str, Any]]:
    text = error.message
    if found := _UNKNOWN_FIELD.match(text):
        field, kind = found.groups()
        told = {"code": "undefinedField", "typeName": kind, "fieldName": field}
        return f"Field '{field}' doesn't exist on type '{kind}'", told
    if found := _NO_SELECTION.match(text):
        field, kind = found[1], found[2].strip("[]!")
        told = {"code": "selectionMismatch", "nodeName": f"field '{field}'", "typeName": kind}
        hint = f"Did you mean '{field} {{ ... }}'?"
        return f"Field must have selections (field '{field}' returns {kind} but has no selections. {hint})", told
    if found := _UNKNOWN_ARGUMENT.match(text):
        argument, _, field = found.groups()
        told = {"code": "argumentNotAccepted", "name": field, "typeName": "Field", "argumentName": argument}
        return f"Field '{field}' doesn't accept argument '{argument}'", told
    if found := _MISSING_ARGUMENT.match(text):
        field, argument = found.groups()
        told = {"code": "missingRequiredArguments", "className": "Field", "name": field, "arguments": argument}
        return f"Field '{field}' is missing required arguments: {argument}", told
    return text, {"code": "argumentLiteralsIncompatible"}


def variable_error(error: GraphQLError, operation: OperationDefinitionNode, given: dict[str, Any]) -> dict[str, Any]:
    """Return the answer's entry for a variable of the wrong shape."""
    found = _VARIABLE.match(error.message)
    name = found[1] if found else ""
    declared = next((x for x in operation.variable_definitions or () if x.variable.name.value == name), None)
    kind = (
        declared.type.loc and declared.type.loc.source.body[declared.type.loc.start : declared.type.loc.end]
        if declared
        else ""
    )
    missing = "was not provided" in error.message or "must not be null" in error.message
    explanation = "Expected value to not be null" if missing else error.message
    message = f"Variable ${name} of type {kind} was provided invalid value"
    value = given.get(name)
    problems = [{"path": [], "explanation": explanation}]
    return _entry(message, error, code="INVALID_VARIABLE", value=value, problems=problems)


def execution_error(error: GraphQLError) -> dict[str, Any]:
    """Return the answer's entry for a field that could not be resolved."""
    entry = _entry(error.message, error, **(error.extensions or {}))
    return entry | ({"path": list(error.path)} if error.path else {})


def _entry(message: str, error: GraphQLError, **extensions: Any) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": message} | ({"locations": places} if places else {}) | {"extensions": extensions}


def _path(document: DocumentNode, wanted: Node) -> list[str] | None:
    """Return the way to a node as the service tells it: `["query Name", "customers", "nodes"]`."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = f" {definition.name.value}" if definition.name else ""
            start = [f"{definition.operation.value}{name}"]
        elif isinstance(definition, FragmentDefinitionNode):
            start = [f"fragment {definition.name.value}"]
        else:
            continue
        found = _way(definition, wanted, start)
        if found:
            return found
    return None


def _way(node: Any, wanted: Node, way: Sequence[str]) -> list[str] | None:
    for inner in node.selection_set.selections if getattr(node, "selection_set", None) else ():
        step = [inner.name.value] if isinstance(inner, FieldNode) else []
        if isinstance(inner, InlineFragmentNode) and getattr(inner, "type_condition", None):
            step = [f"... on {inner.type_condition.name.value}"]
        here = [*way, *step]
        if inner is wanted or wanted in (getattr(inner, "arguments", None) or ()):
            return here
        if found := _way(inner, wanted, here):
            return found
    return None
