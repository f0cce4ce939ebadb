"""The JSON Schema of the file, so that editors complete and check it (`#:schema` of taplo and Even Better TOML)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from syncd.config.accounts import ROLES
from syncd.config.fixture_tables import FixtureTable
from syncd.config.secret import secret_keys
from syncd.config.suppress import SuppressTable
from syncd.config.tables import AudienceTable, GlobalLimits, Schedule, SegmentTable, StoreTable, SyncdSettings
from syncd.config.units import NAME
from syncd.ports import Connector

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{model}"
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
        "segments": _named("Groups of customers.", _table(SegmentTable, definitions)),
        "tests": {
            "type": "array",
            "description": "People, and the segments that they should be in: `syncd test` checks them.",
            "items": _table(FixtureTable, definitions),
        },
    }
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
        "properties": {
            section: properties[section]
            for section in ("syncd", "stores", "audiences", "segments", "limits", "suppress", "tests")
        },
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
    core, vendor = _table(table, definitions), _table(own, definitions, f"{kind}.")
    for key in secret_keys(own):
        described = {key: text for key, text in vendor["properties"][key].items() if key == "description"}
        vendor["properties"][key] = {"$ref": "#/$defs/secret", **described}
    core["properties"]["kind"]["const"] = kind
    return {
        **vendor,
        "properties": {**core["properties"], **vendor.get("properties", {})},
        "required": [*core.get("required", []), *vendor.get("required", [])],
        "additionalProperties": False,
        "not": {"required": ["every", "cron"]},
    }


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
