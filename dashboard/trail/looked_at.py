"""What people looked at, for the audit trail. Recorded before it is shown: what cannot be recorded is not shown."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from dashboard.formatting import Text
from finances import audit
from finances.models import Export


def viewed(request: HttpRequest, customer_id: str) -> None:
    """The page of a customer. One insert."""
    audit.record("paydesk.customer.viewed", at=timezone.now(), actor=_who(request), target=customer_id)


def searched(request: HttpRequest, where: Text, words: str) -> None:
    """`where`: the page's title. The words may be anybody's name, so they stand where they can be erased."""
    audit.record(
        "paydesk.search.made",
        at=timezone.now(),
        actor=_who(request),
        detail={"where": str(where)},
        personal={"words": words},
    )


def exported(request: HttpRequest, what: Text, *, format: str, rows: int, conditions: str) -> None:
    """`conditions`: the query string that narrowed it, empty for everything."""
    audit.record(
        "paydesk.export.made",
        at=timezone.now(),
        actor=_who(request),
        detail={"what": str(what), "format": format, "rows": rows},
        personal={"conditions": conditions},
    )


def downloaded(request: HttpRequest, export: Export) -> None:
    """A file that a worker had made. What it holds stands with `paydesk.export.requested`."""
    audit.record(
        "paydesk.export.downloaded",
        at=timezone.now(),
        actor=_who(request),
        detail={"export": str(export.pk), "what": export.list, "format": export.format, "rows": export.rows},
    )


def _who(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None
