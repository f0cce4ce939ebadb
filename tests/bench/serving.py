"""A shop that gives its exports out of files: `python -m tests.bench.serving FOLDER` prints its address.

It ends with standard input. It answers just what a first pull asks, so that a file of a million orders needs no
simulated world beside it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_KINDS = {"customers": "customers", "orders": "orders", "products": "products", "abandonedCheckouts": "checkouts"}
_SCOPES = ("read_customers", "write_customers", "read_orders", "read_all_orders", "read_products")
_COST = {"maximumAvailable": 20_000.0, "currentlyAvailable": 20_000, "restoreRate": 1_000.0}
_AT = "2026-11-22T00:00:00Z"


class FileShop(ThreadingHTTPServer):
    """Exports that are done at once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.folder = folder
        self.told = {kind: json.loads((folder / f"{kind}.json").read_text()) for kind in _KINDS.values()}
        self.begun: list[str] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, query: str, values: dict[str, Any]) -> dict[str, Any]:
        """Answer one operation.

        Raises:
            ValueError: It is none that a first pull needs.
        """
        found = re.search(r"(?:query|mutation) (\w+)", query)
        name = found[1] if found else ""
        if name == "RunExport":
            asked = re.search(r"\{ (\w+)", values["query"])
            self.begun.append(_KINDS[asked[1] if asked else ""])
            return {
                "run": {"bulkOperation": {"id": self._identifier(len(self.begun)), "createdAt": _AT}, "userErrors": []}
            }
        if name == "PollBulkOperation":
            return {"operation": self._operation(values["id"])}
        if name.endswith("Peek"):
            return self._peek(_KINDS.get(name[:-4].lower(), name[:-4].lower()), everything="1970" in values["query"])
        if name == "ShopAndApp":
            return {
                "shop": {"name": "Big", "ianaTimezone": "Europe/Berlin", "currencyCode": "EUR"},
                "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in _SCOPES]},
                "publicApiVersions": [{"handle": "2026-10", "supported": True}],
            }
        raise ValueError(name)

    def _identifier(self, number: int) -> str:
        return f"gid://shopify/BulkOperation/{number}"

    def _operation(self, identifier: str) -> dict[str, Any]:
        kind = self.begun[int(identifier.rpartition("/")[2]) - 1]
        state = {"id": identifier, "status": "COMPLETED", "type": "QUERY", "errorCode": None, "partialDataUrl": None}
        return {**state, "createdAt": _AT, "completedAt": _AT, "url": f"{self.url}/{kind}", **self.told[kind]}

    def _peek(self, kind: str, *, everything: bool) -> dict[str, Any]:
        whole = {"count": int(self.told[kind]["rootObjectCount"]), "precision": "EXACT"}
        window = whole if everything else {"count": 0, "precision": "EXACT"}
        rows = {"nodes": [], "pageInfo": {"hasNextPage": everything, "endCursor": None}}
        return {"window": window, "whole": whole, "rows": rows}


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileShop

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = self.server.answer(asked["query"], asked.get("variables") or {})
        cost = {"requestedQueryCost": 1, "actualQueryCost": 1, "throttleStatus": _COST}
        body = json.dumps({"data": data, "extensions": {"cost": cost}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Shopify-API-Version", "2026-10")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = self.server.folder / f"{self.path[1:]}.jsonl"
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(path.stat().st_size - start))
        self.end_headers()
        with path.open("rb") as file:
            file.seek(start)
            shutil.copyfileobj(file, self.wfile, 1 << 20)


def main(folder: str) -> None:
    """Answer until standard input ends."""
    shop = FileShop(Path(folder))
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"url": shop.url}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
