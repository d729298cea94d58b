"""Until everything was read from Stripe once: what is here and what is still missing, on every page."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django import template
from django.template import Context
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import things, together, whole_number
from finances.models import ResyncRun
from finances.reads.first_import import FirstImport, first_import

register = template.Library()

NAMED = {
    "customer": gettext_lazy("customers"),
    "product": gettext_lazy("products"),
    "subscription": gettext_lazy("subscriptions"),
    "invoice": gettext_lazy("invoices"),
    "payment_intent": gettext_lazy("payments"),
    "refund": gettext_lazy("refunds"),
    "dispute": gettext_lazy("disputes"),
    "credit_note": gettext_lazy("credit notes"),
    "coupon": gettext_lazy("discounts"),
    "payout": gettext_lazy("payouts"),
}
"""The types that have a page, as the sidebar calls them."""
MOST_NAMED = 3


State = ResyncRun.State
WAYS = {
    State.QUEUED: gettext_lazy("The first read from Stripe is queued, %(percent)s %%."),
    State.RUNNING: gettext_lazy("The first read from Stripe is under way, %(percent)s %%."),
    State.PAUSED: gettext_lazy("The first read from Stripe is paused, %(percent)s %%."),
    State.PARTIAL: gettext_lazy("The first read from Stripe ended without everything."),
    State.FAILED: gettext_lazy("The first read from Stripe failed."),
    State.CANCELLED: gettext_lazy("The first read from Stripe was cancelled."),
}


class FirstImportBanner(NamedTuple):
    """`unfinished`: it goes on."""

    fact: str
    text: str
    run_id: UUID
    unfinished: bool = True


def banner_of(found: FirstImport, listed: str = "") -> FirstImportBanner:
    """`listed`: the type that the page lists, if it lists one."""
    state = State(found.run.state)
    fact = [str(WAYS[state]) % {"percent": found.percent}]
    if listed in found.missing:
        fact.insert(0, _("%(things)s have not been read yet.") % {"things": capfirst(things_here(listed))})
    elif listed in found.reading:
        fact.insert(0, _("Not all %(things)s have been read yet.") % {"things": things_here(listed)})
    reading = _("%(things)s are being read") if state == State.RUNNING else _("%(things)s are here in part")
    parts = [
        said % {"things": _named(types)}
        for types, said in (
            (found.read, _("%(things)s are here")),
            (found.reading, reading),
            (found.missing, _("%(things)s are still missing")),
        )
        if _known(types)
    ]
    text = [f"{capfirst('; '.join(parts))}."] if parts else []
    if not found.unfinished:
        failed = found.run.failed
        said = ngettext("%(reads)s read failed.", "%(reads)s reads failed.", failed)
        text += [said % {"reads": whole_number(failed)}] if failed else []
        text += [_("Try it again there, or read everything anew; numbers are of what is here.")]
    return FirstImportBanner(" ".join(fact), " ".join(text), found.run.pk, found.unfinished)


def things_here(object_type: str) -> str:
    return str(NAMED.get(object_type) or things(object_type))


def _known(types: Sequence[str]) -> list[str]:
    return [str(NAMED[name]) for name in NAMED if name in types]


def _named(types: Sequence[str]) -> str:
    known = _known(types)
    if len(known) > MOST_NAMED + 1:
        rest = len(known) - MOST_NAMED
        known = [*known[:MOST_NAMED], ngettext("%(count)s more", "%(count)s more", rest) % {"count": rest}]
    return together(known)


@register.simple_tag(takes_context=True)
def first_import_for_me(context: Context) -> FirstImportBanner | None:
    """Two queries at most, none for those who may not see resyncs, or where the page itself shows it."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.has_perm("paydesk.view_resyncrun") or "first_import" in context:
        return None
    found = first_import()
    return banner_of(found, context.get("resync_type") or "") if found else None
