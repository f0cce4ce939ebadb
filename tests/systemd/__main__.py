"""`make test-systemd`: the Debian package, installed as docs/install.md says, under a real systemd in a container."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from tests.systemd.checks import CHECKS
from tests.systemd.machine import FailedError, Machine, UnavailableError
from tests.systemd.service import Service

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Check one thing after another, each on what the last one left; return 1 if one was not as it should be."""
    parser = argparse.ArgumentParser(prog="make test-systemd", description=__doc__)
    parser.add_argument("--deb", type=Path, help="the package; else the newest in dist/, else one that is built now")
    asked = parser.parse_args()
    try:
        machine = Machine()
        package = asked.deb or _package()
        with machine:
            return _check(Service(machine, package))
    except UnavailableError as error:
        print(f"skipped: make test-systemd: {error}", flush=True)
        return 0


def _package() -> Path:
    """Build the package from what is here."""
    try:
        ended = subprocess.run(["make", "--quiet", "deb"], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UnavailableError("needs make") from error
    if ended.returncode:
        raise SystemExit(f"make deb failed:\n{ended.stderr[-3000:]}")
    return max((ROOT / "dist").glob("syncd_*.deb"), key=lambda file: file.stat().st_mtime)


def _check(service: Service) -> int:
    for number, check in enumerate(CHECKS):
        began = time.monotonic()
        sentence = check.__name__.replace("_", " ")
        try:
            said = check(service)
        except FailedError as error:
            print(f"FAILED  {sentence}: {error}\n{service.told()}", flush=True)
            print(f"{number} passed, 1 failed, {len(CHECKS) - number - 1} skipped", flush=True)
            return 1
        print(f"ok  {time.monotonic() - began:5.1f} s  {sentence}{f': {said}' if said else ''}", flush=True)
    print(f"{len(CHECKS)} passed, 0 failed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
