"""Money as integer minor units. No float ever touches an amount."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

EXPONENTS = (
    dict.fromkeys(("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0)
    | dict.fromkeys(("BHD IQD JOD KWD LYD OMR TND").split(), 3)
    | dict.fromkeys(("CLF UYW").split(), 4)
)
"""The number of decimals of the currencies that have another than two."""


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency's minor unit, by ISO 4217 (EUR 2, JPY 0, KWD 3)."""
    return EXPONENTS.get(currency, 2)


def minor_units(amount: str, currency: str) -> int:
    """Turn decimal text of a service (`"11884.9"`) into minor units (1188490 for CAD), half-even.

    Raises:
        ValueError: The text is not a finite decimal number.
    """
    try:
        if amount[-3:-2] == "." and currency not in EXPONENTS:  # nearly every amount, in every line of every pull
            return int(amount.replace(".", "", 1))
        return int(Decimal(amount).scaleb(exponent(currency)).to_integral_value(ROUND_HALF_EVEN))
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise ValueError(f"{amount!r} is not an amount of money") from error


def decimal_text(minor: int, currency: str) -> str:
    """Turn minor units into decimal text, with the currency's decimals (`"11884.90"`)."""
    places = exponent(currency)
    if not places:
        return str(minor)
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{'-' * (minor < 0)}{digits[:-places]}.{digits[-places:]}"
