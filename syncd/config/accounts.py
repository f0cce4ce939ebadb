"""Stores and audiences: the keys that are the core's, told apart from those that are the connector's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from syncd.config.findings import Findings, nearest
from syncd.config.keys import KeyPath
from syncd.config.reading import settled
from syncd.config.secret import Surroundings, resolve, secret_keys
from syncd.config.settings import EVERY, AudienceSettings, StoreSettings
from syncd.config.tables import AudienceTable, Schedule, StoreTable
from syncd.config.words import explain, unknown_key
from syncd.ports import Connector

S = TypeVar("S", bound=Schedule)
Section = Literal["stores", "audiences"]
ROLES = {"stores": "store", "audiences": "audience"}
UNRESOLVED = "unresolved"
"""Stands for a secret that is not there, so that the keys beside it are looked at all the same."""


class Reader(NamedTuple):
    """Reads the tables of stores and audiences.

    Attributes:
        connectors: By kind; looked up only for the kinds that the file names.
    """

    connectors: Mapping[str, Connector]
    around: Surroundings
    findings: Findings

    def store(self, name: str, table: Mapping[str, Any]) -> StoreSettings | None:
        """Read `[stores.NAME]`; None where something in it is wrong."""
        connector = self._connector("stores", name, table)
        if connector is None:
            return None
        ours, own = self._both(StoreTable, connector.settings, ("stores", name), table)
        return None if own is None else StoreSettings(**_resolved(ours), name=name, own=own)

    def audience(self, name: str, table: Mapping[str, Any]) -> AudienceSettings | None:
        """Read `[audiences.NAME]`; None where something in it is wrong."""
        connector = self._connector("audiences", name, table)
        if connector is None:
            return None
        ours, own = self._both(AudienceTable, connector.settings, ("audiences", name), table)
        return None if own is None else AudienceSettings(**_resolved(ours), name=name, own=own)

    def _connector(self, section: Section, name: str, table: Mapping[str, Any]) -> Connector | None:
        path, kind = (section, name, "kind"), table.get("kind")
        connector = self.connectors.get(kind) if isinstance(kind, str) else None
        if connector is not None and connector.role == ROLES[section]:
            return connector
        if connector is not None:
            self.findings.add(path, f"{kind!r} is not for {section}", f"put it under [{connector.role}s.{name}]")
            return None
        fitting = [known for known, each in self.connectors.items() if each.role == ROLES[section]]
        if isinstance(kind, str):
            self.findings.add(path, f"there is no connector {kind!r}", nearest(kind, fitting))
        else:
            message = "must be text" if "kind" in table else "is missing"
            self.findings.add(
                path, message, f'write kind = "{fitting[0]}"' if len(fitting) == 1 else nearest("", fitting)
            )
        return None

    def _both(
        self, core: type[S], vendor: type[BaseModel], path: KeyPath, table: Mapping[str, Any]
    ) -> tuple[S, BaseModel | None]:
        """Split the table into what is the core's and what is the connector's own."""
        for key in table:
            if key not in core.model_fields and key not in vendor.model_fields:
                self.findings.add((*path, key), *unknown_key(key, [*core.model_fields, *vendor.model_fields]))
        common = {key: value for key, value in table.items() if key in core.model_fields}
        ours = settled(core, common, path, self.findings)
        if {"every", "cron"} <= common.keys():
            self.findings.add((*path, "cron"), "every and cron exclude each other", "keep one of them")
        theirs = {key: value for key, value in table.items() if key in vendor.model_fields and key not in common}
        return ours, self._own(vendor, theirs, path)

    def _own(self, vendor: type[BaseModel], table: dict[str, Any], path: KeyPath) -> BaseModel | None:
        """Return the vendor's keys as its model, secrets in their place; None where something in them is wrong."""
        found = {
            key: resolve(table[key], (*path, key), self.around, self.findings)
            for key in secret_keys(vendor) & set(table)
        }
        values = {**table, **{key: SecretStr(secret or UNRESOLVED) for key, secret in found.items()}}
        missing = {(key,) for key, secret in found.items() if secret is None}
        try:
            return vendor.model_validate(values)
        except ValidationError as error:
            problems = [
                problem._replace(message=_redacted(problem.message, found))
                for problem in explain(error, vendor, path)
                if not (missing and problem.path[len(path) : len(path) + 1] in {(), *missing})
            ]
        self.findings.wrong.extend(problems)
        return None if problems else vendor.model_construct(**values)


def _resolved(table: Schedule) -> dict[str, Any]:
    return {**dict(table), "every": None if table.cron else table.every or EVERY}


def _redacted(message: str, secrets: Mapping[str, str | None]) -> str:
    for secret in secrets.values():
        if secret:
            message = message.replace(secret, "…")
    return message
