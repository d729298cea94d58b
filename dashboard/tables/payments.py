"""Payments in words: how they stand, how they are paid, what each attempt came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import Text, readable
from dashboard.tables.failures import Failure, failure_in_words
from finances.models import BalanceTransaction, Charge, Customer, Payment, PaymentMethod
from finances.reads.attempts import Purpose
from finances.reads.payment import Attempt
from finances.reads.payments import PaymentRow

# Standing: the badge's word and tone.
STANDINGS: dict[str, tuple[Text, str]] = {
    "succeeded": (gettext_lazy("Succeeded"), "positive"),
    "failed": (gettext_lazy("Failed"), "negative"),
    "incomplete": (gettext_lazy("Incomplete"), "warning"),
    "requires_action": (gettext_lazy("Needs action"), "warning"),
    "uncaptured": (gettext_lazy("Uncaptured"), "warning"),
    "processing": (gettext_lazy("Processing"), "info"),
    "canceled": (gettext_lazy("Canceled"), "neutral"),
    "refunded": (gettext_lazy("Refunded"), "neutral"),
    "partially_refunded": (gettext_lazy("Partly refunded"), "info"),
    "disputed": (gettext_lazy("Disputed"), "warning"),
}
METHODS = {
    "acss_debit": gettext_lazy("Canadian bank debit"),
    "au_becs_debit": gettext_lazy("Australian bank debit"),
    "bacs_debit": gettext_lazy("Bacs debit"),
    "card": gettext_lazy("Card"),
    "customer_balance": gettext_lazy("Bank transfer"),
    "link": gettext_lazy("Link"),
    "paypal": gettext_lazy("PayPal"),
    "sepa_debit": gettext_lazy("SEPA debit"),
    "us_bank_account": gettext_lazy("US bank account"),
    "ideal": "iDEAL",
}
BRANDS = {
    "amex": "Amex",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
    "cartes_bancaires": "Cartes Bancaires",
}
RISKS = {
    "normal": gettext_lazy("normal"),
    "elevated": gettext_lazy("elevated"),
    "highest": gettext_lazy("highest"),
}
WAITING = {
    "requires_action": gettext_lazy("The customer has to approve it with the bank."),
    "requires_confirmation": gettext_lazy("It was begun and never confirmed."),
    "requires_payment_method": gettext_lazy("No way to pay was given so far."),
}
CANCELLATIONS = {
    "abandoned": gettext_lazy("the customer gave up"),
    "automatic": gettext_lazy("Stripe cancelled it after a while"),
    "duplicate": gettext_lazy("it was a duplicate"),
    "expired": gettext_lazy("it ran out of time"),
    "failed_invoice": gettext_lazy("its invoice failed"),
    "fraudulent": gettext_lazy("it was taken for fraud"),
    "requested_by_customer": gettext_lazy("the customer asked for it"),
    "void_invoice": gettext_lazy("its invoice was voided"),
}
MOVEMENTS = {
    "adjustment": gettext_lazy("Dispute or correction"),
    "charge": gettext_lazy("Payment"),
    "payment": gettext_lazy("Payment"),
    "payment_failure_refund": gettext_lazy("Refund of a failed payment"),
    "payment_refund": gettext_lazy("Refund"),
    "payment_reversal": gettext_lazy("Payment taken back"),
    "refund": gettext_lazy("Refund"),
    "refund_failure": gettext_lazy("Refund that came back"),
    "stripe_fee": gettext_lazy("Fee of Stripe"),
    "tax_fee": gettext_lazy("Tax on fees"),
}
REPORTED = {
    "dispute": gettext_lazy("Dispute"),
    "dispute_reversal": gettext_lazy("Dispute, money returned"),
    "refund_failure": gettext_lazy("Refund that came back"),
}


class Method(NamedTuple):
    """`name`: the card's brand or the kind of method. `last4` may be empty."""

    name: str
    last4: str


@dataclass(frozen=True)
class ShownPayment:
    """`failure`: of one that stands as failed, or that failed and was then cancelled.

    `about`: the description, or else the id. `tries`: how many, of several, and `tried_at` the last of them.
    """

    payment: Payment
    customer: Customer | None
    about: str
    word: str
    tone: str
    waiting: str
    failure: Failure | None
    tries: str
    tried_at: datetime | None
    method: Method | None
    purposes: list[Purpose]


@dataclass(frozen=True)
class ShownAttempt:
    """`said`: what Stripe tells the seller. `network_code`: the bank's own, of two characters. Both of failed ones."""

    charge: Charge
    status: str
    failure: Failure | None
    method: Method | None
    risk: str
    said: str
    network_code: str
    risky: bool


def shown_payments(rows: Sequence[PaymentRow]) -> list[ShownPayment]:
    return [shown_payment(row) for row in rows]


def shown_payment(row: PaymentRow) -> ShownPayment:
    word, tone = standing(row.standing)
    return ShownPayment(
        payment=row.payment,
        customer=row.customer,
        about=row.payment.description or row.payment.id,
        word=word,
        tone=tone,
        waiting=str(WAITING.get(row.payment.status, "")) if row.standing in ("incomplete", "requires_action") else "",
        failure=why_unpaid(row.standing, row.payment, row.latest),
        tries=attempts(len(row.attempts)) if len(row.attempts) > 1 else "",
        tried_at=row.attempts[0].created_at if len(row.attempts) > 1 else None,
        method=method(row.method),
        purposes=row.purposes,
    )


def attempts(count: int) -> str:
    return ngettext("%(count)s attempt", "%(count)s attempts", count) % {"count": f"{count:,}"}


def standing(name: str) -> tuple[str, str]:
    """The badge's word and tone; a name that nobody knows is made readable."""
    word, tone = STANDINGS.get(name) or (readable(name), "neutral")
    return str(word), tone


def why_unpaid(standing: str, payment: Payment, latest: Charge | None) -> Failure | None:
    """Of a payment that failed, and of one that was cancelled after it had: 3-D Secure fails without any charge."""
    cancelled_after = standing == "canceled" and (payment.failure_code or payment.decline_code)
    return last_failure(payment, latest) if standing == "failed" or cancelled_after else None


def last_failure(payment: Payment, latest: Charge | None) -> Failure:
    """Of the intent's last error. Only the charge says that Radar stopped it, if the error is of that charge."""
    failed = latest if latest and latest.status == "failed" else None
    if not (payment.failure_code or payment.decline_code):
        return of_charge(failed) if failed else failure_in_words("", "")
    same = failed and failed.failure_code == payment.failure_code
    return failure_in_words(payment.failure_code, payment.decline_code, failed.outcome_type if failed and same else "")


def of_charge(charge: Charge) -> Failure:
    return failure_in_words(charge.failure_code, charge.decline_code, charge.outcome_type)


def method(it: Charge | PaymentMethod | None) -> Method | None:
    if it is None:
        return None
    kind = it.method_type if isinstance(it, Charge) else it.type
    name = BRANDS.get(it.brand, it.brand.replace("_", " ").title()) if it.brand and kind == "card" else kind_name(kind)
    return Method(name, it.last4) if name else None


def kind_name(kind: str) -> str:
    return str(METHODS.get(kind) or readable(kind))


def shown_attempts(attempts: Sequence[Attempt]) -> list[ShownAttempt]:
    return [
        ShownAttempt(
            charge=each.charge,
            status=each.charge.status,
            failure=of_charge(each.charge) if each.charge.status == "failed" else None,
            method=method(each.charge),
            risk=risk(each),
            said=said(each),
            network_code=each.network_code if each.charge.status == "failed" else "",
            risky=each.charge.risk_level in ("elevated", "highest"),
        )
        for each in attempts
    ]


def said(attempt: Attempt) -> str:
    """What Stripe tells the seller of a failed attempt, unless it only repeats the code or that there is no reason."""
    message = attempt.seller_message
    repeats = attempt.charge.decline_code and attempt.charge.decline_code in message
    silent = "did not return any further details" in message
    return "" if attempt.charge.status != "failed" or repeats or silent else message


def risk(attempt: Attempt) -> str:
    """`normal, 23 of 100`; empty where Stripe did not look."""
    level = str(RISKS.get(attempt.charge.risk_level, ""))
    if not level or attempt.risk_score is None:
        return level
    return _("%(level)s, %(score)s of 100") % {"level": level, "score": attempt.risk_score}


def movement(it: BalanceTransaction) -> str:
    """What a balance transaction is, in words."""
    return str(REPORTED.get(it.reporting_category) or MOVEMENTS.get(it.type) or readable(it.type))


class ShownMovement(NamedTuple):
    transaction: BalanceTransaction
    words: str
    pending: bool


def shown_movements(transactions: Sequence[BalanceTransaction], now: datetime) -> list[ShownMovement]:
    """`pending`: not in the balance that can be paid out yet."""
    return [
        ShownMovement(each, movement(each), each.available_at is not None and each.available_at > now)
        for each in transactions
    ]
