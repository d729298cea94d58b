"""Until everything was read from Stripe once: what is here and what is still missing, on every page."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django import template
from django.template import Context

from dashboard.formatting import things, together, whole_number
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


State = ResyncRun.State
WAYS = {
    State.QUEUED: "is queued",
    State.RUNNING: "is under way",
    State.PAUSED: "is paused",
    State.PARTIAL: "ended without everything",
    State.FAILED: "failed",
    State.CANCELLED: "was cancelled",
}


class FirstImportBanner(NamedTuple):
    """`unfinished`: it goes on."""

    fact: str
    text: str
    run_id: UUID
    unfinished: bool = True


def banner_of(found: FirstImport, listed: str = "") -> FirstImportBanner:
    """`listed`: the type that the page lists, if it lists one."""
    way = WAYS[State(found.run.state)]
    fact = f"The first read from Stripe {way}{f', {found.percent} %' if found.unfinished else ''}."
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
    text = [f"{'; '.join(parts).capitalize()}."] if parts else []
    if not found.unfinished:
        failed = found.run.failed
        text += [f"{whole_number(failed)} read{'' if failed == 1 else 's'} failed."] if failed else []
        text += ["Try it again there, or read everything anew; numbers are of what is here."]
    return FirstImportBanner(fact, " ".join(text), found.run.pk, found.unfinished)


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
