"""A folder with settings, the command run in it as its own process, and the simulated services that it talks to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from connectors.sandbox.running import Running
from tests.support.forked import Ended, Forked, leap

SEGMENTS = """
[segments.repeat-buyers]
title = "Two orders or more"
query = "number_of_orders >= 2"
tag = "repeat-buyer"
audiences = ["newsletter"]

[segments.big-spenders]
query = "amount_spent >= 300"
tag = "big-spender"
"""


class Place:
    """Where a merchant works."""

    def __init__(self, folder: Path, sandbox: Running) -> None:
        """Write the settings of the services; segments are added with `settings`.

        The shop is on the largest plan: waiting for points is tried where it is what a test is about.
        """
        self.folder = folder
        self.sandbox = sandbox
        self.services: dict[str, Any] = sandbox.settings()
        self.services["stores"]["main"].pop("client_id")
        self.services["stores"]["main"].pop("client_secret")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "error",
        }
        self.settings()
        self.control("/shops/main", {"plan": "Plus"}, "PATCH")

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.folder / "syncd.toml"

    def settings(self, segments: str = SEGMENTS, **tables: dict[str, Any]) -> None:
        """Write the settings: keys of `main` or `newsletter` replaced, the rest as given."""
        lines = []
        for section in ("stores", "audiences"):
            for name, table in self.services[section].items():
                lines.append(f"[{section}.{name}]")
                for key, value in {**table, **tables.get(name, {})}.items():
                    lines.append(f"{key} = {json.dumps(value)}")
        for name, table in tables.items():
            if name in {"syncd", "limits"}:
                lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        self.file.touch(mode=0o600)
        self.file.write_text("\n".join(lines) + "\n" + segments, encoding="utf-8")

    def run(self, *typed: str, **environment: str) -> Ended:
        """Run a command to its end."""
        return Forked(typed, self.folder, {**self.environment, **environment}).ended()

    def run_patiently(self, *typed: str) -> Ended:
        """Run a command that waits for a service until it gives up, in no time."""
        return Forked(typed, self.folder, self.environment, (leap, ())).ended()

    def start(self, *typed: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            self.typed(*typed),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def typed(self, *typed: str) -> list[str]:
        """Return the words of a command line."""
        return [sys.executable, "-m", "syncd.cli", *typed]

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Change the simulated world, or be told its truth."""
        text = self._called(path, body, method)
        return json.loads(text) if text else None

    def dump(self) -> list[dict[str, Any]]:
        """Return every record of the shop, as it truly is."""
        return [json.loads(line) for line in self._called("/shops/main/dump", None, "").splitlines()]

    def contacts(self, name: str = "newsletter") -> list[dict[str, Any]]:
        """Return everybody of a list, as it truly is."""
        return self.control(f"/mailchimp/lists/{name}/members")["members"]

    def writes(self) -> int:
        """Return how many requests that may change something the services ever got."""
        return self.control("/calls")["writes"]

    def holders(self, tag: str) -> set[int]:
        """Return the customers who carry a tag."""
        return {it["id"] for it in self.dump() if it["kind"] == "customer" and tag in it["tags"]}

    def _called(self, path: str, body: Any, method: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{self.sandbox.url}/control{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method or ("GET" if body is None else "POST"),
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return answer.read()
