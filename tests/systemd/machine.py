"""A small Debian with a real systemd in a container of its own: booted, spoken to as root, thrown away.

It lives in memory, sees no network but its own loopback, and leaves nothing behind.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = "systemd,systemd-sysv,python3,ca-certificates"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "SYSTEMD_COLORS": "0",
    "SYSTEMD_PAGER": "cat",
    "DEBIAN_FRONTEND": "noninteractive",
}
BOOTED = {"running", "degraded"}


class UnavailableError(Exception):
    """This machine cannot boot such a container; the message says why."""


class FailedError(Exception):
    """Something was not as it should be."""


def until(what: str, holds: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until something holds, and return it.

    Raises:
        FailedError: It did not come to hold in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.2)
    raise FailedError(f"not within {seconds:.0f} s: {what}")


def _debian() -> str:
    """Return the release of this machine: a package that was built here fits the same release.

    Raises:
        UnavailableError: It is none of Debian's.
    """
    system = dict(re.findall(r'(?m)^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text()))
    if system.get("ID") != "debian":
        raise UnavailableError(f"needs Debian, this is {system.get('ID')}")
    return system["VERSION_CODENAME"]


class Machine:
    """The container. Use it as a context: at its end nothing of it is left."""

    def __init__(self) -> None:
        """Check what is needed.

        Raises:
            UnavailableError: Something is missing.
        """
        if os.geteuid() != 0:
            raise UnavailableError("needs root")
        for tool in ("mmdebstrap", "systemd-nspawn", "nsenter"):
            if shutil.which(tool) is None:
                raise UnavailableError(f"needs {tool} (apt-get install mmdebstrap systemd-container util-linux)")
        self._release = _debian()
        self.root = Path()
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Machine:
        """Make it and boot it.

        Raises:
            UnavailableError: That is not to be had here.
        """
        self.root = Path(tempfile.mkdtemp(prefix="syncd-machine-", dir="/var/tmp"))
        try:
            self._make()
            self._boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Throw it away."""
        self.close()

    def run(self, *words: str, check: bool = True, text: str = "") -> str:
        """Run a command in there as root, and return what it printed.

        Raises:
            FailedError: It failed, and `check` does not let it.
        """
        ended = self.try_(*words, text=text)
        if check and ended.returncode:
            raise FailedError(
                f"`{' '.join(words)}` ended with {ended.returncode}: {ended.stdout}{ended.stderr}".strip()
            )
        return ended.stdout.strip()

    def try_(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in there as root, whatever comes of it."""
        typed = ["nsenter", "--all", f"--target={self._leader}", "--", "/usr/bin/env", "-C", "/", *words]
        return subprocess.run(
            typed, env=ENVIRONMENT, input=text, capture_output=True, text=True, timeout=180, check=False
        )

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        """Write a file in there, as root; one that is there keeps its owner and its mode."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = not file.exists()
        file.write_text(content)
        if fresh:
            file.chmod(mode)

    def close(self) -> None:
        """End everything in there, and leave nothing."""
        if self._nspawn is not None:
            self._nspawn.send_signal(signal.SIGTERM)
            try:
                self._nspawn.wait(20)
            except subprocess.TimeoutExpired:
                self._nspawn.kill()
                self._nspawn.wait()
        subprocess.run(["umount", "--lazy", str(self.root)], capture_output=True, check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def _make(self) -> None:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3g,mode=0755", "syncd-machine", str(self.root)],
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            raise UnavailableError("no file system may be mounted here")
        made = subprocess.run(
            [
                "mmdebstrap",
                "--variant=minbase",
                "--dpkgopt=force-unsafe-io",
                f"--include={PACKAGES}",
                self._release,
                self.root,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            last = made.stderr.strip().splitlines()[-1:]
            raise UnavailableError(f"no Debian {self._release} to be had: {''.join(last)}")
        for unit in ("systemd-networkd.service", "systemd-networkd.socket", "console-getty.service"):
            (self.root / "etc/systemd/system" / unit).unlink(missing_ok=True)
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")

    def _boot(self) -> None:
        typed = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot"]
        typed += ["--console=pipe", "--link-journal=no", f"--directory={self.root}"]
        self._nspawn = subprocess.Popen(
            typed, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._leader = until("a first process", self._first_process, 20)
            until("booted", lambda: self.try_("systemctl", "is-system-running").stdout.strip() in BOOTED, 60)
        except FailedError as error:
            raise UnavailableError(f"systemd does not boot in a container here: {error}") from error

    def _first_process(self) -> int:
        if self._nspawn is None or self._nspawn.poll() is not None:
            raise FailedError("systemd-nspawn ended")
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        return next((int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text() == "systemd\n"), 0)
