"""Amounts of rows in many currencies, asked for in each one's major units."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.db.models import Q

from finances import money


def amounts_between(column: str, lowest: Decimal | None = None, highest: Decimal | None = None) -> Q:
    """From `lowest` to `highest`, both in and both in major units of each row's own `currency`."""
    condition = Q()
    for codes, digits in ((money.ZERO_DECIMALS, 0), (money.THREE_DECIMALS, 3), (None, 2)):
        if codes is None:
            of_currency = ~Q(currency__in=[code.lower() for code in money.ZERO_DECIMALS | money.THREE_DECIMALS])
        else:
            of_currency = Q(currency__in=[code.lower() for code in codes])
        if lowest is not None:
            of_currency &= Q(**{f"{column}__gte": int(lowest.scaleb(digits).to_integral_value(ROUND_CEILING))})
        if highest is not None:
            of_currency &= Q(**{f"{column}__lte": int(highest.scaleb(digits).to_integral_value(ROUND_FLOOR))})
        condition |= of_currency
    return condition
