"""Types that the key may not read: noted when Stripe refuses one, gone with the first read that works."""

from collections.abc import Iterable
from datetime import datetime

from finances.models import MissingScope


def refused(type_name: str, sentence: str, advice: str, now: datetime) -> None:
    """Stripe said that the key may not read it. When that was first noticed stays."""
    MissingScope.objects.update_or_create(
        type=type_name,
        defaults={"sentence": sentence, "advice": advice},
        create_defaults={"sentence": sentence, "advice": advice, "noticed_at": now},
    )


def allowed(type_names: Iterable[str]) -> None:
    """Stripe answered for these. One statement, so it is for the end of a piece of work, not for each call."""
    MissingScope.objects.filter(type__in=list(type_names)).delete()
