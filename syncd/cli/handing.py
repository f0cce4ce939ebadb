"""Commands that the daemon runs for somebody who may not open the mirror (`syncd.control`): both ends of that.

The caller's process hands over what was typed and waits. The daemon starts another one, which finds the same words in
its environment, and holds itself to what may be asked from afar: the daemon's settings, and no file of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syncd.control import HANDED

if TYPE_CHECKING:
    from pathlib import Path

    from syncd.control.wire import Asked

_FILES = {
    "html": "have it printed, and keep it yourself: --html - > {}",
    "parquet": "have it printed, and keep it yourself: --parquet - > {}",
    "to": "leave --to out: it goes into the daemon's own folder of backups",
    "append": "have them printed, and put them into the settings yourself: leave --append out",
}
"""Options that write a file, with what to do instead: the daemon's user can write in no folder of somebody else's."""
_NOT_FOR_CALLERS = ("--install-completion", "--show-completion")


def typed() -> list[str]:
    """Return the words of this command: its arguments, or what the daemon was handed."""
    handed = _handed()
    if handed is None:
        return sys.argv[1:]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a daemon that was started with & ignores it
    return [it for it in handed[1] if not it.startswith(_NOT_FOR_CALLERS)]


def elsewhere(config: str | None, command: str, given: Mapping[str, Any]) -> int | None:
    """Have the daemon run a command; return its exit code, or None where this process is the one to do it.

    Args:
        config: The settings file that was named, if one was.
        command: Which it is, like `status` or `report leaderboard`.
        given: Its own options.

    Raises:
        SyncdError: It cannot be handed over as it was typed, the daemon says no, or none answers and it is its user's.
    """
    from syncd.control import asking, places, wire  # noqa: PLC0415  # help and completion need none of it

    file = None if _handed() is not None or not wire.can_be_handed_over(command) else _settings(config)
    place = None if file is None else places.of_a_caller(file)
    if file is None or place is None:
        return None
    anothers = asking.is_anothers(place)
    if anothers:
        _refuse_files(given)
        code = asking.hand_over(place, _asked(file, command))
        if code is not None:
            return code
    owner = places.owner_in_the_way(file)
    if owner is not None and anothers is not False:
        raise asking.nobody_answers(place, owner)
    return None


def _asked(file: Path, command: str) -> Asked:
    from syncd.control import wire  # noqa: PLC0415

    return wire.Asked(
        settings=os.path.realpath(file),
        command=command,
        typed=tuple(os.fsencode(word).decode(errors="replace") for word in sys.argv[1:]),
        environ=wire.of_a_terminal(os.environ),
    )


def held_to(command: str, given: Mapping[str, Any]) -> str | None:
    """In a process that acts for a caller, return the settings file to use, whichever they named; else None.

    Raises:
        UsageError: The command is none for a caller, or would write a file.
    """
    handed = _handed()
    if handed is None:
        return None
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.control.wire import can_be_handed_over  # noqa: PLC0415

    if command != handed[0] or not can_be_handed_over(command):
        raise UsageError(f"syncd {command} is no command for the daemon", hint="run it yourself")
    _refuse_files(given)
    return os.environ["SYNCD_CONFIG"]


def _handed() -> tuple[str, list[str]] | None:
    text = os.environ.get(HANDED)
    if text is None:
        return None
    import json  # noqa: PLC0415  # here alone

    command, words = json.loads(text)
    return command, words


def _settings(config: str | None) -> Path | None:
    """Return the settings file, found as `syncd.config.find` does.

    That one is not asked: it refuses where there is none, and here that is for others to say.
    """
    from pathlib import Path  # noqa: PLC0415

    from syncd.config.document import PLACES  # noqa: PLC0415

    named = config or os.environ.get("SYNCD_CONFIG")
    return next((it for it in map(Path, (named,) if named else PLACES) if _is_there(it)), None)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return True  # in a folder that this user may not look into


def _refuse_files(given: Mapping[str, Any]) -> None:
    from syncd.cli.failing import UsageError  # noqa: PLC0415

    for option, instead in _FILES.items():
        wanted = given.get(option)
        if wanted and str(wanted) != "-":
            raise UsageError(
                f"the daemon runs this, and writes no files for others (--{option})", hint=instead.format(wanted)
            )
