"""The daemon's end of its lines: the socket that is called, and what comes in from each caller."""

from __future__ import annotations

import socket
from pathlib import Path

from syncd.control.wire import DESCRIPTORS, LIMIT, new_line
from syncd.errors import FatalError


def listener(path: Path) -> socket.socket:
    """Make the socket, for its owner and their group; one that was left behind by a daemon that is gone makes room.

    Raises:
        FatalError: A daemon that lives listens there.
        OSError: It cannot be made.
    """
    made = new_line()
    try:
        if _left_behind(path):
            path.unlink()
        made.bind(str(path))
        path.chmod(0o660)
        made.listen()
    except BaseException:
        made.close()
        raise
    made.settimeout(0.0)
    return made


def _left_behind(path: Path) -> bool:
    if not path.is_socket():
        return False
    with new_line() as line:
        try:
            line.connect(str(path))
        except ConnectionRefusedError:
            return True
    raise FatalError("another daemon listens there", hint="each needs a [syncd] control_socket of its own")


def received(line: socket.socket) -> tuple[bytes, list[int], bool]:
    """Return what was said, the descriptors that came with it, and whether that is all of it; nothing for the end."""
    try:
        message, given, flags, _ = socket.recv_fds(line, LIMIT, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return b"", [], True
    return message, given, not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC)
