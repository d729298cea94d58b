"""The e-mails that customers had before, kept as they are replaced."""

from collections.abc import Iterable, Mapping

from finances.mirror.projections.values import Json, search_text
from finances.mirror.states import Fetched
from finances.models import FormerEmail


def keep_former_emails(written: Iterable[Fetched], before: Mapping[str, Json]) -> None:
    """`before`: the states that are replaced, by key. No statement where no customer's e-mail changed."""
    former = [
        FormerEmail(customer_id=it.id, email=old, until=it.seen_at)
        for it in written
        if it.type == "customer"
        and not it.deleted
        and (old := email_of(before.get(it.key)))
        and old != email_of(it.data)
    ]
    if former:
        FormerEmail.objects.bulk_create(
            sorted(former, key=lambda row: (row.email, row.customer_id)),
            update_conflicts=True,
            unique_fields=["email", "customer_id"],
            update_fields=["until"],
        )


def email_of(customer: Json | None) -> str:
    """As a search spells it; empty where there is none."""
    email = (customer or {}).get("email")
    return search_text(email)[:512] if isinstance(email, str) else ""
