"""Prices in words: how much, for what and how often. Text out; the markup is the templates'."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

from dashboard import formatting
from finances import money
from finances.models import Price

INTERVALS = {
    "day": ngettext_lazy("a day", "every %(count)s days", "count"),
    "week": ngettext_lazy("a week", "every %(count)s weeks", "count"),
    "month": ngettext_lazy("a month", "every %(count)s months", "count"),
    "year": ngettext_lazy("a year", "every %(count)s years", "count"),
}


def price_in_words(price: Price) -> str:
    """`29.00 EUR a month`, `10.00 EUR for each 100, every 3 months`, `tiers in EUR a year`, `0.20 EUR a unit used`."""
    code = price.currency.upper()
    if price.tiers_mode == "graduated":
        what = _("graduated tiers in %(currency)s") % {"currency": code}
    elif price.tiers_mode == "volume":
        what = _("volume tiers in %(currency)s") % {"currency": code}
    elif price.unit_amount is None:
        what = _("%(currency)s, the customer chooses how much") % {"currency": code}
    else:
        what = unit_price_of(price.unit_amount, price.currency)
        if price.divide_by:
            what = _("%(price)s for each %(units)s") % {"price": what, "units": f"{price.divide_by:,}"}
    return priced(what, price.interval, price.interval_count, by_use=price.usage_type == "metered")


def priced(what: str, interval: str, count: int, *, by_use: bool = False) -> str:
    """`33.00 EUR a month`, `0.20 EUR by use every 3 months`."""
    said = _("%(price)s by use %(every)s") if by_use else _("%(price)s %(every)s")
    return said % {"price": what, "every": every(interval, count)}


def unit_price_of(amount: Decimal | None, currency: str) -> str:
    """`33.00 EUR`; of what has tiers instead of a price, `tiers in EUR`."""
    if amount is None:
        return _("tiers in %(currency)s") % {"currency": currency.upper()}
    return f"{unit_price(amount, currency)} {currency.upper()}"


def unit_price(amount: Decimal, currency: str) -> str:
    """Digits of a price in minor units; more decimals than the currency's where it has fractions of a minor unit."""
    if amount == amount.to_integral_value():
        return formatting.digits(amount, currency)
    return plain_number(amount.scaleb(-money.decimals(currency)))


def plain_number(number: Decimal | None) -> str:
    """`40`, `1,250`, `0.5`: no more digits than it has."""
    if number is None:
        return formatting.EN_DASH
    return (formatting.MINUS if number < 0 else "") + f"{abs(number).normalize():,f}"


def every(interval: str, count: int) -> str:
    """`once`, `a month`, `every 3 months`."""
    if not interval:
        return pgettext("an interval", "once")
    return INTERVALS[interval] % {"count": count} if interval in INTERVALS else f"{count} {interval}"
