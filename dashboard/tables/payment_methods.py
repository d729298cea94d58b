"""Payment methods in words: which one is charged and why, and what is wrong with that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from dashboard.tables.payments import method as named
from finances.models import PaymentMethod
from finances.reads.payment_methods import Paying, expiry, newer_than

LEVELS = {
    "invoice": "set on this invoice, which goes first",
    "invoice_source": "the source set on this invoice, which goes first",
    "subscription": "default of the subscription, which goes first",
    "subscription_source": "default source of the subscription, which goes before the customer’s",
    "customer": "default of the customer",
    "customer_source": "default source of the customer, as nothing newer is set",
}
WHY_NOT_USED = {
    "invoice": "the invoice has its own",
    "invoice_source": "the invoice has its own",
    "subscription": "the subscription has its own default",
    "subscription_source": "the subscription has its own default source",
    "customer": "it is not the customer’s default",
    "customer_source": "it is not the customer’s default",
}
FUNDING = {"debit": "debit", "prepaid": "prepaid"}


@dataclass(frozen=True)
class ShownMethod:
    """`expires`: `08/29`. `expiry`: expired, soon or empty. `charged_for`: the plans that it pays; empty for all.

    `remark`: where it is set. `charged`: whether it is the one for anything at all. `standing_by`: it would be, and no
    subscription runs that charges it.
    """

    method: PaymentMethod
    name: str
    expires: str
    expiry: str
    detail: str
    charged: bool = False
    charged_for: list[str] = field(default_factory=list)
    remark: str = ""
    standing_by: bool = False


class Warned(NamedTuple):
    """A sentence with its fact first."""

    tone: str
    fact: str
    text: str


class Pays(NamedTuple):
    """What one subscription or invoice is charged to. `name` is empty where the method was never read."""

    method_id: str
    name: str
    expiry: str
    level: str


def name(method: PaymentMethod) -> str:
    """`Visa 4242`, `SEPA debit 3000`, `Link`."""
    known = named(method)
    return f"{known.name} {known.last4}".strip() if known else "Unknown kind"


def expires(method: PaymentMethod) -> str:
    if not method.expires_month or not method.expires_year:
        return ""
    return f"{method.expires_month:02}/{method.expires_year % 100:02}"


def pays(paying: Paying, methods: Sequence[PaymentMethod], now: datetime) -> Pays | None:
    """None where an invoice is sent instead, or no method is set anywhere."""
    if paying.by_invoice or not paying.charged.method_id:
        return None
    method = next((each for each in methods if each.id == paying.charged.method_id), None)
    return Pays(
        method_id=paying.charged.method_id,
        name=name(method) if method else "",
        expiry=expiry(method, now) if method else "",
        level=LEVELS[paying.charged.level],
    )


def shown_methods(
    methods: Sequence[PaymentMethod], paying: Sequence[Paying], plans: Mapping[str, str], now: datetime
) -> list[ShownMethod]:
    """Charged ones first, then the newest. `plans`: what people call a subscription, by its id."""
    charging = [each for each in paying if not each.by_invoice]
    differ = len({each.charged.method_id for each in charging}) > 1
    shown = []
    for method in methods:
        mine = [each for each in charging if each.charged.method_id == method.id]
        levels = list(dict.fromkeys(each.charged.level for each in mine))
        shown.append(
            ShownMethod(
                method=method,
                name=name(method),
                expires=expires(method),
                expiry=expiry(method, now),
                detail=" ".join(filter(None, [FUNDING.get(method.funding, ""), method.country])),
                charged=bool(mine),
                charged_for=[plans.get(each.subscription_id) or each.subscription_id for each in mine]
                if differ
                else [],
                remark="; ".join(LEVELS[level] for level in levels).capitalize()
                if levels
                else "Not the one that is charged",
                standing_by=bool(mine) and not any(each.subscription_id for each in mine),
            )
        )
    return sorted(shown, key=lambda each: not each.charged)


def warnings(
    methods: Sequence[PaymentMethod], paying: Sequence[Paying], plans: Mapping[str, str], now: datetime
) -> list[Warned]:
    """What support has to know about the next charge: nothing there, expired, removed, or a newer card not used."""
    found: list[Warned] = []
    running = [each for each in paying if each.subscription_id and not each.by_invoice]
    known = {each.id: each for each in methods}
    for it in running:
        of = f"The next charge for {plans.get(it.subscription_id) or it.subscription_id}"
        method = known.get(it.charged.method_id)
        newer = newer_than(it.charged.method_id, methods)
        unused = f" The newer {name(newer)} is not used, because {WHY_NOT_USED[it.charged.level]}." if newer else ""
        if not it.charged.method_id and it.known:
            held = [each for each in methods if each.customer_id]
            there = f" There is {name(held[0])}, but it is no default anywhere." if held else ""
            found.append(Warned("warning", "Nothing can be charged.", f"{of} has no payment method.{there}"))
        elif method and (method.deleted_at or not method.customer_id):
            gone = f"{of} goes to {name(method)}, which was taken from the customer.{unused}"
            found.append(Warned("warning", "The method that would be charged was removed.", gone))
        elif method and expiry(method, now) == "expired":
            fact = f"{name(method)}, which will be charged, expired at the end of {expires(method)}."
            found.append(Warned("warning", fact, f"{of} is likely to fail.{unused}"))
        elif newer and method:
            fact = "The newest payment method is not the one that will be charged."
            found.append(Warned("info", fact, f"{of} goes to {name(method)}.{unused}"))
    return list(dict.fromkeys(found))
