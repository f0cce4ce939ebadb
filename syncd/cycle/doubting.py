"""What is made of what was just read, before anything is built upon it: whom to believe, and who is who.

Law 1 goes by what the services say of consent. Another app may have written that for thousands at once, so a mass of
changes towards consent is not believed before a person has looked.
"""

from __future__ import annotations

from typing import Any

from syncd import log
from syncd.cycle.report import doubt_rows
from syncd.cycle.services import Services
from syncd.mirror import doubts, merges, turned_away


def take_stock(services: Services, run: int) -> list[dict[str, Any]]:
    """Judge what this run's pulls saw, and return what waits for a person because of it, as JSON has it."""
    mirror = services.mirror
    carried = merges.carry_over(mirror, run)
    if carried:
        log.get().info("labels_of_merged_customers_kept", labels=carried)
    turned_away.forget_shown(mirror)
    limits = services.settings.limits
    share = limits.max_consent_changes.fraction
    for it in doubts.judge(mirror, min_size=limits.min_size, share=share, run=run, now=services.clock.now()):
        log.get().warning("consent_doubted", owner=it.owner, side=it.side, flips=it.flips)
    return doubt_rows(doubts.standing(mirror))
