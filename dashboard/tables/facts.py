"""What a customer, a subscription or an invoice is, as facts in words, from Stripe's JSON of any time.

The same words for two states make their difference one that people can read.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard import formatting
from dashboard.tables import history
from dashboard.tables.customers import TAX_EXEMPT, tax_ids
from dashboard.tables.subscriptions import COLLECTION, FEEDBACK, PAUSES, REASONS
from finances.metrics.monthly_value import monthly_value
from finances.reads.customer import details
from finances.reads.stored import amount_at, at, id_at, list_at, pairs_at, text_at, time_at

Json = dict[str, Any]
Facts = Iterator[tuple[str, str]]


class Compared(NamedTuple):
    label: str
    then: str
    beside: str
    changed: bool


def facts(it: Json, products: Mapping[str, str]) -> dict[str, str]:
    """Label -> words, in the order of the page; what is not there is empty. `products`: names by id."""
    if it.get("deleted") is True:
        return {_("Status"): _("deleted in Stripe")}
    of_kind = KINDS.get(text_at(it, "object"))
    return {_(label): words for label, words in of_kind(it, products)} if of_kind else {}


def compared(then: Json, beside: Json, products: Mapping[str, str]) -> list[Compared]:
    """Every fact of either, those that neither has left out."""
    one, other = facts(then, products), facts(beside, products)
    rows = [Compared(label, one.get(label, ""), other.get(label, ""), False) for label in one | other]
    return [row._replace(changed=row.then != row.beside) for row in rows if row.then or row.beside]


def changed_in_words(before: Json, after: Json, products: Mapping[str, str]) -> list[str]:
    """`Balance: 0.00 EUR → −15.00 EUR`: a line a fact that is another."""
    none = _("none")
    return [
        f"{row.label}: {row.then or none} → {row.beside or none}"
        for row in compared(before, after, products)
        if row.changed
    ]


def of_customer(it: Json, products: Mapping[str, str]) -> Facts:
    known = details(it)
    currency = text_at(it, "currency")
    yield gettext_noop("Name"), text_at(it, "name")
    yield gettext_noop("E-mail"), text_at(it, "email")
    yield gettext_noop("Phone"), known.phone
    yield gettext_noop("Address"), ", ".join(known.address)
    yield gettext_noop("Description"), known.description
    yield gettext_noop("Balance"), money(amount_at(it, "balance"), currency) if currency else ""
    yield gettext_noop("Delinquent"), yes_or_no(at(it, "delinquent"))
    yield gettext_noop("Default payment method"), id_at(it, "invoice_settings", "default_payment_method")
    yield gettext_noop("Default source"), id_at(it, "default_source")
    yield gettext_noop("Discount"), ", ".join(history.coupons(it).values())
    yield gettext_noop("Tax ids"), "; ".join(tax_ids(known.tax_ids))
    yield gettext_noop("Tax"), str(TAX_EXEMPT.get(known.tax_exempt, ""))
    yield gettext_noop("Language"), ", ".join(known.languages)
    yield gettext_noop("Metadata"), pairs(it)


def of_subscription(it: Json, products: Mapping[str, str]) -> Facts:
    items = list_at(it, "items")
    currency = text_at(it, "currency")
    period = next((each for each in (it, *items) if time_at(each, "current_period_end")), {})
    yield gettext_noop("Status"), formatting.word(text_at(it, "status"))
    yield (
        gettext_noop("Items"),
        "; ".join(
            f"{history.quantity(each)} × {history.product(each, products)}, {history.price(each)}" for each in items
        ),
    )
    yield gettext_noop("Monthly value"), value(it, currency)
    yield gettext_noop("Period"), span(time_at(period, "current_period_start"), time_at(period, "current_period_end"))
    yield gettext_noop("Trial until"), exact(time_at(it, "trial_end"))
    yield gettext_noop("Discounts"), ", ".join(history.coupons(it).values())
    yield gettext_noop("Cancels at the end of its period"), yes_or_no(at(it, "cancel_at_period_end"))
    yield gettext_noop("Cancels on"), exact(time_at(it, "cancel_at"))
    yield gettext_noop("Canceled"), exact(time_at(it, "canceled_at"))
    yield gettext_noop("Ended"), exact(time_at(it, "ended_at"))
    reason, feedback = text_at(it, "cancellation_details", "reason"), text_at(it, "cancellation_details", "feedback")
    yield gettext_noop("Reason"), str(REASONS.get(reason, reason))
    yield gettext_noop("Feedback"), str(FEEDBACK.get(feedback, feedback))
    pause = text_at(it, "pause_collection", "behavior")
    yield gettext_noop("Collection paused"), str(PAUSES.get(pause, pause))
    method = text_at(it, "collection_method")
    yield gettext_noop("Collection"), str(COLLECTION.get(method, method))
    yield gettext_noop("Default payment method"), id_at(it, "default_payment_method")
    yield gettext_noop("Default source"), id_at(it, "default_source")
    yield gettext_noop("Description"), text_at(it, "description")
    yield gettext_noop("Metadata"), pairs(it)


def of_invoice(it: Json, products: Mapping[str, str]) -> Facts:
    currency = text_at(it, "currency")
    yield gettext_noop("Status"), formatting.word(text_at(it, "status"))
    yield gettext_noop("Number"), text_at(it, "number")
    for label, name in (
        (gettext_noop("Total"), "total"),
        (gettext_noop("Due amount"), "amount_due"),
        (gettext_noop("Paid amount"), "amount_paid"),
        (gettext_noop("Remaining"), "amount_remaining"),
    ):
        yield label, money(amount_at(it, name), currency)
    yield gettext_noop("Lines"), "; ".join(lines(it, currency))
    method = text_at(it, "collection_method")
    yield gettext_noop("Collection"), str(COLLECTION.get(method, method))
    yield gettext_noop("Due"), exact(time_at(it, "due_date"))
    attempts = amount_at(it, "attempt_count")
    yield gettext_noop("Tries"), "" if attempts is None else formatting.whole_number(attempts)
    yield gettext_noop("Next try"), exact(time_at(it, "next_payment_attempt"))
    for label, name in (
        (gettext_noop("Finalised"), "finalized_at"),
        (gettext_noop("Paid"), "paid_at"),
        (gettext_noop("Voided"), "voided_at"),
        (gettext_noop("Written off"), "marked_uncollectible_at"),
    ):
        yield label, exact(time_at(it, "status_transitions", name))
    yield gettext_noop("Default payment method"), id_at(it, "default_payment_method")
    yield gettext_noop("Memo"), text_at(it, "description")
    yield gettext_noop("Metadata"), pairs(it)


KINDS: dict[str, Callable[[Json, Mapping[str, str]], Facts]] = {
    "customer": of_customer,
    "subscription": of_subscription,
    "invoice": of_invoice,
}


def value(it: Json, currency: str) -> str:
    """As far as the state itself tells: neither tiers nor coupons that stand in other objects are known for then."""
    try:
        total = monthly_value(it).total
    except (AttributeError, KeyError, TypeError, ArithmeticError):  # a shape that the rules do not know
        return ""
    return "" if total is None else money(total, currency)


def lines(it: Json, currency: str) -> Iterator[str]:
    for each in list_at(it, "lines"):
        yield f"{text_at(each, 'description')}, {money(amount_at(each, 'amount'), currency)}"
    if at(it, "lines", "has_more") is True:
        yield _("and more")


def money(minor: Any, currency: str) -> str:
    return "" if minor is None else formatting.amount(minor, currency).strip()


def exact(moment: datetime | None) -> str:
    return formatting.exact(moment) if moment else ""


def span(start: datetime | None, end: datetime | None) -> str:
    return f"{exact(start)} – {exact(end)}" if start and end else ""


def yes_or_no(value: Any) -> str:
    return {True: _("yes"), False: _("no")}.get(value, "") if isinstance(value, bool) else ""


def pairs(it: Json) -> str:
    return ", ".join(f"{key}={each}" for key, each in pairs_at(it, "metadata"))
