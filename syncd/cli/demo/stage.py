"""The simulated services of the demo, in a process of their own, and the strings to pull in their world."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

from syncd.errors import FatalError

LISTS = ("newsletter", "partners")


class Stage:
    """A sandbox of one shop and two mailing lists; it ends with the process that opened it."""

    def __init__(self, customers: int, seed: int, start: str) -> None:
        """Start it, and wait until it answers.

        Raises:
            FatalError: It does not start.
        """
        lists = [part for name in LISTS for part in ("--list", name)]
        typed = ["sandbox", "--json", "--port", "0", "--until-eof", "--start", start]
        typed += ["--customers", str(customers), "--seed", str(seed), *lists]
        self._process = subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", "syncd.cli", *typed], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        told = self._process.stdout.readline() if self._process.stdout else b""
        self.settings: dict[str, Any] = json.loads(told or b"{}")
        if "url" not in self.settings:
            self.close()
            raise FatalError("the simulated services did not start", hint="type `syncd sandbox` to see why")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        """Call the sandbox's control and return its answer."""
        with self._call(path, body, method) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def customers(self) -> Iterator[dict[str, Any]]:
        """Yield the shop's customers as they truly are."""
        with self._call("/shops/main/dump", None, "") as lines:
            for line in lines:
                record = json.loads(line)
                if record["kind"] == "customer":
                    yield record
                elif record["kind"] != "shop":
                    return

    def now(self) -> int:
        """Return the hour there: UTC, seconds."""
        return int(self.ask("/world")["now"])

    def wait(self) -> None:
        """Return when the services end."""
        self._process.wait()

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Stage:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    def _call(self, path: str, body: Any, method: str) -> Any:
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{self.settings['url']}/control{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method or ("GET" if body is None else "POST"),
        )
        return self._opener.open(request, timeout=60)
