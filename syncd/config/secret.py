"""Secrets: named in the file, kept elsewhere. Their values never reach a message.

`{ env = "NAME" }` is a variable of the environment, `{ file = "path" }` a file (relative to the settings file), and
`{ credential = "name" }` what systemd hands over (`LoadCredential=`). A text in the file itself works, with a warning.

The unit hands over a whole folder (`LoadCredential=syncd:/etc/syncd/credentials`), so that a new secret needs no other
unit; systemd then calls each file `syncd_NAME`.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, SecretStr

from syncd.config.findings import Findings, nearest
from syncd.config.keys import KeyPath
from syncd.config.words import kinds

WAYS = ("env", "file", "credential")
LITERAL = "this secret stands in the file itself"
SHAPE = 'write { env = "NAME" }, { file = "path" } or { credential = "name" }'


class Surroundings(NamedTuple):
    """Where references are looked up.

    Attributes:
        folder: The settings file's.
        offline: True where only the file itself is looked at: what cannot be resolved is no problem.
    """

    folder: Path
    environ: Mapping[str, str]
    offline: bool


class UnresolvedError(Exception):
    """A reference leads to nothing; the message says so without a value."""

    def __init__(self, message: str, fix: str) -> None:
        """Keep what is wrong and what to do about it."""
        super().__init__(message)
        self.message = message
        self.fix = fix


def secret_keys(model: type[BaseModel]) -> frozenset[str]:
    """Return the keys of a vendor's table whose values are secrets."""
    return frozenset(name for name, field in model.model_fields.items() if SecretStr in kinds(field.annotation))


def resolve(value: object, path: KeyPath, around: Surroundings, findings: Findings) -> str | None:
    """Return the secret that `value` names; None where it leads to none, which is kept as a finding.

    Offline, a well-formed reference that leads to nothing gives None and no finding.
    """
    if isinstance(value, str) and value.strip():
        findings.warn(path, LITERAL, f"keep it elsewhere: {SHAPE}")
        return value
    if not isinstance(value, dict):
        findings.add(path, "is empty" if isinstance(value, str) else "must name a secret", SHAPE)
        return None
    strange = [key for key in value if key not in WAYS]
    if strange or len(value) != 1 or not all(isinstance(name, str) and name for name in value.values()):
        findings.add(
            path, "names a secret in an unknown way", (nearest(strange[0], WAYS, few=0) if strange else "") or SHAPE
        )
        return None
    way, name = next(iter(value.items()))
    try:
        return _look(way, name, path, around, findings)
    except UnresolvedError as problem:
        if not around.offline:
            findings.add(path, problem.message, problem.fix)
        return None


def _look(way: str, name: str, path: KeyPath, around: Surroundings, findings: Findings) -> str:
    if way == "env":
        return _variable(name, around.environ)
    if way == "file":
        file = around.folder / _path(name)
        secret = _content(file, "make the file, or correct its name")
        if file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            findings.warn(path, f"everybody on this machine can read {file}", f"type `chmod 600 {file}`")
        return secret
    return _credential(name, around.environ)


def _path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise UnresolvedError(f"{name!r} begins with a home that is not there", "write the path out") from None


def _variable(name: str, environ: Mapping[str, str]) -> str:
    secret = environ.get(name, "").strip()
    if not secret:
        state = "is empty" if name in environ else "is not set"
        raise UnresolvedError(f"the variable {name} {state}", f"type `export {name}=…` before syncd is started")
    return secret


def _credential(name: str, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if "/" in name:
        raise UnresolvedError(f"{name!r} is no name of a credential", "write the name that LoadCredential= gives it")
    if not folder:
        raise UnresolvedError(
            f"the credential {name!r} is only there when systemd starts syncd",
            "start it as a service, or check with --offline",
        )
    return _content(
        _handed_over(Path(folder), name),
        f"put the secret into /etc/syncd/credentials/{name} and type `systemctl restart syncd`",
    )


def _handed_over(folder: Path, name: str) -> Path:
    with suppress(OSError):  # what may not be looked into is told when it is read
        if (folder / f"syncd_{name}").exists():
            return folder / f"syncd_{name}"
    return folder / name


def _content(file: Path, fix: str) -> str:
    try:
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise UnresolvedError(f"there is no file {file}", fix) from None
    except UnicodeDecodeError:
        raise UnresolvedError(f"{file} is not text", "save the secret alone in it, as text") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "unreadable").lower()
        raise UnresolvedError(f"{file} cannot be read: {reason}", f"see `ls -l {file}`") from None
    if not secret.strip():
        raise UnresolvedError(f"{file} is empty", "save the secret in it")
    return secret
