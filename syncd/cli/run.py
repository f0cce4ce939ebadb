"""`syncd run`: the daemon."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
from typing import TYPE_CHECKING

from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.daemon import Daemon


def run(session: Session) -> int:
    """Keep everything up to date until stopped: the daemon.

    Runs a cycle for each store as often as the settings say (`every`, `cron`), at the shop's midnight where a segment
    looks at days, and compares, backs up and tidies up once a day. New settings are taken over when the file changes,
    or on SIGHUP; wrong ones leave the old in force. SIGTERM ends it within seconds.
    """
    from syncd import log  # noqa: PLC0415  # heavy
    from syncd.control.places import of_the_daemon  # noqa: PLC0415
    from syncd.control.serving import serving  # noqa: PLC0415
    from syncd.wiring import daemon  # noqa: PLC0415

    settings = session.settings()
    log.configure(settings.syncd.log_format, session.log_level(logging.INFO))
    service = daemon(session.config, session.clock, os.environ)
    _hear(service)
    with serving(of_the_daemon(settings.syncd.control_socket, os.environ), settings.path, os.environ):
        service.run()
    return 0


def _hear(service: Daemon) -> None:
    """Let SIGHUP read the settings again. SIGTERM and SIGINT end any command, through its `finally` clauses.

    The watchdog's SIGABRT tells on standard error where it hung: files, lines and functions, and no value.
    """
    faulthandler.enable()
    signal.signal(signal.SIGHUP, lambda *_: service.reload())
