"""Erasing by itself whom a service has deleted or redacted, once no label of ours is left on them."""

from __future__ import annotations

from syncd import log
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.mirror import departed
from syncd.mirror.erasing import Erasure, clean, erase, unclean


def erase_departed(services: Services) -> int:
    """Erase whom a service deleted or redacted and who has no label of ours any more; return how many that were.

    A file that cannot be gone through now is gone through in the next cycle. Never raises for one.
    """
    mirror = services.mirror
    gone = departed.ready(mirror)
    try:
        if unclean(mirror):
            clean(mirror, Erasure(whom=(), thorough=True))
        for erasure in departed.erasures(gone):
            erase(mirror, erasure)
    except SyncdError as error:
        log.get().warning("not_erased_yet", people=len(gone), why=error.message)
        return 0
    if gone:
        log.get().info("erased", people=len(gone))
    return len(gone)
