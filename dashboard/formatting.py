"""How facts are written: words, digits, distances in time. Text in, text out; the markup is the template tags'."""

import re
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from finances import money

EN_DASH, MINUS = "–", "−"
RELATIVE_UP_TO = timedelta(days=20)

TONES = {
    tone: words.split()
    for tone, words in {
        "positive": "active paid processed complete succeeded new",
        "info": "trialing open received processing queued running changed",
        "warning": "incomplete waiting partial paused_run differs",
        "negative": "unpaid uncollectible quarantined failed",
        "urgent": "past_due missed delinquent",
        "neutral": "draft void canceled cancelled paused incomplete_expired ignored same gone deleted",
    }.items()
}
TONE_OF = {status: tone for tone, statuses in TONES.items() for status in statuses}
WORDS = {"incomplete_expired": "Expired", "same": "Same as before", "gone": "Gone from Stripe", "trialing": "Trial"}


def tone(status: str) -> str:
    return TONE_OF.get(status, "neutral")


def word(status: str) -> str:
    return WORDS.get(status) or status.replace("_", " ").capitalize()


def things(object_type: str) -> str:
    """Stripe's noun in the plural, in small letters: `payment intents`."""
    return object_type.replace("_", " ") + "s"


def together(names: Sequence[str]) -> str:
    """`invoices, refunds and disputes`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def digits(minor: int | Decimal, currency: str) -> str:
    """`1,527.96`, `−5,000` (JPY), `189.750` (KWD): grouped, the currency's own decimals, a true minus sign."""
    amount = money.major(minor, currency)
    return (MINUS if amount < 0 else "") + f"{abs(amount):,f}"


def whole_number(value: int) -> str:
    return f"{value:,}"


def capped(value: int, cap: int = 10_000) -> str:
    return f"{cap:,}+" if value > cap else f"{value:,}"


def duration(span: timedelta) -> str:
    """`0.4 s`, `12 s`, `3 min`, `5 h`, `8 days`."""
    seconds = abs(span.total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds else "0 s"
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 36 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


exact_times: ContextVar[bool] = ContextVar("exact_times", default=False)
"""Whether whoever looks wants each time exactly, instead of as a distance or a day."""


def shown_time(moment: datetime, text: str) -> str:
    """`text`, unless whoever looks wants each time exactly."""
    return exact(moment) if exact_times.get() else text


def day(moment: datetime, now: datetime) -> str:
    """`23 Nov`, with the year when it is not this one."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


def relative(moment: datetime, now: datetime) -> str:
    """`8 s ago`, `in 3 days`; past twenty days the date."""
    span = now - moment
    if abs(span) > RELATIVE_UP_TO:
        return day(moment, now)
    if abs(span) < timedelta(seconds=1):
        return "now"
    distance = duration(timedelta(seconds=int(abs(span).total_seconds())))
    distance = distance.replace(".0 s", " s")
    return f"{distance} ago" if span > timedelta() else f"in {distance}"


def exact(moment: datetime) -> str:
    """`23 Nov 2026, 09:40:50 CET`, in the viewer's zone."""
    moment = timezone.localtime(moment)
    return f"{moment.day} {moment:%b %Y, %H:%M:%S %Z}"


def shortened(object_id: str) -> str:
    """`evt_1SWq…Bx3E`: eight and four; short ones as they are."""
    return object_id if len(object_id) <= 14 else f"{object_id[:8]}…{object_id[-4:]}"


STRIPE_PATHS = {
    "cus": "customers",
    "sub": "subscriptions",
    "in": "invoices",
    "evt": "events",
    "prod": "products",
    "price": "prices",
    "pi": "payments",
    "ch": "payments",
    "py": "payments",
    "re": "refunds",
    "dp": "disputes",
    "du": "disputes",
}
CONSOLE_PAGES = {
    "cus": "customer",
    "sub": "subscription",
    "in": "invoice",
    "pi": "payment",
    "ch": "payment",
    "py": "payment",
    "dp": "dispute",
    "du": "dispute",
    "prod": "product",
    "evt": "delivery",
}


def subscriber_link(subscriber_id: str) -> str:
    """The application's own page of its user or tenant; empty where no setting says where that is."""
    template = settings.SUBSCRIBER_URL
    return template.replace("{id}", quote(subscriber_id, safe="")) if template and subscriber_id else ""


def stripe_url(path: str, account_id: str = "") -> str:
    """In our mode; with `account_id` in that account, whichever the reader has open there."""
    account = f"{account_id}/" if re.fullmatch(r"acct_[A-Za-z0-9]+", account_id) else ""
    return f"https://dashboard.stripe.com/{account}{'' if settings.STRIPE_LIVE_MODE else 'test/'}{path}"


def stripe_link(object_id: str, account_id: str = "") -> str:
    """The object in Stripe's own dashboard, in our mode; empty for a type that has no page there."""
    folder = STRIPE_PATHS.get(object_id.partition("_")[0])
    plain = re.fullmatch(r"\w+", object_id, re.ASCII)
    return stripe_url(f"{folder}/{object_id}", account_id) if folder and plain else ""


def console_link(object_id: str) -> str:
    """The object's page here; empty for a type that has none."""
    page = CONSOLE_PAGES.get(object_id.partition("_")[0])
    try:
        return reverse(f"console:{page}", args=[object_id]) if page else ""
    except NoReverseMatch:
        return ""
