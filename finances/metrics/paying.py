"""The time in which a subscription is paid for: from `paying_since` on, `paying_until` excluded."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from finances.models import Subscription


def ever_paying() -> QuerySet[Subscription]:
    """Those that Stripe still has and that were paid for at some time, be it a second."""
    some_time = Q(paying_until=None) | Q(paying_until__gt=F("paying_since"))
    return Subscription.objects.filter(some_time, deleted_at=None, paying_since__isnull=False).order_by()


def paying_at(moment: datetime) -> Q:
    """Paid for at this moment: begun by then, and not ended yet."""
    return Q(paying_since__lte=moment) & (Q(paying_until=None) | Q(paying_until__gt=moment))
