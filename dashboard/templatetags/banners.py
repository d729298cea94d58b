"""Banners on every page of the console: what is wrong with the sync and concerns whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone

from finances.models import Incident
from finances.reads.freshness import Lag, lag
from finances.reads.sync_health import open_incidents
from finances.watch.conditions import ADVICE, CONDITIONS, LATE, Kind, span

register = template.Library()

FOR_ALL = (Kind.GAP, Kind.STRIPE, Kind.NO_WEBHOOKS, Kind.SILENCE)
FOR_THOSE_WHO_MEND = (Kind.REFUSED, Kind.WRONG_MODE)
GRAVE = (Kind.GAP, Kind.STRIPE)


@dataclass(frozen=True)
class Banner:
    """`fact` is bold, `text` says why and what to do. `resync`: offers to read everything anew."""

    kind: str
    tone: str
    fact: str
    text: str
    resync: bool = False


@register.filter
def banner(incident: Incident, now: datetime | None = None) -> Banner:
    kind = Kind(incident.kind)
    fact, _, rest = incident.sentence.partition(". ")
    fact = fact.rstrip(".") + "."
    if kind == Kind.STRIPE:
        known = span((now or timezone.now()) - incident.opened_at)
        fact = f"Stripe does not answer, so pages show what we knew {known} ago."
    tone = "negative" if kind in GRAVE else "warning"
    return Banner(incident.kind, tone, fact, f"{rest} {ADVICE[kind]}".strip(), resync=kind == Kind.GAP)


def banners(incidents: Sequence[Incident], lag: Lag, now: datetime, *, may_mend: bool) -> list[Banner]:
    """What concerns a person on any page, the gravest first.

    The lag is taken as it is now, not as the watch last saw it: when no worker is alive, nobody watches.
    """
    concerns = FOR_ALL + FOR_THOSE_WHO_MEND if may_mend else FOR_ALL
    shown = {incident.kind: banner(incident, now) for incident in incidents if incident.kind in concerns}
    behind = lag.behind(now)
    if behind is not None and behind >= LATE:
        shown[Kind.LAG] = _of_lag(behind)
    return [shown[kind] for kind in CONDITIONS if kind in shown]


def _of_lag(behind: timedelta) -> Banner:
    return Banner(Kind.LAG, "warning", f"What is shown may be {span(behind)} behind Stripe.", ADVICE[Kind.LAG])


@register.simple_tag(takes_context=True)
def banners_for_me(context: Context) -> list[Banner]:
    """One query, and the top bar's; none for those who may not see webhooks."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.has_perm("paydesk.view_delivery"):
        return []
    may_mend = user.has_perm("paydesk.resync_objects")
    return banners(open_incidents(), lag_of(context), timezone.now(), may_mend=may_mend)


def lag_of(context: Context) -> Lag:
    """Asked for once a request: the top bar and the banners speak of the same moment."""
    request = context.get("request")
    if request is None:
        return lag()
    if not hasattr(request, "paydesk_lag"):
        request.paydesk_lag = lag()
    return request.paydesk_lag
