"""Revenue by month and currency, and what went back of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from django.db.models import Count, F, Sum

from finances.metrics.daily import Source, Standing, Total, Within, standing, sums
from finances.models import (
    DailyProductRevenue,
    DailyRefunds,
    DailyRevenue,
    DirtyDay,
    Invoice,
    InvoiceLine,
    Refund,
)
from finances.periods import end_of, last_months, start_of

MONTHS = 12


def _paid(within: Within):
    return Invoice.objects.filter(within("paid_at"), status="paid")


def _lines_of_paid(within: Within):
    """Those that name a product."""
    return InvoiceLine.objects.filter(within("invoice__paid_at"), invoice__status="paid").exclude(product_id="")


PAID = Total(
    DailyRevenue,
    DirtyDay.Kind.REVENUE,
    keys=("account_id", "currency"),
    sums=("count", "amount"),
    sources=(Source(_paid, "paid_at", {}, {"count": Count("pk"), "amount": Sum("amount_paid")}),),
)
REFUNDED = Total(
    DailyRefunds,
    DirtyDay.Kind.REFUNDS,
    keys=("account_id", "currency"),
    sums=("count", "amount"),
    sources=(
        Source(
            lambda within: Refund.objects.filter(within("created_at"), status="succeeded"),
            "created_at",
            {},
            {"count": Count("pk"), "amount": Sum("amount")},
        ),
    ),
)
EARNED_BY_PRODUCT = Total(
    DailyProductRevenue,
    DirtyDay.Kind.REVENUE,
    keys=("account_id", "currency", "product_id"),
    sums=("count", "amount"),
    sources=(
        Source(
            _lines_of_paid, "invoice__paid_at", {}, {"count": Count("pk"), "amount": Sum(F("amount") - F("discount"))}
        ),
    ),
)


@dataclass(frozen=True)
class Month:
    """`first`: the month's first day. `invoices`: how many paid ones `amount_paid` is the sum of. Minor units.

    `refunded`: given back in this month, whenever it was paid.
    """

    first: date
    amount_paid: int
    invoices: int
    refunded: int = 0

    @property
    def net(self) -> int:
        return self.amount_paid - self.refunded


@dataclass(frozen=True)
class Revenue:
    """Of one currency: every month of the range in order, empty ones too, the current and unfinished one last."""

    currency: str
    months: tuple[Month, ...]

    def __iter__(self) -> Iterator[Month]:
        return iter(self.months)


def revenue(now: datetime, zone: tzinfo, months: int = MONTHS, as_it_stands: Standing | None = None) -> list[Revenue]:
    """Revenue of a month: the sum of `amount_paid` over the invoices whose status is paid, by the month in which
    `paid_at` falls in the account's zone, each currency alone. Refunds, disputes and Stripe's
    fees are not taken off; what was paid out of band is in, as it is in `amount_paid`. Source: ours; Stripe has none.

    Refunded in a month: the sum of the refunds that succeeded, by the month in which they were made; of payments
    without an invoice too. Disputes and credits to a customer's balance are not in it.

    At most four queries for all currencies, and one more without `as_it_stands`; the one with the most invoices first.
    """
    as_it_stands = as_it_stands or standing(zone)
    firsts = last_months(now, months, zone)
    start, cuts = start_of(firsts[0], zone), [*(end_of(first, zone) for first in firsts[:-1]), now]
    found: dict[str, list[Month]] = {}

    def months_of(currency: str) -> list[Month]:
        return found.setdefault(currency, [Month(first, 0, 0) for first in firsts])

    for (place, currency), (invoices, amount) in sums(PAID, ["currency"], cuts, as_it_stands, since=start).items():
        months_of(currency)[place] = Month(firsts[place], amount, invoices)
    for (place, currency), (_, amount) in sums(REFUNDED, ["currency"], cuts, as_it_stands, since=start).items():
        held = months_of(currency)
        held[place] = replace(held[place], refunded=amount)
    by_currency = [Revenue(currency, tuple(held)) for currency, held in found.items()]
    return sorted(by_currency, key=lambda one: (-sum(month.invoices for month in one), one.currency))


@dataclass(frozen=True)
class Earned:
    """Of one product in one currency: `lines` of paid invoices, and their `amount` in minor units."""

    product_id: str
    currency: str
    lines: int
    amount: int


def earned_by_product(since: datetime, until: datetime, zone: tzinfo) -> list[Earned]:
    """What the lines of paid invoices were for, by the product that they name: their amounts, less discounts, before
    added tax, of invoices that are paid, `paid_at` from `since` to `until`, both in it.

    That is not a part of revenue: what a customer's balance paid of an invoice, and tax, are taken off or added to
    the whole. Lines without a product are in no sum. Source: ours. At most three queries; by currency, largest first.
    """
    found = sums(EARNED_BY_PRODUCT, ["currency", "product_id"], [until], standing(zone), since=since)
    products = [Earned(product, currency, *values) for (_, currency, product), values in found.items()]
    return sorted(products, key=lambda one: (one.currency, -one.amount, one.product_id))
