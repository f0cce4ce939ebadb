"""The JSON Schema of the file, so that editors complete and check it (`#:schema` of taplo and Even Better TOML)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from syncd.config.accounts import ROLES
from syncd.config.fixture_tables import FixtureTable
from syncd.config.secret import secret_keys
from syncd.config.service import AlertsTable, EmailTable, MetricsTable
from syncd.config.suppress import SuppressTable
from syncd.config.tables import AudienceTable, GlobalLimits, Schedule, SegmentTable, StoreTable, SyncdSettings
from syncd.config.units import NAME
from syncd.ports import Connector

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{model}"
ORDER = ("syncd", "stores", "audiences", "segments", "limits", "suppress", "metrics", "alerts", "tests")
SECRET: dict[str, Any] = {
    "description": "A secret: where it is kept. A text in the file itself works, and is warned about.",
    "oneOf": [
        {"type": "string", "minLength": 1},
        *(
            {
                "type": "object",
                "description": what,
                "properties": {way: {"type": "string", "minLength": 1}},
                "required": [way],
                "additionalProperties": False,
            }
            for way, what in (
                ("env", "The variable of the environment that holds it."),
                ("file", "The file that holds it, seen from this file's folder."),
                ("credential", "The name of the credential that systemd hands over."),
            )
        ),
    ],
}


def json_schema(connectors: Mapping[str, Connector]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the whole file, with the keys of these connectors."""
    definitions: dict[str, Any] = {"secret": SECRET}
    properties: dict[str, Any] = {
        "syncd": _table(SyncdSettings, definitions),
        "limits": _table(GlobalLimits, definitions),
        "suppress": _table(SuppressTable, definitions),
        "metrics": _table(MetricsTable, definitions),
        "alerts": _with_secrets(AlertsTable, _table(AlertsTable, definitions)),
        "segments": _named("Groups of customers.", _table(SegmentTable, definitions)),
        "tests": {
            "type": "array",
            "description": "People, and the segments that they should be in: `syncd test` checks them.",
            "items": _table(FixtureTable, definitions),
        },
    }
    _with_secrets(EmailTable, definitions[EmailTable.__name__])
    for section, table in (("stores", StoreTable), ("audiences", AudienceTable)):
        kinds = {kind: each for kind, each in connectors.items() if each.role == ROLES[section]}
        for kind, connector in kinds.items():
            definitions[f"{section}.{kind}"] = _account(table, kind, connector.settings, definitions)
        choice = {"oneOf": [{"$ref": f"#/$defs/{section}.{kind}"} for kind in kinds]} if kinds else False
        properties[section] = _named(table.__doc__ or "", choice)
    properties["stores"]["minProperties"] = 1
    return {
        "$schema": DIALECT,
        "title": "syncd.toml",
        "type": "object",
        "properties": {section: properties[section] for section in ORDER},
        "required": ["stores"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _named(description: str, inner: object) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": inner,
    }


def _account(table: type[Schedule], kind: str, own: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one kind of store or audience: the core's keys and the connector's own."""
    core, vendor = _table(table, definitions), _with_secrets(own, _table(own, definitions, f"{kind}."))
    core["properties"]["kind"]["const"] = kind
    return {
        **vendor,
        "properties": {**core["properties"], **vendor.get("properties", {})},
        "required": [*core.get("required", []), *vendor.get("required", [])],
        "additionalProperties": False,
        "not": {"required": ["every", "cron"]},
    }


def _with_secrets(model: type[BaseModel], schema: dict[str, Any]) -> dict[str, Any]:
    """Let the keys of a model that are secrets be written as references."""
    for key in secret_keys(model):
        described = {word: text for word, text in schema["properties"][key].items() if word == "description"}
        schema["properties"][key] = {"$ref": "#/$defs/secret", **described}
    return schema


def _table(model: type[BaseModel], definitions: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a model's schema; the models within it are put among the definitions."""
    schema: dict[str, Any] = _plain(model.model_json_schema(ref_template=REFERENCE.format(model=f"{prefix}{{model}}")))
    for name, inner in schema.pop("$defs", {}).items():
        definitions[f"{prefix}{name}"] = inner
    return schema


def _plain(schema: Any) -> Any:
    """Take away what says nothing in a TOML file: titles made from names, null, and newlines in descriptions."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {key: part for key, part in schema.items() if not _says_nothing(key, part)}
    if len(choices := _plain(kept.pop("anyOf", []))) == 1:
        kept = {**choices[0], **kept}
    elif choices:
        kept["anyOf"] = choices
    if isinstance(text := kept.get("description"), str):
        kept["description"] = " ".join(text.split())
    return {key: part if key in {"default", "examples", "enum"} else _plain(part) for key, part in kept.items()}


def _says_nothing(key: str, part: object) -> bool:
    return (key == "title" and isinstance(part, str)) or (key == "default" and part is None)
