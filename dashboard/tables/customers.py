"""Customers in words: how they stand, what they pay for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.tables.payment_methods import name as method_name
from dashboard.tables.remark import Remark
from dashboard.tables.subscriptions import plan, standing
from finances.models import Customer, Subscription
from finances.reads.customers import Amount, CustomerRow, Retried
from finances.reads.payment_methods import expiry
from finances.reads.subscriptions import ENDED
from finances.reads.whose import Namesake

NO_SUBSCRIPTION = gettext_lazy("No subscription")
TAX_EXEMPT = {
    "exempt": gettext_lazy("Exempt from tax"),
    "reverse": gettext_lazy("Owes the tax itself (reverse charge)"),
}
VERIFIED = {
    "pending": gettext_lazy("being verified"),
    "unverified": gettext_lazy("does not verify"),
    "verified": "verified",
}


@dataclass(frozen=True)
class ShownCustomer:
    """`status`: of the most pressing subscription, `none` without one. Amounts: one a currency, empty for nothing.

    `method`: the customer's default, `expiry` of it: expired, soon or empty.
    """

    customer: Customer
    title: str
    status: str
    standing: Remark | None
    plan: str
    mrr: list[Amount]
    open: list[Amount]
    paid: list[Amount]
    method: str
    expiry: str


def shown_customers(rows: Sequence[CustomerRow], now: datetime) -> list[ShownCustomer]:
    return [
        ShownCustomer(
            customer=row.customer,
            title=title(row.customer),
            status=status(row.subscriptions),
            standing=outdated(row.customer, row.subscriptions) or customer_standing(row.subscriptions, row.retried),
            plan=plan(row.items),
            mrr=row.mrr,
            open=row.billed.open,
            paid=row.billed.paid,
            method=method_name(row.method) if row.method else "",
            expiry=expiry(row.method, now) if row.method else "",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class ShownNamesake:
    """`status`: of the most pressing subscription, `none` without one, `deleted` where the customer is."""

    customer: Customer
    status: str
    mrr: list[Amount]


def shown_namesakes(found: Sequence[Namesake]) -> list[ShownNamesake]:
    return [
        ShownNamesake(each.customer, "deleted" if each.customer.deleted_at else status(each.subscriptions), each.mrr)
        for each in found
    ]


def title(customer: Customer) -> str:
    return customer.name or _("(no name)")


def tax_ids(ids: Sequence[tuple[str, str, str]]) -> list[str]:
    """`DE811907980, EU VAT, verified`. Each is (value, Stripe's type, how its verification stands)."""
    return [
        ", ".join(filter(None, [value, kind.replace("_", " ").upper(), str(VERIFIED.get(state, ""))]))
        for value, kind, state in ids
        if value
    ]


def status(subscriptions: Sequence[Subscription]) -> str:
    """`subscriptions`: most pressing first."""
    return subscriptions[0].status if subscriptions else "none"


def outdated(customer: Customer, subscriptions: Sequence[Subscription]) -> Remark | None:
    """That the status cannot be so any more: Stripe cancels what runs with the customer that it deletes."""
    if not customer.deleted_at or all(each.status in ENDED for each in subscriptions):
        return None
    return Remark(_("as last read, before the customer was deleted"), tone="warning")


def customer_standing(subscriptions: Sequence[Subscription], retried: Retried | None) -> Remark | None:
    """What qualifies the status, the most urgent fact only."""
    if retried:
        count = retried.attempt_count
        if retried.next_attempt_at:
            said = ngettext("%(tries)s try failed, next", "%(tries)s tries failed, next", count)
            return Remark(said % {"tries": f"{count:,}"}, retried.next_attempt_at, "")
        said = ngettext("%(tries)s try failed, none planned", "%(tries)s tries failed, none planned", count)
        return Remark(said % {"tries": f"{count:,}"})
    if not subscriptions:
        return None
    running = sum(each.status not in ENDED for each in subscriptions)
    several = ngettext("%(count)s subscription", "%(count)s subscriptions", running) % {"count": running}
    return standing(subscriptions[0]) or (Remark(several) if running > 1 else None)
