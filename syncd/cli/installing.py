"""The installed service, as `syncd init --service` prepares it: the folders that the systemd units name."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import msgspec

from syncd.config.template import Place
from syncd.errors import FatalError

ACCOUNT = "syncd"


class Installation(msgspec.Struct, frozen=True):
    """One service of this machine.

    Attributes:
        unit: Its name in systemd.
        place: Where its mirror and its secrets are.
        secrets: The folder that systemd hands over.
        group: Whose members it is to be read by: the service's own.
    """

    unit: str
    place: Place
    secrets: Path
    group: int

    @property
    def start(self) -> str:
        """What to type to start it, also when it runs already."""
        return f"systemctl enable {self.unit} && systemctl restart {self.unit}"

    def keep(self, name: str) -> str:
        """Return what to type to store a secret where only root and the service can read it."""
        return f"install -m 0600 /dev/stdin {self.secrets / name}"

    def let_read(self, settings: Path) -> None:
        """Let the service read the settings, which stay root's.

        Raises:
            FatalError: There is no such account, or the right to give it the file is missing.
        """
        try:
            os.chown(settings, -1, self.group)
            settings.chmod(0o640)
            self.secrets.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise FatalError(f"{settings} cannot be given to {ACCOUNT}: {reason}", hint="type it as root") from error


def installation_of(settings: Path) -> Installation:
    """Return the service that runs by a settings file: `syncd` by syncd.toml, `syncd@NAME` by NAME.toml.

    Raises:
        FatalError: None is installed.
    """
    try:
        group = grp.getgrnam(ACCOUNT).gr_gid
    except KeyError as error:
        raise FatalError(f"there is no group {ACCOUNT}", hint="install the service first: docs/install.md") from error
    name = settings.stem
    only = name == "syncd"
    return Installation(
        unit="syncd" if only else f"syncd@{name}",
        place=Place(f"/var/lib/syncd{'' if only else f'-{name}'}/syncd.db", "credential"),
        secrets=settings.absolute().with_name("credentials" if only else f"{name}.credentials"),
        group=group,
    )
