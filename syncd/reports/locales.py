"""In whose way numbers and money are written: that of the stores' country, which their zone tells.

Where English is one of a country's languages it is taken, for the words around the numbers are English.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

PLAIN = "en"
"""For zones that are no country's (`UTC`), and for stores of several countries."""


def locale_of(timezones: Iterable[str]) -> str:
    """Return the locale of stores by their zones: `de_DE` for `Europe/Berlin`, `en_CA` for `America/Toronto`."""
    found = {_of_zone(zone) for zone in timezones}
    return found.pop() if len(found) == 1 else PLAIN


@cache
def _of_zone(zone: str) -> str:
    country = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "001")
    spoken = get_official_languages(country, de_facto=True)
    language = "en" if "en" in spoken else next(iter(spoken), "")
    try:
        return str(Locale.parse(f"{language}_{country}")) if language else PLAIN
    except (UnknownLocaleError, ValueError):
        return PLAIN
