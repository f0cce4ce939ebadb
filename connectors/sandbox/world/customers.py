"""Making customers, with what real data suffers from.

Some addresses exist twice, with other letters in upper case; some customers have no address at all; one has more
postal addresses than fit on a page.
"""

from __future__ import annotations

from connectors.sandbox.world import hanging
from connectors.sandbox.world.making import DAY, Maker
from connectors.sandbox.world.records import Address, Customer
from connectors.sandbox.world.tags import in_order
from connectors.sandbox.world.words import FIRST_NAMES, LAST_NAMES, LOCALES, MAIL_HOSTS, MERCHANT_TAGS, PLACES

_CONSENT = ("SUBSCRIBED",) * 46 + ("NOT_SUBSCRIBED",) * 38 + ("UNSUBSCRIBED",) * 8 + ("PENDING",) * 6 + ("INVALID",) * 2
_ACCOUNT = ("DISABLED",) * 70 + ("ENABLED",) * 20 + ("INVITED",) * 8 + ("DECLINED",) * 2
_SUBSCRIPTION = ("NEVER_SUBSCRIBED",) * 95 + ("ACTIVE",) * 3 + ("CANCELLED", "PAUSED")
_RFM = ("ACTIVE", "AT_RISK", "DORMANT", "LOYAL", "NEEDS_ATTENTION", "NEW", "PROMISING", "CHAMPIONS")
_WELL_TRAVELLED = 5
"""The customer with more postal addresses than fit on a page."""


def make_customers(maker: Maker, number: int) -> list[Customer]:
    """Return `number` customers, oldest first; their figures are still empty."""
    span = 1000 * DAY
    ages = sorted((int(span * maker.random.random() ** 1.3) + 3600 for _ in range(number)), reverse=True)
    made: list[Customer] = []
    for n, age in enumerate(ages):
        made.append(_customer(maker, n, maker.now - age, made))
    return made


def _customer(maker: Maker, n: int, created_at: int, earlier: list[Customer]) -> Customer:
    first, last = maker.pick(FIRST_NAMES), maker.pick(LAST_NAMES)
    email = _email(maker, first, last, n, earlier)
    consent = maker.pick(_CONSENT) if email else "NOT_SUBSCRIBED"
    decided = consent != "NOT_SUBSCRIBED"
    phone = f"+4930{9_000_000 + n}" if maker.chance(0.3) or email is None else None
    return Customer(
        id=maker.id("Customer"),
        created_at=created_at,
        updated_at=created_at + maker.between(0, (maker.now - created_at) // 2),
        email=email,
        consent=consent,
        consent_at=created_at + maker.between(0, 3600) if decided else None,
        opt_in_level=maker.pick(("SINGLE_OPT_IN", "CONFIRMED_OPT_IN", "UNKNOWN")) if decided else None,
        phone=phone,
        sms_consent="SUBSCRIBED" if phone and maker.chance(0.3) else "NOT_SUBSCRIBED",
        first_name=None if maker.chance(0.02) else first,
        last_name=None if maker.chance(0.02) else last,
        locale=maker.pick(LOCALES),
        state=maker.pick(_ACCOUNT),
        verified_email=maker.chance(0.8),
        product_subscription=maker.pick(_SUBSCRIPTION),
        spend_tier=maker.pick(("HIGH", "MEDIUM", "LOW", None)),
        rfm_group=maker.pick(_RFM) if maker.chance(0.7) else None,
        tags=_tags(maker),
        addresses=_addresses(maker, n),
        metafields=hanging.metafields(maker, n),
        companies=hanging.companies(maker, n),
        credit=hanging.credit(maker, n),
    )


def _email(maker: Maker, first: str, last: str, n: int, earlier: list[Customer]) -> str | None:
    if maker.chance(0.03):
        return None
    if earlier and maker.chance(0.015):
        twin = maker.pick(earlier).email
        return twin and (twin.title() if maker.chance(0.5) else twin)
    name = f"{first}.{last}{n}".replace("'", "").encode("ascii", "ignore").decode()
    return f"{name if maker.chance(0.1) else name.lower()}@{maker.favourite(MAIL_HOSTS)}"


def _tags(maker: Maker) -> tuple[str, ...]:
    if maker.chance(0.65):
        return ()
    return in_order({maker.favourite(MERCHANT_TAGS) for _ in range(maker.between(1, 4))})


def _addresses(maker: Maker, n: int) -> tuple[Address, ...]:
    if n == _WELL_TRAVELLED:
        return tuple(_address(maker) for _ in range(30))
    dice = maker.random.random()
    number = 0 if dice < 0.08 else 1 if dice < 0.83 else 2 if dice < 0.97 else 3
    return tuple(_address(maker) for _ in range(number))


def _address(maker: Maker) -> Address:
    place = maker.favourite(PLACES)
    located = maker.chance(0.9)
    return Address(
        id=maker.id("MailingAddress"),
        address1=f"{maker.between(1, 200)} Main Street",
        city=place.city,
        province=place.province,
        province_code=place.province_code,
        country=place.country,
        country_code=place.country_code,
        zip=place.zip if maker.chance(0.98) else None,
        latitude=place.latitude if located else None,
        longitude=place.longitude if located else None,
    )
