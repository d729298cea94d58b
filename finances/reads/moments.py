"""One timeline of everything about a customer, a subscription or an invoice: what the rows date, what Stripe's events
say beside that, and what people did here. Pages of it cost the same at any depth.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from finances.models import (
    AuditEntry,
    Charge,
    CreditNote,
    Customer,
    Delivery,
    Dispute,
    Invoice,
    InvoicePayment,
    ObjectState,
    Refund,
    Subscription,
)
from finances.reads.delivery import changed_fields

SIZE = 15
TOLD = (
    *("customer.created", "customer.subscription.created", "customer.subscription.deleted"),
    *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"),
    *("charge.succeeded", "charge.failed", "charge.refunded", "charge.updated"),
    *("payment_intent.created", "payment_intent.succeeded", "payment_intent.payment_failed"),
    *("refund.created", "refund.updated", "charge.refund.updated", "charge.dispute.created", "credit_note.created"),
)
"""Events that say no more than the row of their object, which stands here with its amount and its reason."""
IN_ORDER = (
    "customer_created",
    "subscription_started",
    "invoice_issued",
    "charge",
    "invoice_paid",
    "credit_note",
    "refund",
    "dispute",
    "cancellation_asked",
    "subscription_ended",
    "event",
    "staff",
)
"""What can follow on what within one second, which is all that Stripe's times tell apart."""
COLUMNS = ("happened_at", "kind", "key", "standing", "called", "about", "minor", "unit", "place")
"""As Moment's fields, and the place in the order; none of them is a column of any of the rows."""
DONE = (Delivery.State.PROCESSED, Delivery.State.IGNORED)


class Moment(NamedTuple):
    """`kind`: invoice_issued, invoice_paid, charge, refund, dispute, credit_note, customer_created,
    subscription_started, cancellation_asked, subscription_ended, event or staff. `key`: the id of its object, event or
    audit entry.

    `status`: the object's, how far an event is processed, or what people did (the audit trail's code). `name`: a
    number, a reason, an event's type, or who it was. `about`: an id to go to. `amount`: minor units, None for none.
    `changed`: names of the fields that an event says changed.
    """

    at: datetime
    kind: str
    key: str
    status: str
    name: str
    about: str
    amount: int | None
    currency: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """Which rows belong together; None for a kind that does not. `paid_by`: charges, refunds and disputes."""

    invoices: Q
    events: Q
    targets: Q
    paid_by: Q | None = None
    given_back: Q | None = None
    credit_notes: Q | None = None
    subscriptions: Q | None = None
    customer_id: str = ""


@dataclass(frozen=True)
class Timeline:
    """`older`: the cursor for what is before the last one; None at the end. `bad_cursor`: it was not readable."""

    moments: list[Moment]
    older: str | None
    newest: bool = True
    bad_cursor: bool = False


def about_customer(customer_id: str, subscription_ids: Iterable[str]) -> About:
    """What people did about the customer's invoices is on the invoices' own pages."""
    theirs = Q(customer_id=customer_id)
    targets = Q(target__in=[customer_id, *subscription_ids])
    return About(theirs, theirs, targets, theirs, theirs, theirs, theirs, customer_id)


def about_subscription(subscription_id: str) -> About:
    """The tries, refunds and disputes of its invoices' payments too."""
    invoices = Q(subscription_id=subscription_id)
    links = InvoicePayment.objects.filter(invoice_id__in=Invoice.objects.filter(invoices).values("id"))
    of_payments = Q(payment_intent_id__in=links.exclude(payment_intent_id="").values("payment_intent_id"))
    return About(
        invoices,
        Q(object_id=subscription_id),
        Q(target=subscription_id),
        paid_by=of_payments,
        given_back=of_payments,
        subscriptions=Q(id=subscription_id),
    )


def about_invoice(invoice_id: str, links: Iterable[InvoicePayment]) -> About:
    """`links`: what pays it, or is to."""
    links = list(links)
    payments, charges = {each.payment_intent_id for each in links} - {""}, {each.charge_id for each in links} - {""}
    paid_by = Q(payment_intent_id__in=payments) | Q(id__in=charges)
    given_back = Q(payment_intent_id__in=payments) | Q(charge_id__in=charges)
    events = Q(object_id__in={invoice_id, *payments, *charges})
    return About(
        Q(id=invoice_id), events, Q(target=invoice_id), paid_by, given_back, credit_notes=Q(invoice_id=invoice_id)
    )


def timeline(about: About, *, actions: Iterable[str], cursor: str | None = None, size: int = SIZE) -> Timeline:
    """`actions`: the audit trail's codes of what people did that may be shown.

    One query, whatever there is; one more for what changed, where an event of the page tells of a change: on the way,
    the payloads of all of a customer's events would be read for it.
    """
    place = _read(cursor) if cursor else None
    parts = [_before(place, rows) for rows in _parts(about, list(actions))]
    together = parts[0].union(*parts[1:], all=True).order_by("-happened_at", "-place", "-key")
    found = [Moment(*row[:-1]) for row in together[: size + 1]]
    more, found = len(found) > size, found[:size]
    changed = changed_fields(it.key for it in found if it.kind == "event" and it.name.endswith(".updated"))
    found = [it._replace(changed=changed.get(it.key, ())) for it in found]
    return Timeline(found, _write(found[-1]) if more else None, place is None, bool(cursor) and place is None)


def _parts(about: About, actions: list[str]) -> Iterator[QuerySet[Any]]:
    """Invoices come first: PostgreSQL takes the types of a union's columns from its first parts."""
    wanted = {
        "invoice_issued": about.invoices,
        "invoice_paid": about.invoices,
        "charge": about.paid_by,
        "refund": about.given_back,
        "dispute": about.given_back,
        "credit_note": about.credit_notes,
        "subscription_started": about.subscriptions,
        "cancellation_asked": about.subscriptions,
        "subscription_ended": about.subscriptions,
        "customer_created": Q(id=about.customer_id) if about.customer_id else None,
        "event": about.events,
        "staff": Q(about.targets, action__in=actions) if actions else None,
    }
    every = _rows_by_kind()
    return (every[kind].filter(which) for kind, which in wanted.items() if which is not None)


@cache  # whatever they are about: to describe all of these takes Django longer than to write the query
def _rows_by_kind() -> dict[str, QuerySet[Any]]:
    invoices, subscriptions = Invoice.objects.filter(deleted_at=None), Subscription.objects.all()
    issued, paid = invoices.filter(finalized_at__isnull=False), invoices.filter(paid_at__isnull=False)
    ended = subscriptions.filter(ended_at__isnull=False)
    # One that is cancelled at once has ended, and that is said.
    asked = subscriptions.filter(canceled_at__isnull=False).exclude(ended_at=F("canceled_at"))
    notes, charges = CreditNote.objects.filter(deleted_at=None), Charge.objects.filter(deleted_at=None)
    refunds, disputes = Refund.objects.filter(deleted_at=None), Dispute.objects.filter(deleted_at=None)
    of_invoice = {"called": F("number"), "about": F("subscription_id"), "unit": F("currency")}
    of_money = {"about": F("payment_intent_id"), "minor": F("amount"), "unit": F("currency")}
    of_note = {"called": F("number"), "about": F("invoice_id"), "minor": F("total"), "unit": F("currency")}
    of_event = {"called": F("event_type"), "about": F("object_id")}
    why = Coalesce(NullIf(F("decline_code"), Value("")), F("failure_code"))
    run = Coalesce(KeyTextTransform("run", "detail"), Value(""), output_field=CharField())
    created, status, why_ended = "created_at", F("status"), F("cancellation_reason")
    every = (
        _dated(issued, "invoice_issued", "finalized_at", F("billing_reason"), minor=F("total"), **of_invoice),
        _dated(paid, "invoice_paid", "paid_at", status, minor=F("amount_paid"), **of_invoice),
        _dated(charges, "charge", created, status, called=why, **of_money),
        _dated(refunds, "refund", created, status, called=F("reason"), **of_money),
        _dated(disputes, "dispute", created, status, called=F("reason"), **of_money),
        _dated(notes, "credit_note", created, status, **of_note),
        _dated(subscriptions, "subscription_started", created, status),
        _dated(asked, "cancellation_asked", "canceled_at", status, called=why_ended),
        _dated(ended, "subscription_ended", "ended_at", status, called=why_ended),
        _dated(Customer.objects.all(), "customer_created", created, Value("", CharField())),
        _dated(_events(), "event", created, F("state"), **of_event),
        _dated(AuditEntry.objects.all(), "staff", "at", F("action"), called=F("actor_name"), about=run),
    )
    return dict(every)


def _events() -> QuerySet[Delivery]:
    """Those that no row tells of already. What is not processed may not be in the rows, so it is always told."""
    # Not a look-up in each table: the mirror has a state of everything that it has a row of. People choose the id of
    # nothing that is a customer's, so the key of its state is the id.
    known = Exists(ObjectState.objects.filter(object_id=OuterRef("object_id"), deleted_at=None))
    attempts = Exists(InvoicePayment.objects.filter(invoice_id=OuterRef("object_id")))
    by_rows = Q(known, event_type__in=TOLD) | Q(attempts, event_type="invoice.payment_failed")
    return Delivery.objects.exclude(by_rows & Q(state__in=DONE))


def _dated(rows: QuerySet[Any], kind: str, at: str, standing: Any, **values: Any) -> tuple[str, QuerySet[Any]]:
    """The kind, and its rows as one part of the union, with their time (of the column `at`) and what `values` say, all
    texts."""
    text = CharField()
    values = {"called": Value("", text), "about": Value("", text), "unit": Value("", text)} | values
    minor = values.pop("minor", Value(None, BigIntegerField()))
    dated = rows.order_by().annotate(
        happened_at=F(at),
        kind=Value(kind, text),
        place=Value(IN_ORDER.index(kind), IntegerField()),
        key=Cast("pk", text) if rows.model is AuditEntry else F("pk"),
        standing=standing,
        minor=minor,
        **values,
    )
    return kind, dated.values_list(*COLUMNS)


def _before(place: tuple[datetime, int, str] | None, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those beyond it in the order of time, of what can follow on what, and of the key."""
    if place is None:
        return rows
    at, rank, key = place
    beyond = Q(happened_at__lt=at) | Q(happened_at=at) & (Q(place__lt=rank) | Q(place=rank, key__lt=key))
    return rows.filter(Q(happened_at__lte=at) & beyond)


def _write(last: Moment) -> str:
    text = json.dumps([last.at.isoformat(), last.kind, last.key])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int, str] | None:
    try:
        at, kind, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError, RecursionError):
        return None
    known = kind in IN_ORDER and isinstance(key, str) and "\x00" not in key
    return (moment, IN_ORDER.index(kind), key) if known and moment.tzinfo else None
