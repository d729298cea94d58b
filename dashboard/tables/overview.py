"""The overview in words: what needs somebody, and how recurring revenue moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dashboard.formatting import MINUS, digits, duration
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
    if not found.failed:
        return Concern("failed", "Failed payments", "0", "positive", Remark("none of the last 7 days is still unpaid"))
    said = f"of the last 7 days, still unpaid: {amounts(found.failed)}"
    return Concern("failed", "Failed payments", f"{found.failed_count:,}", "urgent", Remark(said))


def _past_due(found: Attention) -> Concern:
    if not found.past_due:
        return Concern("past_due", "Past due invoices", "0", "positive", Remark("no invoice is past due"))
    said = f"{amounts(found.past_due)} not paid"
    return Concern("past_due", "Past due invoices", f"{found.past_due_count:,}", "urgent", Remark(said))


def _disputes(found: Attention, now: datetime) -> Concern:
    if not found.disputes:
        return Concern("disputes", "Disputes to answer", "0", "positive", Remark("no dispute needs an answer"))
    soon = found.next_deadline is not None and found.next_deadline - now < timedelta(days=3)
    tone = "urgent" if soon else "warning"
    remark = Remark("no deadline is set")
    if found.next_deadline:
        remark = Remark("the first is due", found.next_deadline, "", tone=tone)
    return Concern("disputes", "Disputes to answer", f"{found.disputes:,}", tone, remark)


def _quarantined(found: Attention) -> Concern:
    waiting = f"{_capped(found.waiting)} {'waits' if found.waiting == 1 else 'wait'} for the next try"
    if not found.quarantined:
        said = waiting if found.waiting else "every webhook could be processed"
        tone = "warning" if found.waiting else "positive"
        return Concern("quarantined", "Quarantined events", "0", tone, Remark(said))
    said = f"put aside after 8 tries; {waiting}" if found.waiting else "put aside after 8 tries, for people to look at"
    return Concern("quarantined", "Quarantined events", _capped(found.quarantined), "negative", Remark(said))


def _lag(found: Attention, now: datetime) -> Concern:
    behind, label = found.lag.behind(now), "Lag behind Stripe"
    if found.lag.last_received is None:
        return Concern("lag", label, "–", "neutral", Remark("no webhook has come yet"))
    if not behind:
        return Concern("lag", label, "0 s", "positive", Remark("in step; last event", found.lag.last_received, ""))
    tone = "warning" if behind > timedelta(minutes=1) else "positive"
    return Concern("lag", label, duration(behind), tone, Remark("the oldest webhook that is not processed"))


def _capped(number: int, cap: int = 10_000) -> str:
    return f"{cap:,}+" if number > cap else f"{number:,}"


def amounts(found: Sequence[Open]) -> str:
    """`1,527.96 EUR, 5,000 JPY and 2 more currencies`: never added across."""
    shown = [f"{digits(each.amount, each.currency)} {each.currency.upper()}" for each in found[:MOST_AMOUNTS]]
    rest = len(found) - len(shown)
    if not rest:
        return " and ".join(shown)
    return f"{', '.join(shown)} and {rest} more {'currency' if rest == 1 else 'currencies'}"


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
