"""`[metrics]` and `[alerts]`: how the daemon is watched, and whom it tells. Addresses to send to are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from pydantic import Field, PlainSerializer, PlainValidator, SecretStr, WithJsonSchema, model_validator

from syncd.config.findings import Findings
from syncd.config.keys import KeyPath
from syncd.config.reading import settled
from syncd.config.secret import Surroundings, resolve, secret_keys
from syncd.config.tables import Names, Table
from syncd.config.units import Duration, Percentage, WrongError, parse_share, shown

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UNRESOLVED = "https://unresolved.invalid"
"""Stands for a secret that is not there, so that the keys beside it are looked at all the same."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Listen(msgspec.Struct, frozen=True):
    """An address of this machine and a port on it."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as the settings write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(value: object) -> Listen:
    """Read `"127.0.0.1:9464"`.

    Raises:
        WrongError: It is no address with a port.
    """
    if isinstance(value, Listen):
        return value
    host, colon, port = value.strip().rpartition(":") if isinstance(value, str) else ("", "", "")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 65_536):
        raise WrongError(f"{shown(value)} is not an address with a port", 'write it like "127.0.0.1:9464"')
    return Listen(host, int(port))


ListenAddress = Annotated[
    Listen,
    PlainValidator(parse_listen),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r":[0-9]+$"}),
]


class MetricsTable(Table):
    """Figures about the daemon for Prometheus."""

    listen: ListenAddress | None = None
    """Where the daemon answers Prometheus, at /metrics: "127.0.0.1:9464". Whoever reaches it can read the names of your
    stores, audiences and segments and their sizes; nothing about people. Left out: nowhere."""


class EmailTable(Table):
    """How alerts are sent as e-mail."""

    to: Annotated[Names, Field(min_length=1)]
    """Who gets them."""

    sender: Annotated[str, Field(pattern="@")]
    """Whom they come from."""

    server: Annotated[str, Field(min_length=1)]
    """The mail server."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted: "starttls", "tls" from its beginning, or "none"."""

    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """The server's port. Left out: 587 for "starttls", 465 for "tls", 25 for "none"."""

    user: str | None = None
    """The name to log in with. Left out: no login."""

    password: SecretStr | None = None
    """The password: a secret."""

    @model_validator(mode="after")
    def _no_open_password(self) -> EmailTable:
        if (self.user is None) != (self.password is None):
            raise WrongError("has one of user and password", "give both, or neither")
        if self.password is not None and self.security == "none" and self.server not in LOOPBACK:
            raise WrongError("would send the password unencrypted", 'write security = "starttls" or "tls"')
        return self

    @property
    def at_port(self) -> int:
        """The port, also where it was left out."""
        return self.port or PORTS[self.security]


class AlertsTable(Table):
    """Whom the daemon tells when it is unwell."""

    ping: SecretStr | None = None
    """An address that is asked after each good cycle, so that somebody else notices when that stops (healthchecks.io
    and its kin): a secret."""

    webhook: SecretStr | None = None
    """An address that gets every alert as JSON: a secret."""

    slack: SecretStr | None = None
    """An incoming webhook of Slack, or of what takes the same: a secret."""

    email: EmailTable | None = None
    """Alerts as e-mail."""

    failed_turns: Annotated[int, Field(ge=1)] = 3
    """So many cycles in a row must fail before that is told."""

    max_refused: Percentage = Field(default_factory=lambda: parse_share("10%"), json_schema_extra={"default": "10%"})
    """The greatest share of the changes to be made that services may refuse before that is told."""

    max_drift: Percentage = Field(default_factory=lambda: parse_share("10%"), json_schema_extra={"default": "10%"})
    """The greatest share of a tag's members that others may have taken it from before that is told."""

    repeat_every: Annotated[Duration, Field(json_schema_extra={"default": "1d"})] = 86_400
    """The time after which an alert that still stands is told again."""


def alerts(table: Mapping[str, Any], around: Surroundings, findings: Findings) -> AlertsTable:
    """Read `[alerts]`, its secrets in their places."""
    read = dict(table)
    for key in sorted(secret_keys(AlertsTable) & table.keys()):
        read[key] = _address(table[key], ("alerts", key), around, findings)
    email = table.get("email")
    if isinstance(email, Mapping) and "password" in email:
        found = resolve(email["password"], ("alerts", "email", "password"), around, findings)
        read["email"] = {**email, "password": SecretStr(found or UNRESOLVED)}
    return settled(AlertsTable, read, ("alerts",), findings)


def _address(value: object, path: KeyPath, around: Surroundings, findings: Findings) -> SecretStr:
    found = resolve(value, path, around, findings) or UNRESOLVED
    if not _safe(found):
        findings.add(path, "is no address to send to", "it must begin with https://")
    return SecretStr(found)


def _safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
