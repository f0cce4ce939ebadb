"""The installed service and the simulated shop beside it, as an administrator of that machine sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.systemd.machine import FailedError, Machine, until

SETTINGS = "/etc/syncd/syncd.toml"
DROP_IN = "/etc/systemd/system/syncd.service.d/test.conf"
PORT = 8080
ASK = f"""
import sys, urllib.request
method, path = sys.argv[1:3]
body = sys.stdin.buffer.read() or None
request = urllib.request.Request("http://127.0.0.1:{PORT}/control" + path, data=body, method=method)
with urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(request, timeout=30) as answer:
    sys.stdout.buffer.write(answer.read())
"""
REPEAT = """
[segments.repeat-buyers]
query = "number_of_orders >= 2"
tag = "repeat-buyer"
audiences = ["newsletter"]
"""
EVERYBODY = """
[segments.everybody]
query = "number_of_orders >= 0"
tag = "everybody"
"""


class Service:
    """What can be done with it, and what can be seen of it."""

    def __init__(self, machine: Machine, package: Path) -> None:
        """Look at a machine that has just booted."""
        self.machine = machine
        self.package = f"/srv/{package.name}"
        machine.write("/srv/ask.py", ASK)
        (machine.root / self.package.lstrip("/")).write_bytes(package.read_bytes())

    def show(self, field: str, unit: str = "syncd") -> str:
        """Return a field of the unit, as systemd tells it."""
        return self.machine.run("systemctl", "show", "--value", f"--property={field}", unit)

    def ask(self, path: str, body: Any = None, method: str = "") -> str:
        """Change the simulated world, or be told its truth."""
        text = "" if body is None else json.dumps(body)
        return self.machine.run("python3", "/srv/ask.py", method or ("POST" if text else "GET"), path, text=text)

    def open_shop(self, customers: int = 300) -> None:
        """Start the simulated shop and list as a service of their own."""
        typed = ["syncd", "sandbox", "--port", str(PORT), "--customers", str(customers)]
        self.machine.run("systemd-run", "--quiet", "--unit=sandbox", *typed)
        until("the simulated services answer", lambda: "shops" in self._world())

    def _world(self) -> str:
        try:
            return self.ask("/world")
        except FailedError:
            return ""

    def settings(self, segments: str = REPEAT, every: str = "1s", name: str = "syncd", **keys: str) -> None:
        """Write settings and secrets, as docs/install.md says; keys of [syncd] beside."""
        told = json.loads(self.ask("/settings"))
        store, audience = told["stores"]["main"], told["audiences"]["newsletter"]
        folder = "/etc/syncd/credentials" if name == "syncd" else f"/etc/syncd/{name}.credentials"
        for key, secret in (("token", store["access_token"]), ("list-key", audience["api_key"])):
            self.machine.write(f"{folder}/{key}", secret + "\n", mode=0o600)
        data = "/var/lib/syncd" if name == "syncd" else f"/var/lib/syncd-{name}"
        lines = ["[syncd]", f'database = "{data}/syncd.db"', *(f'{key} = "{value}"' for key, value in keys.items())]
        lines += ["[stores.main]", 'kind = "shopify"', f'shop = "{store["shop"]}"', f'api_url = "{store["api_url"]}"']
        lines += ['access_token = { credential = "token" }', f'every = "{every}"']
        lines += ["[audiences.newsletter]", 'kind = "mailchimp"', f'list = "{audience["list"]}"']
        lines += [f'api_url = "{audience["api_url"]}"', 'api_key = { credential = "list-key" }', f'every = "{every}"']
        lines += ["[limits]", 'first_push = "apply"', 'max_remove = "100%"', 'max_add = "100%"']
        self.machine.write(f"/etc/syncd/{name}.toml", "\n".join(lines) + "\n" + segments, mode=0o644)

    def override(self, *lines: str) -> None:
        """Put lines into the [Service] of the unit, in place of those put there before."""
        self.machine.write(DROP_IN, "\n".join(["[Service]", *lines]) + "\n")
        self.machine.run("systemctl", "daemon-reload")

    def customers(self) -> list[dict[str, Any]]:
        """Return the shop's customers, as they truly are."""
        records = map(json.loads, self.ask("/shops/main/dump").splitlines())
        return [it for it in records if it["kind"] == "customer"]

    def writes(self) -> int:
        """Return how many requests that may change something the services ever got."""
        return int(json.loads(self.ask("/calls"))["writes"])

    def is_tagged(self, tag: str, least: int) -> bool:
        """Whether exactly those with so many orders have a tag."""
        return all((tag in it["tags"]) == (it["number_of_orders"] >= least) for it in self.customers())

    def journal(self, since: str = "") -> list[dict[str, Any]]:
        """Return the service's own lines in the journal after a cursor."""
        after = [f"--after-cursor={since}"] if since else []
        lines = self.machine.run("journalctl", "--unit=syncd", "--output=cat", "--quiet", *after).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def cursor(self) -> str:
        """Return where the journal is now."""
        told = self.machine.run("journalctl", "--quiet", "--lines=0", "--show-cursor")
        return told.rpartition("-- cursor: ")[2].strip()

    def events(self, event: str, since: str = "") -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [it for it in self.journal(since) if it.get("event") == event]

    def told(self) -> str:
        """Return what helps to understand a failure."""
        status = self.machine.try_("systemctl", "status", "--no-pager", "--full", "--lines=0", "syncd").stdout
        return status + self.machine.try_("journalctl", "--unit=syncd", "--lines=25", "--no-pager", "-o", "cat").stdout
