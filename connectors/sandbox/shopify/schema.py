"""Our part of the published schema, built once, with resolvers that read the field table."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from connectors.sandbox.shopify.connections import SPECIAL, nested
from connectors.sandbox.shopify.fields import CHILDREN, GETTERS, TYPE_OF
from connectors.sandbox.shopify.getters import Getter
from connectors.sandbox.shopify.mutations import RESOLVERS as MUTATIONS
from connectors.sandbox.shopify.roots import RESOLVERS as QUERIES
from connectors.sandbox.shopify.scopes import denial, held, needed


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Return the executable schema."""
    built = build_schema(files(__package__).joinpath("schema.graphql").read_text("utf-8"))
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            _attach(kind)
    node = built.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)  # noqa: S101  # our own file says so
    node.resolve_type = _type_of
    return built


def _type_of(value: Any, *_: Any) -> str:
    return value["__typename"] if isinstance(value, dict) else TYPE_OF[type(value)]


def _attach(kind: GraphQLObjectType) -> None:
    for name, field in kind.fields.items():
        resolve = _resolver(kind.name, name)
        scope = needed(kind.name, name, get_named_type(field.type).name)
        if resolve is not None or scope is not None:
            resolve = resolve or _plain
            field.resolve = partial(_guarded, resolve, scope) if scope else resolve


def _resolver(kind: str, name: str) -> Callable[..., Any] | None:
    if kind == "QueryRoot":
        return QUERIES[name]
    if kind == "Mutation":
        return MUTATIONS[name]
    if (kind, name) in CHILDREN:
        return partial(nested, kind, name)
    if (kind, name) in SPECIAL:
        return SPECIAL[kind, name]
    getter = GETTERS.get(kind, {}).get(name)
    return partial(_read, getter) if getter else None


def _read(getter: Getter, source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    return getter(source, info.context.view)


def _plain(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    value = source.get(info.field_name)
    return value() if callable(value) else value


def _guarded(resolve: Callable[..., Any], scope: str, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    if not held(scope, info.context.view.scopes):
        refusal = denial(info.field_name, scope)
        raise GraphQLError(refusal["message"], extensions=refusal["extensions"])
    return resolve(source, info, **arguments)
