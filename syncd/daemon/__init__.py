"""The daemon: what is done when, without a person: schedule, signals, new settings, the service manager, alarms.

One thread does everything, one thing after another: a cycle never overlaps with another one, nor with a backup.
Whatever has to be waited for is waited for through the `Clock`, so that a test lets weeks pass.
"""

from syncd.daemon.agenda import Agenda, Turn, agenda_of
from syncd.daemon.daemon import Daemon
from syncd.daemon.following import Following
from syncd.daemon.notify import Notifier

__all__ = ["Agenda", "Daemon", "Following", "Notifier", "Turn", "agenda_of"]
