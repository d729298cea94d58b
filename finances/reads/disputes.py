"""The list of disputes: what waits for an answer first, then the newest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from finances.models import Charge, Customer, Delivery, Dispute
from finances.reads import keyset
from finances.reads.attempts import Purpose
from finances.reads.charged import behind
from finances.reads.returns import UNANSWERED

WARNINGS = ("warning_needs_response", "warning_under_review", "warning_closed")
DECIDED = ("won", "lost", "warning_closed", "prevented")
MOST_FIRST = 50


@dataclass(frozen=True)
class DisputeRow:
    """`charge`: None where it was never read."""

    dispute: Dispute
    charge: Charge | None
    customer: Customer | None
    purposes: list[Purpose] = field(default_factory=list)


@dataclass(frozen=True)
class DisputeSums:
    """Of one currency, in its minor units, whatever the disputes' statuses."""

    currency: str
    disputes: int
    amount: int
    lost: int


@dataclass(frozen=True)
class Decision:
    """`at`: when Stripe said so; None where that webhook is not here."""

    dispute: Dispute
    at: datetime | None


def newest_disputes() -> QuerySet[Dispute]:
    """With their charges."""
    return Dispute.objects.filter(deleted_at=None).select_related("charge").order_by("-created_at", "-id")


def standing(name: str) -> Q:
    """`needs_response`: inquiries that wait for an answer too. `warnings`: all inquiries. Others: Stripe's status."""
    if name == "needs_response":
        return Q(status__in=UNANSWERED)
    return Q(status__in=WARNINGS) if name == "warnings" else Q(status=name)


def pressing_first(rows: QuerySet[Dispute], *, after: str | None, before: str | None) -> keyset.KeysetPage[Dispute]:
    """The first page begins with what waits for an answer, by its deadline; then all others, newest first.

    At most 50 go first; what waits beyond those stands among the others, so nothing is left out. Two queries.
    """
    waiting = rows.filter(standing("needs_response"))
    first = list(waiting.order_by(F("evidence_due_at").asc(nulls_last=True), "id")[:MOST_FIRST])
    others = rows.exclude(id__in=[each.id for each in first])
    page = keyset.page(others, after=after, before=before)
    return page if page.newer else replace(page, rows=first + page.rows)


def dispute_rows(disputes: Sequence[Dispute]) -> list[DisputeRow]:
    """The page's rows, which came with their charges, with customers and invoices: two queries, however many rows."""
    found = behind(disputes, {each.charge_id: each.charge for each in disputes if each.charge})
    return [
        DisputeRow(each, found[each.id].charge, found[each.id].customer, found[each.id].purposes) for each in disputes
    ]


def dispute_sums(disputes: QuerySet[Dispute]) -> list[DisputeSums]:
    """One row a currency, largest count first, never added across. One query, which reads every row."""
    counted = (
        disputes.order_by()
        .values("currency")
        .annotate(disputes=Count("id"), sum_amount=Sum("amount"), lost=Sum("amount", filter=Q(status="lost")))
        .order_by("-disputes", "currency")
    )
    return [DisputeSums(row["currency"], row["disputes"], row["sum_amount"], row["lost"] or 0) for row in counted]


def last_decision() -> Decision | None:
    """The newest dispute that is decided: what an empty list can tell. At most two queries."""
    dispute = newest_disputes().filter(status__in=DECIDED).first()
    if dispute is None:
        return None
    closed = Delivery.objects.filter(object_id=dispute.id, event_type="charge.dispute.closed")
    return Decision(dispute, closed.order_by("-received_at").values_list("created_at", flat=True).first())
