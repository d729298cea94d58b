"""The list of payments: how each stands, its attempts, what it is for, and the list's sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from finances.models import Charge, Customer, InvoicePayment, Payment, PaymentMethod
from finances.models.payment import UNPAID
from finances.reads.attempts import Purpose, purposes_of
from finances.reads.keyset import MOST_COUNTED, capped_count
from finances.reads.lists import with_line
from finances.reads.search import Found
from finances.reads.subscriptions import customers_named

FAILED = ~Q(failure_code="") | ~Q(decline_code="")


@dataclass(frozen=True)
class PaymentRow:
    """`attempts`: the charges, newest first. `method`: None where nothing names one."""

    payment: Payment
    customer: Customer | None
    attempts: list[Charge]
    method: Charge | PaymentMethod | None
    purposes: list[Purpose] = field(default_factory=list)

    @property
    def latest(self) -> Charge | None:
        return latest_of(self.payment, self.attempts)

    @property
    def standing(self) -> str:
        return standing_of(self.payment, self.latest)


@dataclass(frozen=True)
class PaymentSums:
    """Of one currency, in its minor units, whatever the payments' statuses. `received`: before refunds and disputes."""

    currency: str
    payments: int
    amount: int
    received: int


def newest_payments() -> QuerySet[Payment]:
    return Payment.objects.filter(deleted_at=None).order_by("-created_at", "-id")


def standing(name: str) -> Q:
    """Payments in one state, of those that Stripe's own list shows.

    `succeeded`: the money came, whatever happened to it later. `refunded` (in part or in full) and `disputed` are of
    those, by their last charge. `failed`: the last try failed and nothing else is on. `incomplete`: waits for the
    customer, or was never tried. `uncaptured`: reserved on the card, not taken. Others: Stripe's status.
    """
    match name:
        case "failed":
            return Q(status="requires_payment_method") & FAILED
        case "incomplete":
            return Q(status__in=UNPAID) & ~(Q(status="requires_payment_method") & FAILED)
        case "uncaptured":
            return Q(status="requires_capture")
        case "refunded" | "disputed":
            return Q(status="succeeded", **{name: True})
    return Q(status=name)


def standing_of(payment: Payment, latest: Charge | None) -> str:
    """The same of a row at hand, in one word: what happened last wins.

    disputed, refunded, partially_refunded, succeeded, failed, incomplete, requires_action, uncaptured, processing,
    canceled; a status that Stripe may add stays as it is.
    """
    if payment.status == "succeeded" and latest:
        if latest.disputed:
            return "disputed"
        if latest.amount_refunded:
            return "refunded" if latest.refunded else "partially_refunded"
    if payment.status == "requires_payment_method":
        return "failed" if payment.failure_code or payment.decline_code else "incomplete"
    if payment.status == "requires_confirmation":
        return "incomplete"
    return "uncaptured" if payment.status == "requires_capture" else payment.status


def latest_of(payment: Payment, attempts: Sequence[Charge]) -> Charge | None:
    """The attempt that Stripe calls the latest; the newest one where that is not stored. `attempts`: newest first."""
    # Two attempts can be of the same second, so their times do not tell which came last.
    named = (each for each in attempts if each.id == payment.latest_charge_id)
    return next(named, attempts[0] if attempts else None)


def attempted(condition: Q) -> Q:
    """Payments with an attempt (a charge) of which all of `condition` is true."""
    return Q(id__in=Charge.objects.filter(condition).values("payment_intent_id"))


def paying_for(**of_line: str) -> Q:
    """Payments of an invoice with a line like this, whether they went through or not."""
    links = InvoicePayment.objects.filter(with_line("invoice_id", **of_line), deleted_at=None)
    return Q(Exists(links.filter(payment_intent_id=OuterRef("id"))))


def with_attempts(condition: Q) -> Found:
    """The same, begun at the attempts where these are few. Where they are more than counts go, each payment is asked
    from the newest on, which soon fills a page; nobody counts those. One query."""
    if capped_count(Charge.objects.filter(condition)) <= MOST_COUNTED:
        return Found(attempted(condition), None, few=True)
    theirs = Charge.objects.filter(condition, payment_intent_id=OuterRef("id"))
    # Of an EXISTS PostgreSQL may read all attempts that are so first; of one value it cannot.
    return Found(Q(id=Subquery(theirs.values("payment_intent_id")[:1])), None)


def failed_for(reason: str) -> Q:
    """Attempts that failed with this decline code, or with this failure code where the bank gave no other."""
    return Q(status="failed") & (Q(decline_code=reason) | Q(decline_code="", failure_code=reason))


def payment_rows(payments: Sequence[Payment]) -> list[PaymentRow]:
    """The page's rows with customers, attempts, methods and invoices: four queries, however many rows."""
    customers = customers_named(each.customer_id for each in payments)
    attempts = attempts_of(each.id for each in payments)
    untried = {each.payment_method_id for each in payments if each.id not in attempts}
    methods = PaymentMethod.objects.in_bulk(untried - {""})
    purposes = purposes_of(each.id for each in payments)
    return [
        PaymentRow(
            payment=each,
            customer=customers.get(each.customer_id),
            attempts=attempts.get(each.id, []),
            method=latest_of(each, attempts.get(each.id, [])) or methods.get(each.payment_method_id),
            purposes=purposes.get(each.id, []),
        )
        for each in payments
    ]


def attempts_of(payment_ids: Iterable[str]) -> dict[str, list[Charge]]:
    """Charges by payment, newest first: one query."""
    found: dict[str, list[Charge]] = {}
    for charge in Charge.objects.filter(payment_intent_id__in=set(payment_ids)).order_by("-created_at", "-id"):
        found.setdefault(charge.payment_intent_id, []).append(charge)
    return found


def payment_sums(payments: QuerySet[Payment]) -> list[PaymentSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    counted = (
        payments.order_by()
        .values("currency")
        .annotate(payments=Count("id"), sum_amount=Sum("amount"), sum_received=Sum("amount_received"))
        .order_by("-payments", "currency")
    )
    return [PaymentSums(row["currency"], row["payments"], row["sum_amount"], row["sum_received"]) for row in counted]
