"""The only place where amounts divide.

Stripe's minor units are Stripe's own, not CLDR's: CLDR writes RSD, LAK or ISK without decimals while Stripe counts them
in hundredths, so a table from a locale library would be wrong a hundredfold. Source: docs.stripe.com/currencies.
"""

from decimal import ROUND_HALF_UP, Decimal

ZERO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def decimals(currency: str) -> int:
    """Digits after the point of a major unit: 0, 2 or 3. Any case; a currency that nobody knows has two."""
    code = currency.upper()
    if code in ZERO_DECIMALS:
        return 0
    return 3 if code in THREE_DECIMALS else 2


def major(minor: int | Decimal, currency: str) -> Decimal:
    """Minor units as major ones with exactly the currency's decimals; a fraction of a minor unit is rounded half up."""
    whole = Decimal(minor).to_integral_value(ROUND_HALF_UP)  # quantize refuses what has more than 28 digits
    return whole.scaleb(-decimals(currency))


def exact_major(minor: Decimal, currency: str) -> Decimal:
    """The same of a price, which may hold fractions of a minor unit: all its decimals, the currency's own at least."""
    exact = minor.normalize().scaleb(-decimals(currency))
    exponent = exact.as_tuple().exponent
    return exact.quantize(Decimal(1).scaleb(min(exponent, -decimals(currency)))) if isinstance(exponent, int) else exact
