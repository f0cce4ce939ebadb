"""A store whose answers are written down beforehand, by the name of the GraphQL operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec
import responses
from requests import PreparedRequest

URL = "http://127.0.0.1:4020/shops/main"
ENDPOINT = f"{URL}/admin/api/2026-10/graphql.json"
TOKENS = f"{URL}/admin/oauth/access_token"
UPLOADS = "https://uploads.example/"
FILES = "https://files.example/"

Variables: TypeAlias = dict[str, Any]
Body: TypeAlias = dict[str, Any] | str
Raw: TypeAlias = tuple[int, dict[str, str], str]
Scripted: TypeAlias = Body | Raw | Exception | Callable[[Variables], Any]

_NAME = re.compile(r"(?:query|mutation) (\w+)")

ALL_SCOPES = ("write_customers", "read_orders", "read_all_orders", "read_products", "read_store_credit_accounts")


def status(code: int, body: Body = "", **headers: str) -> Raw:
    """Return an answer with another status than 200."""
    text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    return code, {name.replace("_", "-"): value for name, value in headers.items()}, text


def data(**fields: Any) -> Body:
    """Return a good answer."""
    return {"data": fields, "extensions": {"cost": cost()}}


def fails(code: str, message: str = "no", *, cost_told: dict[str, Any] | None = None, **more: Any) -> Body:
    """Return an answer of nothing but an error."""
    error = {"message": message, "extensions": {"code": code} | more}
    return {"errors": [error], "extensions": {"cost": cost_told or cost()}}


def cost(requested: float = 10, available: float = 1990, rate: float = 100, maximum: float = 2000) -> dict[str, Any]:
    """Return what an answer says of its cost."""
    bucket = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": rate}
    return {"requestedQueryCost": requested, "actualQueryCost": requested, "throttleStatus": bucket}


def shop_and_app(scopes: Iterable[str] = ALL_SCOPES, **versions: bool) -> Body:
    """Return what the shop says of itself."""
    return data(
        shop={"name": "Main", "ianaTimezone": "Europe/Berlin", "currencyCode": "EUR"},
        currentAppInstallation={"accessScopes": [{"handle": scope} for scope in scopes]},
        publicApiVersions=[
            {"handle": handle[1:].replace("_", "-"), "supported": on} for handle, on in versions.items()
        ],
    )


def connection(nodes: Iterable[Any], after: str | None = None) -> dict[str, Any]:
    """Return one page of a connection; with `after`, more follow."""
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": after is not None, "endCursor": after}}


def lines(*rows: dict[str, Any]) -> bytes:
    """Return rows as a JSONL file."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


class ScriptedShop:
    """Answers each operation with what is next on its list; the last answer is given again and again."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.mocked = mocked
        self.asked: list[tuple[str, Variables]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self._script: dict[str, list[Scripted]] = {}
        mocked.add_callback(responses.POST, ENDPOINT, callback=self._answer)
        self.on("ShopAndApp", shop_and_app())

    def on(self, operation: str, *answers: Scripted) -> None:
        """Write down the answers to an operation."""
        self._script[operation] = list(answers)

    def file(self, name: str, content: bytes) -> str:
        """Put a file where it can be downloaded, and return its address."""
        self.mocked.add(responses.GET, FILES + name, body=content, headers={"Content-Length": str(len(content))})
        return FILES + name

    def exports(self, name: str, content: bytes | None, **described: Any) -> None:
        """Let a bulk query succeed with this file; None for an export that found nothing."""
        rows = [] if content is None else content.splitlines()
        children = sum(b"__parentId" in row for row in rows)
        counted = {"objectCount": str(len(rows)), "rootObjectCount": str(len(rows) - children)}
        url = None if content is None else self.file(f"{name}.jsonl", content)
        self.on(
            "RunExport", data(run={"bulkOperation": {"id": f"gid://shopify/BulkOperation/{name}"}, "userErrors": []})
        )
        self.on("PollBulkOperation", data(operation=operation(name, url=url, **counted | described)))

    def variables(self, operation: str) -> list[Variables]:
        """Return what each call of an operation asked with."""
        return [variables for name, variables in self.asked if name == operation]

    def _answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str] | Exception:
        asked = msgspec.json.decode(request.body or b"")
        found = _NAME.search(asked["query"])
        name = found[1] if found else asked["query"]
        self.asked.append((name, asked["variables"]))
        self.headers.append(dict(request.headers))
        script = self._script.get(name)
        if not script:
            raise AssertionError(f"nothing is written down for {name}")
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = answer(asked["variables"])
        if isinstance(answer, Exception):
            return answer
        if isinstance(answer, tuple):
            return answer
        return 200, {}, answer if isinstance(answer, str) else msgspec.json.encode(answer).decode()


def operation(name: str, status: str = "COMPLETED", **described: Any) -> dict[str, Any]:
    """Return a bulk operation, as a poll shows it."""
    return {
        "id": f"gid://shopify/BulkOperation/{name}",
        "status": status,
        "type": "QUERY",
        "errorCode": None,
        "createdAt": "2026-11-21T08:00:00Z",
        "completedAt": None,
        "objectCount": "0",
        "rootObjectCount": "0",
        "fileSize": None,
        "url": None,
        "partialDataUrl": None,
    } | described
