"""The file that `syncd init` writes: short, commented, and right as it stands.

It names no vendor: a store's and an audience's table begin with the keys that the connector's settings model requires,
and with as many of its secrets as it takes together.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from syncd.config.secret import secret_keys
from syncd.ports import Connector

PATTERN = "xxxxxxxxxx"

HEAD = """\
# Settings of syncd: where your customers are, who belongs together, and where that is written.
#
#   syncd check    looks this file over, and asks the services whether the keys fit
#   syncd plan     shows what would change, and why
#   syncd sync     does it
#
# For completion in your editor: syncd check --schema > syncd.schema.json, and take one # out of the next line.
##:schema ./syncd.schema.json

[syncd]
database = {database:<30}# the mirror: one SQLite file
#timezone = "Europe/Paris"               # whose days count; left out: each store's own
"""

NEWCOMERS = """\
# Who is not in the list yet: "if-consented" subscribes those whom the store says are SUBSCRIBED and leaves the others
# out; "transactional" adds these without marketing consent; "never" adds nobody. Who is in it keeps their status.
new_contacts = "if-consented"
"""

LIMITS = """\
# More than this is not done by itself, but held until you type `syncd approve`.
[limits]
max_remove = "30%"                       # of those who have the tag, at most so many lose it within a day
max_add = "50%"                          # and at most so many get it
min_size = 20                            # a change that touches fewer people is never held
first_push = "hold"                      # the first time that a tag is written: "hold" or "apply"

# Segments: a name, who is in it (in Shopify's segment language; one copied from the admin works unchanged), the
# customer tag in the store, and the audiences whose contacts get the same tag.
"""


class Starter(msgspec.Struct, frozen=True):
    """A segment to begin with."""

    name: str
    title: str
    query: str
    tag: str


STARTERS = (
    Starter("repeat-buyers", "Customers with more than one order", "number_of_orders > 1", "repeat-buyer"),
    Starter("big-spenders", "Customers who spent 500 or more", "amount_spent >= 500", "big-spender"),
    Starter("lapsed", "Customers without an order for half a year", "last_order_date < -180d", "lapsed"),
)


class Place(msgspec.Struct, frozen=True):
    """Where syncd is to run.

    Attributes:
        database: The mirror's file.
        way: How a secret is referred to: a variable of the environment, or what systemd hands over.
    """

    database: str
    way: Literal["env", "credential"]

    def secret(self, kind: str, key: str) -> dict[str, str]:
        """Refer to a secret, by a name made of the connector's kind and its key."""
        name = f"{kind}_{key}"
        return {self.way: name.upper() if self.way == "env" else name}


HERE = Place("syncd.db", "env")
"""In the folder of whoever types `syncd init`; the mirror beside the settings."""


class Account(msgspec.Struct, frozen=True):
    """A store or an audience to write down.

    Attributes:
        kind: Which connector it is.
        name: By which the rest of the file calls it.
        values: The connector's own keys, as the file is to hold them; what is not given stands there as a pattern.
    """

    kind: str
    name: str
    values: Mapping[str, Any] = {}


class Answers(msgspec.Struct, frozen=True):
    """What the user said."""

    store: Account
    audience: Account | None = None
    place: Place = HERE


class Question(msgspec.Struct, frozen=True):
    """A key of a connector's that is worth asking for: it has to be given, and it is no secret."""

    key: str
    text: str
    example: str


def questions(kind: str, connector: Connector) -> list[Question]:
    """Return what to ask before a table for this connector is written."""
    fields = connector.settings.model_fields
    return [
        Question(key, _description(fields[key]), str(example))
        for key, example in starter(kind, connector).items()
        if key not in secret_keys(connector.settings) and fields[key].is_required()
    ]


def starter(kind: str, connector: Connector, place: Place = HERE) -> dict[str, Any]:
    """Return the keys that a table of this connector begins with, with values that stand for the user's own."""
    model: type[BaseModel] = connector.settings
    secrets = secret_keys(model)
    begun = {key: (field.examples or [PATTERN])[0] for key, field in model.model_fields.items() if field.is_required()}
    optional = [key for key in model.model_fields if key in secrets - begun.keys()]
    together = next((keys for keys in _largest_first(optional) if _accepts(model, [*begun, *keys], begun)), ())
    named = {key: place.secret(kind, key) for key in [*begun, *together] if key in secrets}
    return {**begun, **named}


def _largest_first(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(keys, size) for size in range(len(keys), -1, -1))


def _accepts(model: type[BaseModel], keys: Sequence[str], values: Mapping[str, Any]) -> bool:
    try:
        model.model_validate({key: values.get(key, PATTERN) for key in keys})
    except ValidationError:
        return False
    return True


def template(answers: Answers, connectors: Mapping[str, Connector]) -> str:
    """Return a commented `syncd.toml`: one store, one audience where there is one, three segments.

    It loads as it stands, save for secrets that are not in the environment yet (`offline=True`).
    """
    audience = answers.audience
    place = answers.place
    head = HEAD.format(database=_toml(place.database))
    parts = [head, *_account("stores", answers.store, connectors, place), ""]
    if audience is not None:
        parts += _account("audiences", audience, connectors, place)
        parts.append(NEWCOMERS)
    parts.append(LIMITS)
    parts += (_segment(each, audience.name if audience else None) for each in STARTERS)
    return "\n".join(parts)


def _account(section: str, account: Account, connectors: Mapping[str, Connector], place: Place) -> Iterator[str]:
    connector = connectors[account.kind]
    fields = connector.settings.model_fields
    yield f"[{section}.{account.name}]\nkind = {_toml(account.kind)}"
    for key, value in {**starter(account.kind, connector, place), **account.values}.items():
        yield f"{_comment(_description(fields[key]))}{key} = {_toml(value)}"
    yield '#every = "5m"                            # the time between two looks at it'


def _segment(segment: Starter, audience: str | None) -> str:
    lines = [
        f"[segments.{segment.name}]",
        f"title = {_toml(segment.title)}",
        f"query = {_toml(segment.query)}",
        f"tag = {_toml(segment.tag)}",
    ]
    if audience is not None:
        lines.append(f"audiences = [{_toml(audience)}]")
    return "\n".join(lines) + "\n"


def _description(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())


def _comment(text: str) -> str:
    return textwrap.fill(text, 110, initial_indent="# ", subsequent_indent="# ") + "\n" if text else ""


def _toml(value: object) -> str:
    """Write a text, a number, a truth value, a list or a table as TOML, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
