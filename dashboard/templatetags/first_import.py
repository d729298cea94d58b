"""While everything is read from Stripe for the first time: what is here and what is still missing, on every page."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django import template
from django.template import Context

from dashboard.formatting import things, together
from finances.models import ResyncRun
from finances.reads.first_import import FirstImport, first_import

register = template.Library()

NAMED = {
    "customer": "customers",
    "product": "products",
    "subscription": "subscriptions",
    "invoice": "invoices",
    "payment_intent": "payments",
    "refund": "refunds",
    "dispute": "disputes",
    "credit_note": "credit notes",
    "coupon": "discounts",
    "payout": "payouts",
}
"""The types that have a page, as the sidebar calls them."""
MOST_NAMED = 3


class FirstImportBanner(NamedTuple):
    fact: str
    text: str
    run_id: UUID


def banner_of(found: FirstImport, listed: str = "") -> FirstImportBanner:
    """`listed`: the type that the page lists, if it lists one."""
    way = {ResyncRun.State.QUEUED: "is queued", ResyncRun.State.PAUSED: "is paused"}.get(
        ResyncRun.State(found.run.state), "is under way"
    )
    fact = f"The first read from Stripe {way}, {found.percent} %."
    if listed in found.missing:
        fact = f"{things_here(listed).capitalize()} have not been read yet. {fact}"
    elif listed in found.reading:
        fact = f"Not all {things_here(listed)} have been read yet. {fact}"
    parts = [
        f"{_named(types)} {verb}"
        for types, verb in (
            (found.read, "are here"),
            (found.reading, "are being read" if way == "is under way" else "are here in part"),
            (found.missing, "are still missing"),
        )
        if _known(types)
    ]
    return FirstImportBanner(fact, f"{'; '.join(parts).capitalize()}." if parts else "", found.run.pk)


def things_here(object_type: str) -> str:
    return NAMED.get(object_type) or things(object_type)


def _known(types: Sequence[str]) -> list[str]:
    return [NAMED[name] for name in NAMED if name in types]


def _named(types: Sequence[str]) -> str:
    known = _known(types)
    if len(known) > MOST_NAMED + 1:
        known = [*known[:MOST_NAMED], f"{len(known) - MOST_NAMED} more"]
    return together(known)


@register.simple_tag(takes_context=True)
def first_import_for_me(context: Context) -> FirstImportBanner | None:
    """Two queries at most, none for those who may not see resyncs, or where the page itself shows it."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.has_perm("paydesk.view_resyncrun") or "first_import" in context:
        return None
    found = first_import()
    return banner_of(found, context.get("resync_type") or "") if found else None
