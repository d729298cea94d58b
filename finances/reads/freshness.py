"""How old what we show is: of single objects, and of the console as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Subquery

from finances.models import Delivery, ObjectState

UNPROCESSED = (Delivery.State.RECEIVED, Delivery.State.PROCESSING, Delivery.State.WAITING)


def freshness(object_ids: Iterable[str]) -> dict[str, datetime]:
    """For each object that the mirror knows, when the fetch began whose answer is shown. One query."""
    return dict(ObjectState.objects.filter(object_id__in=list(object_ids)).values_list("object_id", "seen_at"))


@dataclass(frozen=True)
class Lag:
    """`last_received`: of the newest delivery. `oldest_open`: when the oldest one that is not dealt with came.

    Quarantined ones wait for people and do not count; nor do those that people have put back to process them again.
    """

    last_received: datetime | None
    oldest_open: datetime | None

    @property
    def as_of(self) -> datetime | None:
        """Everything that Stripe told us before this moment is in what is shown; None before the first webhook."""
        return self.oldest_open or self.last_received

    def behind(self, now: datetime) -> timedelta | None:
        """How far behind Stripe what is shown may be; None when every delivery is dealt with."""
        return max(now - self.oldest_open, timedelta()) if self.oldest_open else None


def lag() -> Lag:
    """Two index look-ups in one query."""
    put_back = Q(replay__isnull=False, state__in=(Delivery.State.RECEIVED, Delivery.State.PROCESSING))
    open_ones = Delivery.objects.filter(state__in=UNPROCESSED).exclude(put_back)
    oldest = open_ones.order_by("received_at").values("received_at")[:1]
    newest = (
        Delivery.objects.order_by("-received_at", "-event_id")
        .annotate(oldest_open=Subquery(oldest))
        .values_list("received_at", "oldest_open")
        .first()
    )
    return Lag(*newest) if newest else Lag(None, None)
