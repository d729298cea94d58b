"""On every page of the console: what is wrong with the sync and concerns whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import Text, things, together
from finances.models import Incident, MissingScope
from finances.reads.completeness import missing_scopes
from finances.reads.freshness import Lag, lag
from finances.reads.sync_health import open_incidents, quarantined
from finances.watch.conditions import ADVICE, CONDITIONS, LATE, Kind, span
from finances.webhooks.intake import beginning_of_elsewhere

register = template.Library()

FOR_ALL = (Kind.GAP, Kind.STRIPE, Kind.NO_WEBHOOKS, Kind.SILENCE)
FOR_THOSE_WHO_MEND = (Kind.REFUSED, Kind.WRONG_MODE)
GRAVE = (Kind.GAP, Kind.STRIPE)
TO_OTHERS = {
    Kind.REFUSED: gettext_lazy(
        "Nothing of them is kept. Ask an admin to look at the signing secret and at the machine's clock."
    ),
    Kind.GAP: gettext_lazy(
        "Stripe keeps events for 30 days only. Ask an admin to read everything from Stripe: that closes the gap "
        "and changes nothing there."
    ),
    Kind.QUARANTINE: gettext_lazy(
        "Each says why. Ask an admin to mend the cause and process them again. Other events go on."
    ),
}
"""Advice to those who may not mend it themselves, where it is another."""
CONCERNED: dict[str, tuple[Text, dict[str, str]]] = {
    Kind.NO_WEBHOOKS: (gettext_lazy("Those that never came"), {"found": "missed"}),
    Kind.WRONG_MODE: (gettext_lazy("Which ones"), {"state": "ignored"}),
    Kind.QUARANTINE: (gettext_lazy("Which ones"), {"state": "quarantined"}),
}
"""The list of the events that it is about: what leads there, and the list's conditions."""
SHOWN: dict[str, tuple[str, ...]] = {
    "overview": ("customer", "subscription", "invoice", "payment_intent", "charge", "refund", "dispute"),
    "customers": ("customer",),
    "customer": (
        *("customer", "subscription", "invoice", "payment_intent", "charge", "payment_method"),
        *("refund", "dispute", "credit_note", "customer_balance_transaction"),
    ),
    "subscriptions": ("subscription",),
    "subscription": ("subscription", "subscription_schedule", "price", "product", "invoice"),
    "invoices": ("invoice",),
    "invoice": ("invoice", "invoice_payment", "payment_intent", "charge", "credit_note"),
    "payments": ("payment_intent", "charge"),
    "payment": ("payment_intent", "charge", "refund", "dispute", "invoice_payment"),
    "refunds": ("refund",),
    "disputes": ("dispute",),
    "dispute": ("dispute", "charge"),
    "credit_notes": ("credit_note",),
    "products": ("product", "price"),
    "product": ("product", "price"),
    "coupons": ("coupon", "promotion_code"),
    "coupon": ("coupon", "promotion_code"),
    "paydesk_payout_changelist": ("payout",),
    "paydesk_balancetransaction_changelist": ("balance_transaction",),
    "paydesk_taxrate_changelist": ("tax_rate",),
    "paydesk_promotioncode_changelist": ("promotion_code",),
}
"""By the name of a page's address, Stripe's types that it shows."""
MOST_IN_BADGE = 99


@dataclass(frozen=True)
class Banner:
    """`fact` is bold, `text` says why and what to do. `resync`: offers to read everything anew. `events`: the address
    of the list of those that it is about, and `which` the words of the link; empty where there is none."""

    kind: str
    tone: str
    fact: str
    text: str
    resync: bool = False

    @property
    def which(self) -> str:
        return str(CONCERNED[self.kind][0]) if self.kind in CONCERNED else ""

    @property
    def events(self) -> str:
        if self.kind not in CONCERNED:
            return ""
        conditions = dict(CONCERNED[self.kind][1])
        if self.kind == Kind.WRONG_MODE and (reason := beginning_of_elsewhere()):
            conditions["reason"] = reason
        return f"{reverse('console:webhooks')}?{urlencode(conditions)}"


def banner(incident: Incident, now: datetime, *, may_mend: bool) -> Banner:
    kind = Kind(incident.kind)
    fact, _dot, rest = incident.sentence.partition(". ")
    fact = fact.rstrip(".") + "."
    if kind == Kind.STRIPE:
        known = span(now - incident.opened_at)
        fact = _("Stripe does not answer, so pages show what we knew %(time)s ago.") % {"time": known}
    tone = "negative" if kind in GRAVE else "warning"
    advice = ADVICE[kind] if may_mend else TO_OTHERS.get(kind, ADVICE[kind])
    return Banner(incident.kind, tone, fact, f"{rest} {advice}".strip(), resync=kind == Kind.GAP and may_mend)


def banners(incidents: Sequence[Incident], lag: Lag, now: datetime, *, may_mend: bool) -> list[Banner]:
    """What concerns a person on any page, the gravest first.

    The lag is taken as it is now, not as the watch last saw it: when no worker is alive, nobody watches.
    """
    concerns = FOR_ALL + FOR_THOSE_WHO_MEND if may_mend else FOR_ALL
    concerning = [incident for incident in incidents if incident.kind in concerns]
    shown = {incident.kind: banner(incident, now, may_mend=may_mend) for incident in concerning}
    behind = lag.behind(now)
    if behind is not None and behind >= LATE:
        shown[Kind.LAG] = _of_lag(behind)
    return [shown[kind] for kind in CONDITIONS if kind in shown]


def _of_lag(behind: timedelta) -> Banner:
    return Banner(
        Kind.LAG,
        "warning",
        _("What is shown may be %(time)s behind Stripe.") % {"time": span(behind)},
        str(ADVICE[Kind.LAG]),
    )


def not_readable(missing: Sequence[MissingScope], *, may_mend: bool, of_page: bool = False) -> list[Banner]:
    """One for all of them, none where the key may read everything. `of_page`: they are what the page shows."""
    if not missing:
        return []
    named = {"things": together([things(each.type) for each in missing])}
    fact = _("The key may not read %(things)s, so what is shown of them may be old or missing.")
    if of_page:
        fact = _("The key may not read %(things)s, so what is shown here may be old or missing.")
    mend = _("Ask an admin to give the restricted key read access to %(things)s in Stripe’s dashboard.")
    if may_mend:
        mend = _("Give the restricted key read access to %(things)s in Stripe’s dashboard.")
    return [Banner("scope", "negative", fact % named, mend % named)]


@register.simple_tag(takes_context=True)
def banners_for_me(context: Context) -> list[Banner]:
    """What the page itself cannot show comes first. One query, another on pages of Stripe's objects, and the top bar's;
    none for those who may not see webhooks."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.has_perm("paydesk.view_delivery"):
        return []
    may_mend = user.has_perm("paydesk.resync_objects")
    types = SHOWN.get(request.resolver_match.url_name or "", ()) if request.resolver_match else ()
    of_page = not_readable(missing_scopes(types), may_mend=may_mend, of_page=True) if types else []
    return of_page + banners(open_incidents(), lag_of(context), timezone.now(), may_mend=may_mend)


def lag_of(context: Context) -> Lag:
    """Asked for once a request: the top bar and the banners speak of the same moment."""
    request = context.get("request")
    if request is None:
        return lag(timezone.now())
    if not hasattr(request, "paydesk_lag"):
        lag_is_known(request, lag(timezone.now()))
    return request.paydesk_lag


def lag_is_known(request: HttpRequest, found: Lag) -> None:
    """A page that asked for it itself says so, and nothing on it asks again."""
    request.paydesk_lag = found  # type: ignore[attr-defined]  # for `lag_of` of the same request


def quarantined_badge(request: HttpRequest) -> str:
    """What stands beside "Webhooks" in the sidebar: how many need a person; nothing where none does. One query."""
    count = quarantined(cap=MOST_IN_BADGE)
    if not count:
        return ""
    number = f"{MOST_IN_BADGE}+" if count > MOST_IN_BADGE else str(count)
    return format_html('{}<span class="pd-sr"> {}</span>', number, _("in quarantine"))
