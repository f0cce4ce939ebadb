"""The daemon: what is done when, without a person: schedule, signals, new settings, the service manager, alarms.

One thread does everything, one thing after another: a cycle never overlaps with another one, nor with a backup.
Whatever has to be waited for is waited for through the `Clock`, so that a test lets weeks pass. Beside it, one thread
shows figures and one carries alerts; neither touches the mirror.
"""

from syncd.daemon.agenda import Agenda, Turn, agenda_of
from syncd.daemon.alarm import Alarm
from syncd.daemon.courier import Courier
from syncd.daemon.daemon import Daemon, Observer
from syncd.daemon.door import Door
from syncd.daemon.following import Following
from syncd.daemon.metrics import Metrics
from syncd.daemon.notify import Notifier
from syncd.daemon.witness import Witness

__all__ = [
    "Agenda",
    "Alarm",
    "Courier",
    "Daemon",
    "Door",
    "Following",
    "Metrics",
    "Notifier",
    "Observer",
    "Turn",
    "Witness",
    "agenda_of",
]
