"""Pydantic's errors in plain words, without a value, a type name or an address of its documentation in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from syncd.config.findings import Finding, nearest
from syncd.config.keys import KeyPath
from syncd.config.units import WrongError, shown

SHAPES = {
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": ("must be true or false", "write it without quotes"),
    "int_type": ("must be a whole number", "write it without quotes"),
    "int_from_float": ("must be a whole number", "write it without a decimal point"),
    "float_type": ("must be a number", "write it without quotes"),
    "tuple_type": ("must be a list", 'write it in brackets: ["one", "two"]'),
    "list_type": ("must be a list", 'write it in brackets: ["one", "two"]'),
    "dict_type": ("must be a table", "write it in braces: { name = value }"),
    "mapping_type": ("must be a table", "write it in braces: { name = value }"),
    "model_type": ("must be a table", "write it in braces: { name = value }"),
    "model_attributes_type": ("must be a table", "write it in braces: { name = value }"),
    "string_too_short": ("is empty or too short", ""),
}

_BOUNDS = {"greater_than_equal": ("ge", "or more"), "less_than_equal": ("le", "or less")}


def explain(error: ValidationError, model: type[BaseModel], path: KeyPath) -> Iterator[Finding]:
    """Yield one finding for each of pydantic's errors about the table at `path`.

    A model's own validator of several keys has no place; it may begin its message with the key that it is about
    (`api_key: …`).
    """
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        if detail["type"] == "extra_forbidden":
            yield Finding((*path, *location), *unknown_key(str(location[-1]), _fields(model, location[:-1])))
            continue
        message, fix = _sentence(detail, _meaning(model, location))
        key, colon, rest = message.partition(": ")
        if not location and colon and key in model.model_fields:
            location, message = (key,), rest
        yield Finding((*path, *location), message, fix)


def unknown_key(key: str, known: Iterable[str]) -> tuple[str, str]:
    """Return what is wrong with a key that is none of the known ones, and the one that was likely meant."""
    return "is not a known key", nearest(key, known)


def _sentence(detail: ErrorDetails, meaning: str) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, WrongError):
        return cause.message, cause.fix
    if isinstance(cause, ValueError):
        return str(cause), ""
    if kind == "missing":
        return "is missing", f"add it: {meaning}" if meaning else "add it"
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        return f"{shown(detail['input'])} is not one of {', '.join(words)}", nearest(detail["input"], words, few=0)
    if kind in _BOUNDS:
        key, which = _BOUNDS[kind]
        return f"must be {context[key]} {which}", ""
    return SHAPES.get(kind, ("is not what it has to be", meaning))


def _meaning(model: type[BaseModel], location: KeyPath) -> str:
    """Return the first sentence of what a key is described as; nothing for a key further in."""
    field = model.model_fields.get(str(location[0])) if len(location) == 1 else None
    description = " ".join((field.description or "").split()) if field else ""
    return description.partition(". ")[0].rstrip(".")


def _fields(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys of the table at `path` within `model`; none where it is no table of a model."""
    for key in path:
        if isinstance(key, int):
            continue
        field = model.model_fields.get(str(key))
        inner = next((kind for kind in kinds(field and field.annotation) if issubclass(kind, BaseModel)), None)
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def kinds(annotation: Any) -> Iterator[type]:
    """Yield the classes that an annotation names, however deep: `dict[str, SecretStr] | None` has four."""
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from kinds(part)
