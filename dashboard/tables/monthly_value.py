"""How a monthly value came about, step by step, and which rule is missing where it did not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy

from dashboard.prices import plain_number
from dashboard.tables.subscriptions import gap
from finances.metrics.monthly_value import ItemValue, MonthlyValue

NOTHING = {
    "metered": gettext_lazy("Billed by use: counts nothing"),
    "one_time": gettext_lazy("Sold once: counts nothing"),
    "free": gettext_lazy("Free: a value of nothing, and still a subscriber"),
}


@dataclass(frozen=True)
class Step:
    """One item's way from its price to its monthly value; amounts in minor units of the subscription's currency.

    `why`: words where the item counts nothing or cannot be computed. `months`: of one billing period, as digits.
    """

    product: str
    value: ItemValue
    months: str
    why: str
    computed: bool


def steps(value: MonthlyValue, products: Mapping[str, str]) -> list[Step]:
    """`products`: the name by the item's id."""
    return [
        Step(
            product=products.get(item.item_id) or item.price_id,
            value=item,
            months=months(item.months),
            why=str(NOTHING.get(item.why, "")) or (sentence(gap(item.why)) if item.why else ""),
            computed=item.monthly is not None,
        )
        for item in value.items
    ]


def agrees(value: MonthlyValue, kept: Decimal | None) -> bool:
    """Whether what was computed anew is what the row holds, which keeps six digits of a minor unit."""
    if value.total is None or kept is None:
        return value.total is None and kept is None
    return abs(value.total - kept) <= Decimal("0.00001")


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def months(count: Decimal) -> str:
    """`12`, `1`, `0.2308`: at most four digits after the point."""
    return plain_number(count.quantize(Decimal("0.0001")))


def has_discount(steps: Iterable[Step]) -> bool:
    return any(step.value.discount for step in steps)


def has_tax(steps: Iterable[Step]) -> bool:
    return any(step.value.tax for step in steps)
