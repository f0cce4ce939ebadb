"""`python -m connectors.sandbox`: the simulated services by themselves, without syncd's command."""

from __future__ import annotations

import argparse
import json
import sys

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.running import Running


def _options(arguments: list[str]) -> Options:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--customers", type=int, default=usual.customers)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--shops", nargs="+", default=usual.shops, metavar="NAME")
    parser.add_argument("--lists", nargs="+", default=usual.lists, metavar="ID[=NAME]")
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        customers=given.customers,
        seed=given.seed,
        shops=tuple(given.shops),
        lists=tuple(given.lists),
    )


def _tell(running: Running) -> None:
    sys.stdout.write(json.dumps(running.settings(), indent=2) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    SANDBOX.serve_forever(_options(sys.argv[1:]), _tell)
