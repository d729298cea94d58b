"""Payment methods in words: which one is charged and why, and what is wrong with that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.tables.payments import method as named
from finances.models import PaymentMethod
from finances.reads.payment_methods import Paying, expiry, newer_than

LEVELS = {
    "invoice": gettext_lazy("set on this invoice, which goes first"),
    "invoice_source": gettext_lazy("the source set on this invoice, which goes first"),
    "subscription": gettext_lazy("default of the subscription, which goes first"),
    "subscription_source": gettext_lazy("default source of the subscription, which goes before the customer’s"),
    "customer": gettext_lazy("default of the customer"),
    "customer_source": gettext_lazy("default source of the customer, as nothing newer is set"),
}
WHY_NOT_USED = {
    "invoice": gettext_lazy("the invoice has its own"),
    "invoice_source": gettext_lazy("the invoice has its own"),
    "subscription": gettext_lazy("the subscription has its own default"),
    "subscription_source": gettext_lazy("the subscription has its own default source"),
    "customer": gettext_lazy("it is not the customer’s default"),
    "customer_source": gettext_lazy("it is not the customer’s default"),
}
FUNDING = {"debit": gettext_lazy("debit"), "prepaid": gettext_lazy("prepaid")}
"""What is said beside the brand; that a card is one of credit goes without saying."""
ANY_FUNDING = FUNDING | {"credit": gettext_lazy("credit"), "unknown": gettext_lazy("unknown")}


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
    return f"{known.name} {known.last4}".strip() if known else _("Unknown kind")


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
        level=str(LEVELS[paying.charged.level]),
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
                detail=" ".join(filter(None, [str(FUNDING.get(method.funding, "")), method.country])),
                charged=bool(mine),
                charged_for=[plans.get(each.subscription_id) or each.subscription_id for each in mine]
                if differ
                else [],
                remark=capfirst("; ".join(str(LEVELS[level]) for level in levels))
                if levels
                else _("Not the one that is charged"),
                standing_by=bool(mine) and not any(each.subscription_id for each in mine),
            )
        )
    return sorted(shown, key=lambda each: not each.charged)


def warnings(
    methods: Sequence[PaymentMethod], paying: Sequence[Paying], plans: Mapping[str, str], now: datetime
) -> list[Warned]:
    """What support has to know about the next charge: nothing there, expired, removed, or a newer card not used."""
    found: list[Warned] = []
    known = {each.id: each for each in methods}
    for it in paying:
        if it.subscription_id and not it.by_invoice:
            newer = newer_than(it.charged.method_id, methods)
            warned = _warning(it, known.get(it.charged.method_id), newer, plans, now)
            if warned is None and it.known and not it.charged.method_id:
                warned = _nothing_to_charge(it, [each for each in methods if each.customer_id], newer, plans)
            found += [warned] if warned else []
    return list(dict.fromkeys(found))


def _warning(
    it: Paying, method: PaymentMethod | None, newer: PaymentMethod | None, plans: Mapping[str, str], now: datetime
) -> Warned | None:
    """Of the method that would be charged, if it is stored here."""
    if method is None:
        return None
    facts = {"plan": _plan(it, plans), "method": name(method), "expires": expires(method)}
    if method.deleted_at or not method.customer_id:
        tone, fact = "warning", _("The method that would be charged was removed.")
        said = _("The next charge for %(plan)s goes to %(method)s, which was taken from the customer.")
    elif expiry(method, now) == "expired":
        tone, fact = "warning", _("%(method)s, which will be charged, expired at the end of %(expires)s.") % facts
        said = _("The next charge for %(plan)s is likely to fail.")
    elif newer:
        tone, fact = "info", _("The newest payment method is not the one that will be charged.")
        said = _("The next charge for %(plan)s goes to %(method)s.")
    else:
        return None
    return Warned(tone, fact, " ".join(filter(None, [said % facts, _unused(it, newer)])))


def _nothing_to_charge(
    it: Paying, held: Sequence[PaymentMethod], newer: PaymentMethod | None, plans: Mapping[str, str]
) -> Warned:
    said = _("The next charge for %(plan)s has no payment method.") % {"plan": _plan(it, plans)}
    there = _("There is %(method)s, but it is no default anywhere.") % {"method": name(held[0])} if held else ""
    return Warned("warning", _("Nothing can be charged."), " ".join(filter(None, [said, there])))


def _unused(it: Paying, newer: PaymentMethod | None) -> str:
    if newer is None:
        return ""
    why = WHY_NOT_USED[it.charged.level]
    return _("The newer %(method)s is not used, because %(why)s.") % {"method": name(newer), "why": why}


def _plan(it: Paying, plans: Mapping[str, str]) -> str:
    return plans.get(it.subscription_id) or it.subscription_id
