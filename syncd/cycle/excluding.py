"""The exclusion list, brought from the settings into the mirror where it has changed."""

from __future__ import annotations

from syncd.config import exclusion_sources
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import ConfigError
from syncd.mirror import exclusions


def renew_exclusions(services: Services, report: Report) -> None:
    """Make the list of the settings the one that holds; one that is the same as before is not looked into.

    Raises:
        ConfigError: A file is missing, or a line is neither an address nor a domain: nothing may be pushed then.
    """
    mirror = services.mirror
    try:
        sources = exclusion_sources(services.settings.suppress)
        if exclusions.held(mirror) != sources.digest:
            exclusions.replace(mirror, sources.entries(), sources.digest, services.clock.now())
    except ConfigError as error:
        report.fail("check", "suppress", error)
        raise
