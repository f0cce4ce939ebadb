"""How an address and an e-mail address are named in the language. The mirror stores what these return."""

from __future__ import annotations

from syncd.model import Address, identity


def region(address: Address) -> str | None:
    """Return `CC-PROV`, as in ISO 3166-2; None where either part is missing."""
    if address.country is None or address.province is None:
        return None
    return f"{address.country}-{address.province}"


def city_key(address: Address) -> str | None:
    """Return `CC-PROV-CityWithoutSpaces`, `CC-CityWithoutSpaces` where there is no province, else None."""
    if address.country is None or address.city is None:
        return None
    return f"{region(address) or address.country}-{''.join(address.city.split())}"


def email_domain(email: str | None) -> str | None:
    """Return the part after the last @, lower-cased; None where there is none."""
    _, at, domain = (identity(email) or "").rpartition("@")
    return (domain or None) if at else None
