"""One customer's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.fields.json import KeyTransform
from djstripe import models as djstripe

from finances.models import Charge, Customer, Invoice, ObjectState, Payment, PaymentMethod, Subscription
from finances.reads.access import OWING, Access, access_of_customer
from finances.reads.access_end import AccessEnd, access_end
from finances.reads.attempts import purposes_of
from finances.reads.balance import Movement, movements_of
from finances.reads.customers import Amount, Billed, recurring_revenue
from finances.reads.discounts import AppliedDiscount, discounts_of_customer
from finances.reads.invoices import InvoiceRow, is_past_due, past_due, with_money_on_its_way
from finances.reads.payment_methods import Paying, methods_of, paying_for, will_be_charged
from finances.reads.payments import PaymentRow, attempts_of
from finances.reads.returns import Returns, returns_of_customer
from finances.reads.stored import at, json_of, list_at, pairs_at, text_at, with_stored
from finances.reads.subscriptions import ENDED, RECURRING, Item, SubscriptionRow, items_of, most_pressing_first
from finances.reads.whose import Namesake, former_emails_of, namesakes

NEWEST_INVOICES = 8
NEWEST_PAYMENTS = 8
CHARGE_NOTHING = (*ENDED, "unpaid", "paused")
"""Statuses in which Stripe tries no method: what is open stays open."""


@dataclass(frozen=True)
class Details:
    """What only Stripe's JSON holds. `address`: its lines, none empty. `tax_ids`: (value, type, verification)."""

    description: str
    address: list[str]
    phone: str
    languages: list[str]
    tax_ids: list[tuple[str, str, str]]
    tax_exempt: str
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class CustomerPage:
    """`late`: the open invoice that is past due with the most failed tries, then the oldest; `late_count`: all such;
    `late_sums`: what remains of them.

    `access_end`: of the subscription that `access` is about.
    `paying`: one for each subscription that Stripe charges, most pressing first; one of the customer alone where it
    charges none.
    `discounts`: those that still count, of the customer and of running subscriptions. `namesakes`: other customers with
    the same e-mail. `former_emails`: (e-mail, until when), the latest first. `erased_at`: since when nothing says who
    it was.
    """

    customer: Customer
    access: Access
    access_end: AccessEnd | None
    subscriptions: list[SubscriptionRow]
    mrr: list[Amount]
    billed: Billed
    invoices: list[InvoiceRow]
    invoice_count: int
    open_count: int
    late: Invoice | None
    late_count: int
    late_sums: list[Amount]
    details: Details
    methods: list[PaymentMethod]
    paying: list[Paying]
    payments: list[PaymentRow]
    returns: Returns
    movements: list[Movement]
    discounts: list[AppliedDiscount]
    namesakes: list[Namesake]
    former_emails: list[tuple[str, datetime]]
    erased_at: datetime | None

    @property
    def recurring(self) -> int:
        """How many subscriptions `mrr` is the sum of."""
        return sum(row.subscription.status in RECURRING for row in self.subscriptions)

    @property
    def failed_last(self) -> Charge | None:
        """The last attempt at the invoice that is not paid, where it failed and is among the payments shown."""
        if not self.access.invoice:
            return None
        of_it = (row for row in self.payments if self.access.invoice.id in {each.invoice_id for each in row.purposes})
        latest = next((row.latest for row in of_it if row.latest), None)
        return latest if latest and latest.status == "failed" else None


def customer_page(customer_id: str, now: datetime) -> CustomerPage:
    """Fifteen queries, whatever the customer has; one more where an invoice is late, of a deleted customer, or where
    others have the same e-mail.

    Raises Customer.DoesNotExist.
    """
    customer = with_stored(Customer.objects.all(), djstripe.Customer).get(id=customer_id)
    subscriptions = most_pressing_first(_with_their_methods(Subscription.objects.filter(customer_id=customer_id)))
    running = {each.id for each in subscriptions if each.status not in ENDED}
    charging = [each for each in subscriptions if each.status not in CHARGE_NOTHING]
    paying = [paying_for(each, own_methods(each), json_of(customer)) for each in charging]
    paying = paying or [Paying("", will_be_charged({}, json_of(customer)))]
    methods = methods_of(customer_id, (each.charged.method_id for each in paying))
    items = items_of(each.id for each in subscriptions)
    invoices = Invoice.objects.filter(customer_id=customer_id, deleted_at=None)
    is_late = past_due(now)
    sums = list(
        invoices.order_by("currency")
        .values("currency")
        .annotate(
            invoices=Count("id"),
            open=Count("id", filter=Q(status="open")),
            late=Count("id", filter=is_late),
            remaining=Sum("amount_remaining", filter=Q(status="open")),
            late_remaining=Sum("amount_remaining", filter=is_late),
            paid=Sum("amount_paid"),
        )
    )
    late = None
    if any(row["late"] for row in sums):
        # What an ended subscription left open says nothing of why one that runs is past due.
        owing = [each.id for each in subscriptions if each.status in OWING]
        of_these = Case(When(subscription_id__in=owing, then=0), default=1)
        late = invoices.filter(is_late).order_by(of_these, "-attempt_count", "created_at").first()
    newest = with_money_on_its_way(invoices).order_by("-created_at", "-id")[:NEWEST_INVOICES]
    access = access_of_customer(customer, subscriptions, paying, methods, late, now)
    return CustomerPage(
        customer=customer,
        access=access,
        access_end=access_end(access, trial_without_method(access.subscription), now),
        subscriptions=[SubscriptionRow(each, customer, items.get(each.id, [])) for each in subscriptions],
        mrr=recurring_revenue(subscriptions),
        billed=Billed(
            open=[Amount(row["remaining"], row["currency"]) for row in sums if row["remaining"]],
            paid=[Amount(row["paid"], row["currency"]) for row in sums if row["paid"]],
        ),
        invoices=[InvoiceRow(each, customer, is_past_due(each, now)) for each in newest],
        invoice_count=sum(row["invoices"] for row in sums),
        open_count=sum(row["open"] for row in sums),
        late=late,
        late_count=sum(row["late"] for row in sums),
        late_sums=[Amount(row["late_remaining"], row["currency"]) for row in sums if row["late"]],
        details=details(json_of(customer)),
        methods=methods,
        paying=paying,
        payments=newest_payments(customer, methods),
        returns=returns_of_customer(customer_id),
        movements=movements_of(customer_id),
        discounts=[
            each
            for each in discounts_of_customer(customer_id)
            if not each.is_over(now) and each.discount.subscription_id in {"", *running}
        ],
        namesakes=namesakes(customer),
        former_emails=former_emails_of(customer_id),
        erased_at=_erased_at(customer_id) if customer.deleted_at else None,
    )


def subscriptions_of(customer_id: str) -> dict[str, list[Item]]:
    """Their items by subscription, for its name. Two queries."""
    ids = list(Subscription.objects.filter(customer_id=customer_id).values_list("id", flat=True))
    items = items_of(ids)
    return {each: items.get(each, []) for each in ids}


def _with_their_methods(subscriptions: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """With Stripe's two places for a method, each an id, an object or None: the row's own column is one of them;
    and with what a trial's end comes to without one."""
    json = djstripe.Subscription.objects.filter(id=OuterRef("pk")).order_by()
    return subscriptions.annotate(
        **{
            f"stored_{name}": Subquery(json.values(value=KeyTransform(name, "stripe_data"))[:1])
            for name in ("default_payment_method", "default_source", "trial_settings")
        }
    )


def trial_without_method(subscription: Subscription | None) -> str:
    """What Stripe then does: cancel, pause, create_invoice; from what `_with_their_methods` added."""
    return text_at(getattr(subscription, "stored_trial_settings", None), "end_behavior", "missing_payment_method")


def own_methods(subscription: Subscription) -> dict[str, Any]:
    """What `_with_their_methods` added."""
    return {
        name: getattr(subscription, f"stored_{name}", None) for name in ("default_payment_method", "default_source")
    }


def _erased_at(customer_id: str) -> datetime | None:
    return ObjectState.objects.filter(pk=customer_id).values_list("erased_at", flat=True).first()


def newest_payments(customer: Customer, methods: Sequence[PaymentMethod]) -> list[PaymentRow]:
    """The newest eight. Three queries."""
    newest = Payment.objects.filter(customer_id=customer.id, deleted_at=None).order_by("-created_at", "-id")
    payments = list(newest[:NEWEST_PAYMENTS])
    attempts = attempts_of(each.id for each in payments)
    purposes = purposes_of(each.id for each in payments)
    known = {each.id: each for each in methods}
    return [
        PaymentRow(
            payment=each,
            customer=customer,
            attempts=attempts.get(each.id, []),
            method=attempts[each.id][0] if each.id in attempts else known.get(each.payment_method_id),
            purposes=purposes.get(each.id, []),
        )
        for each in payments
    ]


def details(customer: dict[str, Any]) -> Details:
    """From Stripe's customer, of any API version; what is missing is empty."""
    languages = at(customer, "preferred_locales")
    return Details(
        description=text_at(customer, "description"),
        address=address_lines(at(customer, "address")),
        phone=text_at(customer, "phone"),
        languages=[each for each in languages if isinstance(each, str)] if isinstance(languages, list) else [],
        tax_ids=[
            (text_at(each, "value"), text_at(each, "type"), text_at(each, "verification", "status"))
            for each in list_at(customer, "tax_ids")
        ],
        tax_exempt=text_at(customer, "tax_exempt"),
        metadata=pairs_at(customer, "metadata"),
    )


def address_lines(address: Any) -> list[str]:
    """Stripe's address as lines: street, street, post code and city, region, country."""
    town = f"{text_at(address, 'postal_code')} {text_at(address, 'city')}".strip()
    lines = [text_at(address, "line1"), text_at(address, "line2"), town]
    return [line for line in [*lines, text_at(address, "state"), text_at(address, "country")] if line]
