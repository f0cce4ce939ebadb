"""Erasing by itself whom a service has deleted or redacted, once no label of ours is left on them.

An erasure goes through every table and file, and may rebuild them: it costs the size of the mirror, whoever it is
about. So it is done once a day, for all who have departed by then; the first of them does not wait.
"""

from __future__ import annotations

from syncd import log
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.mirror import care, departed
from syncd.mirror.erasing import Erasure, clean, erase, unclean

EVERY = 86_400
"""Seconds between two erasures that nobody asked for."""


def erase_departed(services: Services) -> int:
    """Erase whom a service deleted or redacted and who has no label of ours any more; return how many that were.

    Nobody, where somebody was erased within a day. A file that cannot be gone through now is gone through in the next
    cycle. Never raises for one.
    """
    mirror, now = services.mirror, services.clock.now()
    gone = departed.ready(mirror) if care.due(care.when(mirror, "erased"), EVERY, now) else []
    try:
        if unclean(mirror):
            clean(mirror, Erasure(whom=(), thorough=True))
        for erasure in departed.erasures(gone):
            erase(mirror, erasure)
    except SyncdError as error:
        log.get().warning("not_erased_yet", people=len(gone), why=error.message)
        return 0
    if gone:
        care.done(mirror, "erased", now)
        log.get().info("erased", people=len(gone))
    return len(gone)
