"""Who owes: the customers behind one figure of the receivables, and the disputes that wait for an answer."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from finances.models import Charge, Customer, Dispute, Invoice, InvoicePayment, Payment
from finances.models.invoice import DUE_SINCE
from finances.reads.invoices import among_those_with_money_on_its_way
from finances.reads.payments import FAILED
from finances.reads.returns import UNANSWERED
from finances.reads.subscriptions import customers_named

PAGE = 50


class LastFailure(NamedTuple):
    """Of the newest payment that failed; `charge`: its last attempt, None where it never came to one."""

    payment: Payment
    charge: Charge | None


@dataclass(frozen=True)
class Debtor:
    """A customer with what they owe in one currency, of the invoices that are looked at.

    `amount`: minor units. `oldest`: from when on the oldest of them is late; `dated`: it has a due date.
    `next_attempt_at`: the earliest that Stripe plans. `on_its_way`: of how many a payment is being processed. `sent`:
    how many of the others are sent, so that nothing is charged by itself.
    """

    customer_id: str
    customer: Customer | None
    amount: int
    invoices: int
    on_its_way: int
    sent: int
    oldest: datetime
    dated: bool
    next_attempt_at: datetime | None
    failure: LastFailure | None


@dataclass(frozen=True)
class DebtorPage:
    """`newer` and `older`: cursors, as those of `keyset.KeysetPage`: here for who owes more, and who owes less."""

    rows: list[Debtor]
    newer: str | None
    older: str | None
    bad_cursor: bool = False


def debtors(
    invoices: QuerySet[Invoice], *, after: str | None = None, before: str | None = None, size: int = PAGE
) -> DebtorPage:
    """The customers of these invoices, which are all of one currency, who owes most first. Five queries a page."""
    cursor = after or before
    position = _read(cursor) if cursor else None
    going_back = position is not None and not after
    found = _totals(invoices, position, going_back)[: size + 1]
    totals, more = list(found[:size]), len(found) > size
    if going_back:
        totals.reverse()
    rows = _debtors(invoices, totals)
    return DebtorPage(
        rows,
        newer=_write(rows[0]) if rows and (more if going_back else position) else None,
        older=_write(rows[-1]) if rows and (going_back or more) else None,
        bad_cursor=bool(cursor) and position is None,
    )


def _totals(invoices: QuerySet[Invoice], position: tuple[int, str] | None, going_back: bool) -> QuerySet[Any, Any]:
    rows, on_its_way = invoices.order_by().values("customer_id"), among_those_with_money_on_its_way()
    rows = rows.annotate(
        owed=Sum("amount_remaining"),
        invoices=Count("pk"),
        being_paid=Count("pk", filter=on_its_way),
        sent=Count("pk", filter=Q(collection_method="send_invoice") & ~on_its_way),
        oldest=Min(DUE_SINCE),
        oldest_dated=Min("due_at"),
        next_attempt=Min("next_attempt_at"),
    )
    if position:
        owed, customer_id = position
        beyond = Q(owed__gt=owed) if going_back else Q(owed__lt=owed)
        beside = Q(customer_id__lt=customer_id) if going_back else Q(customer_id__gt=customer_id)
        rows = rows.filter(beyond | (Q(owed=owed) & beside))
    return rows.order_by("owed", "-customer_id") if going_back else rows.order_by("-owed", "customer_id")


def _debtors(invoices: QuerySet[Invoice], totals: Sequence[dict[str, Any]]) -> list[Debtor]:
    ids = [row["customer_id"] for row in totals]
    customers, failures = customers_named(ids), last_failures(invoices, ids)
    return [
        Debtor(
            customer_id=row["customer_id"],
            customer=customers.get(row["customer_id"]),
            amount=row["owed"],
            invoices=row["invoices"],
            on_its_way=row["being_paid"],
            sent=row["sent"],
            oldest=row["oldest"],
            dated=row["oldest_dated"] == row["oldest"],
            next_attempt_at=row["next_attempt"],
            failure=failures.get(row["customer_id"]),
        )
        for row in totals
    ]


def last_failures(invoices: QuerySet[Invoice], customer_ids: Iterable[str]) -> dict[str, LastFailure]:
    """By customer, of the payments that were to pay these invoices and whose last try failed. Two queries."""
    theirs = invoices.order_by().filter(customer_id__in=set(customer_ids)).values("id")
    links = InvoicePayment.objects.filter(invoice_id__in=theirs).values("payment_intent_id")
    failed = Payment.objects.filter(FAILED, id__in=links, deleted_at=None)
    newest: dict[str, Payment] = {}
    for payment in failed.order_by("created_at", "id"):
        newest[payment.customer_id] = payment
    charges = Charge.objects.in_bulk({each.latest_charge_id for each in newest.values()} - {""})
    return {key: LastFailure(each, charges.get(each.latest_charge_id)) for key, each in newest.items()}


def disputes_to_answer(most: int = 10) -> list[Dispute]:
    """Those that wait for an answer, the earliest deadline first. One query."""
    waiting = Dispute.objects.filter(status__in=UNANSWERED, deleted_at=None)
    return list(waiting.order_by(F("evidence_due_at").asc(nulls_last=True), "id")[:most])


def _write(row: Debtor) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.amount, row.customer_id]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, str] | None:
    try:
        owed, customer_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    if not isinstance(owed, int) or not isinstance(customer_id, str) or "\x00" in customer_id or abs(owed) > 2**62:
        return None
    return owed, customer_id
