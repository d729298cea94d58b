"""The overview in words: what needs somebody, and how recurring revenue moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import MINUS, amount, capped, digits, duration, together
from dashboard.tables.remark import Remark
from finances.metrics.mrr import Recurring
from finances.reads.overview import Attention, Open

MOST_AMOUNTS = 2


@dataclass(frozen=True)
class Concern:
    """`key`: which one, by which the page finds the list behind it. `number`: as text. `remark`: one plain sentence."""

    key: str
    label: str
    number: str
    tone: str
    remark: Remark


@dataclass(frozen=True)
class ShownRecurring:
    """`change`: digits without a sign, empty for no change; `direction`: up, down or same. `per_cent`: empty from 0."""

    currency: str
    value: Decimal
    change: str
    direction: str
    per_cent: str
    subscriptions: int
    uncounted: int


def concerns(found: Attention, now: datetime) -> list[Concern]:
    return [_failed(found), _past_due(found), _disputes(found, now), _quarantined(found), _lag(found, now)]


def _failed(found: Attention) -> Concern:
    label = _("Failed payments")
    if not found.failed:
        return Concern("failed", label, "0", "positive", Remark(_("none of the last 7 days is still unpaid")))
    said = _("of the last 7 days, still unpaid: %(amounts)s") % {"amounts": amounts(found.failed)}
    return Concern("failed", label, f"{found.failed_count:,}", "urgent", Remark(said))


def _past_due(found: Attention) -> Concern:
    label = _("Past due invoices")
    if not found.past_due:
        return Concern("past_due", label, "0", "positive", Remark(_("no invoice is past due")))
    said = _("%(amounts)s not paid") % {"amounts": amounts(found.past_due)}
    return Concern("past_due", label, f"{found.past_due_count:,}", "urgent", Remark(said))


def _disputes(found: Attention, now: datetime) -> Concern:
    if not found.disputes:
        return Concern("disputes", _("Disputes to answer"), "0", "positive", Remark(_("no dispute needs an answer")))
    soon = found.next_deadline is not None and found.next_deadline - now < timedelta(days=3)
    tone = "urgent" if soon else "warning"
    remark = Remark(_("no deadline is set"))
    if found.next_deadline:
        remark = Remark(_("the first is due"), found.next_deadline, "", tone=tone)
    return Concern("disputes", _("Disputes to answer"), f"{found.disputes:,}", tone, remark)


def _quarantined(found: Attention) -> Concern:
    label = _("Quarantined events")
    waiting = ngettext("%(events)s waits for the next try", "%(events)s wait for the next try", found.waiting) % {
        "events": capped(found.waiting)
    }
    if not found.quarantined:
        said = waiting if found.waiting else _("every webhook could be processed")
        tone = "warning" if found.waiting else "positive"
        return Concern("quarantined", label, "0", tone, Remark(said))
    said = _("put aside after 8 tries, for people to look at")
    if found.waiting:
        said = _("put aside after 8 tries; %(waiting)s") % {"waiting": waiting}
    return Concern("quarantined", label, capped(found.quarantined), "negative", Remark(said))


def _lag(found: Attention, now: datetime) -> Concern:
    behind, label = found.lag.behind(now), _("Lag behind Stripe")
    if found.lag.last_received is None:
        return Concern("lag", label, "–", "neutral", Remark(_("no webhook has come yet")))
    if not behind:
        return Concern(
            "lag",
            label,
            duration(timedelta()),
            "positive",
            Remark(_("in step; last event"), found.lag.last_received, ""),
        )
    tone = "warning" if behind > timedelta(minutes=1) else "positive"
    return Concern("lag", label, duration(behind), tone, Remark(_("the oldest webhook that is not processed")))


def amounts(found: Sequence[Open]) -> str:
    """`1,527.96 EUR, 5,000 JPY and 2 more currencies`: never added across."""
    shown = [amount(each.amount, each.currency) for each in found[:MOST_AMOUNTS]]
    rest = len(found) - len(shown)
    if not rest:
        return together(shown)
    said = ngettext("%(amounts)s and %(count)s more currency", "%(amounts)s and %(count)s more currencies", rest)
    return said % {"amounts": ", ".join(shown), "count": rest}


def shown_recurring(found: Sequence[Recurring]) -> list[ShownRecurring]:
    return [
        ShownRecurring(
            currency=one.currency,
            value=one.now.value,
            change=digits(abs(one.change), one.currency) if one.change else "",
            direction="up" if one.change > 0 else "down" if one.change < 0 else "same",
            per_cent=per_cent(one.change, one.a_month_ago.value),
            subscriptions=one.now.subscriptions,
            uncounted=one.now.uncounted,
        )
        for one in found
    ]


def per_cent(change: Decimal, before: Decimal) -> str:
    """`+5.0 %`, `−3.6 %`; empty where there was nothing before."""
    if not before:
        return ""
    share = (change * 100 / before).quantize(Decimal("0.1"))
    sign = "+" if share > 0 else MINUS if share < 0 else ""
    return f"{sign}{abs(share):,} %"
