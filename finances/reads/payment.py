"""One payment's page: the intent with all its attempts, or an old charge that has no intent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from djstripe import models as djstripe

from finances.models import (
    BalanceTransaction,
    Charge,
    Customer,
    Delivery,
    Dispute,
    Invoice,
    InvoicePayment,
    Payment,
    PaymentMethod,
    Refund,
)
from finances.reads.customers import Amount
from finances.reads.invoices import is_past_due, with_money_on_its_way
from finances.reads.payments import latest_of, standing_of
from finances.reads.stored import amount_at, json_of, pairs_at, stored, stripe_address, text_at, with_stored
from finances.reads.timeline import objects_timeline

MOST_ATTEMPTS = 50


@dataclass(frozen=True)
class Attempt:
    """A charge, and what only Stripe's JSON holds of it. `network_code`: the bank's own two characters.

    `receipt`: its address; `receipt_number`: empty until Stripe sent one.
    """

    charge: Charge
    seller_message: str
    network_code: str
    risk_score: int | None
    receipt: str
    receipt_number: str = ""


@dataclass(frozen=True)
class Purpose:
    """An invoice that this payment pays, or was to pay; None where it was never read."""

    link: InvoicePayment
    invoice: Invoice | None
    past_due: bool


@dataclass(frozen=True)
class Terms:
    """What only Stripe's JSON of the intent holds."""

    cancellation_reason: str
    capture_method: str
    next_action: str
    descriptor: str
    receipt_email: str
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class PaymentPage:
    """`attempts`: newest first. `movements`: of the balance, oldest first, by the charges, refunds and disputes.

    `fees` and `net`: sums of the movements, per currency of the balance, which may not be the payment's.
    `refunded`: what went back or is on its way, in minor units of the payment's currency.
    """

    payment: Payment
    standing: str
    customer: Customer | None
    attempts: list[Attempt]
    method: PaymentMethod | None
    purposes: list[Purpose]
    refunds: list[Refund]
    disputes: list[Dispute]
    movements: list[BalanceTransaction]
    terms: Terms
    timeline: list[Delivery]

    @property
    def latest(self) -> Charge | None:
        return latest_of(self.payment, [each.charge for each in self.attempts])

    @property
    def refunded(self) -> int:
        return sum(each.charge.amount_refunded for each in self.attempts)

    @property
    def failed_attempts(self) -> int:
        return sum(each.charge.status == "failed" for each in self.attempts)

    @property
    def fees(self) -> list[Amount]:
        return per_currency((each.currency, each.fee) for each in self.movements)

    @property
    def net(self) -> list[Amount]:
        return per_currency((each.currency, each.net) for each in self.movements)

    @property
    def receipt_numbers(self) -> list[str]:
        return [each.receipt_number for each in self.attempts if each.receipt_number]

    @property
    def ids(self) -> list[str]:
        return [self.payment.id, *(each.charge.id for each in self.attempts)]


def intent_of(charge_id: str) -> str:
    """The payment whose attempt this charge is; empty where none is stored. Raises Payment.DoesNotExist."""
    try:
        payment_id = Charge.objects.values_list("payment_intent_id", flat=True).get(id=charge_id)
    except Charge.DoesNotExist as error:
        raise Payment.DoesNotExist(charge_id) from error
    return payment_id if Payment.objects.filter(id=payment_id).exists() else ""


def payment_page(payment_id: str, now: datetime) -> PaymentPage:
    """Of an intent, or of a charge without one. Eleven queries, whatever it holds. Raises Payment.DoesNotExist."""
    if payment_id.startswith("pi_"):
        payment, charges = Payment.objects.get(id=payment_id), Q(payment_intent_id=payment_id)
    else:
        charges = Q(id=payment_id)
        payment = of_charge(payment_id)
    rows = with_stored(Charge.objects.filter(charges), djstripe.Charge)
    attempts = [attempt(each) for each in rows.order_by("-created_at", "-id")[:MOST_ATTEMPTS]]
    charge_ids = [each.charge.id for each in attempts]
    about = Q(charge_id__in=charge_ids) | (Q(payment_intent_id=payment.id) & ~Q(payment_intent_id=""))
    refunds = list(Refund.objects.filter(about).order_by("-created_at", "-id"))
    disputes = list(Dispute.objects.filter(about).order_by("-created_at", "-id"))
    sources = charge_ids + [each.id for each in refunds] + [each.id for each in disputes]
    return PaymentPage(
        payment=payment,
        standing=standing_of(payment, latest_of(payment, [each.charge for each in attempts])),
        customer=Customer.objects.filter(id=payment.customer_id).first(),
        attempts=attempts,
        method=PaymentMethod.objects.filter(id=payment.payment_method_id).first(),
        purposes=purposes(payment.id, charge_ids, now),
        refunds=refunds,
        disputes=disputes,
        movements=list(BalanceTransaction.objects.filter(source_id__in=sources).order_by("created_at", "id")),
        terms=terms(stored(djstripe.PaymentIntent, payment.id)),
        timeline=list(objects_timeline([payment.id, *sources])),
    )


def of_charge(charge_id: str) -> Payment:
    """A charge without an intent, as if it were the only attempt of one; not saved. Raises Payment.DoesNotExist."""
    charge = Charge.objects.filter(id=charge_id).first()
    if charge is None:
        raise Payment.DoesNotExist(charge_id)
    statuses = {"failed": "requires_payment_method", "pending": "processing"}
    return Payment(
        id=charge.id,
        livemode=charge.livemode,
        customer_id=charge.customer_id,
        status=statuses.get(charge.status, charge.status),
        currency=charge.currency,
        amount=charge.amount,
        amount_received=charge.amount_captured,
        payment_method_id=charge.payment_method_id,
        latest_charge_id=charge.id,
        failure_code=charge.failure_code,
        decline_code=charge.decline_code,
        created_at=charge.created_at,
    )


def attempt(charge: Any) -> Attempt:
    """From a charge that came with Stripe's JSON, of any API version; what is missing is empty."""
    data = json_of(charge)
    return Attempt(
        charge=charge,
        seller_message=text_at(data, "outcome", "seller_message"),
        network_code=text_at(data, "outcome", "network_decline_code"),
        risk_score=amount_at(data, "outcome", "risk_score"),
        receipt=stripe_address(text_at(data, "receipt_url")),
        receipt_number=text_at(data, "receipt_number"),
    )


def purposes(payment_id: str, charge_ids: Sequence[str], now: datetime) -> list[Purpose]:
    """Two queries."""
    about = Q(payment_intent_id=payment_id) | (Q(charge_id__in=charge_ids) & Q(payment_intent_id=""))
    links = list(InvoicePayment.objects.filter(about).order_by("created_at", "id"))
    invoices = with_money_on_its_way(Invoice.objects.all()).in_bulk({each.invoice_id for each in links})
    found = [(each, invoices.get(each.invoice_id)) for each in links]
    return [Purpose(link, invoice, invoice is not None and is_past_due(invoice, now)) for link, invoice in found]


def terms(intent: dict[str, Any]) -> Terms:
    return Terms(
        cancellation_reason=text_at(intent, "cancellation_reason"),
        capture_method=text_at(intent, "capture_method"),
        next_action=text_at(intent, "next_action", "type"),
        descriptor=text_at(intent, "statement_descriptor") or text_at(intent, "statement_descriptor_suffix"),
        receipt_email=text_at(intent, "receipt_email"),
        metadata=pairs_at(intent, "metadata"),
    )


def per_currency(pairs: Iterable[tuple[str, int]]) -> list[Amount]:
    sums: dict[str, int] = {}
    for currency, amount in pairs:
        sums[currency] = sums.get(currency, 0) + amount
    return [Amount(amount, currency) for currency, amount in sorted(sums.items())]
