"""How facts are written: words, digits, distances in time. Text in, text out; the markup is the template tags'."""

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache, wraps
from urllib.parse import quote

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, trans_real

from finances import money, nouns

type Text = str | Promise
"""In the language that is in force when it is written."""


def once_a_language[*Ts, R](write: Callable[[*Ts], R]) -> Callable[[*Ts], R]:
    """Keeps what `write` made of the same arguments, beside the translations that were in force: a list says the same
    few words for each of its rows, and Django looks each of them up anew."""

    @lru_cache(maxsize=2_000)
    def kept(translations: object, *args: *Ts) -> R:
        return write(*args)

    @wraps(write)
    def once(*args: *Ts) -> R:
        return kept(trans_real.catalog(), *args)

    return once


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
WORDS = {
    "active": gettext_lazy("Active"),
    "archived": gettext_lazy("Archived"),
    "canceled": gettext_lazy("Canceled"),
    "cancelled": gettext_lazy("Cancelled"),
    "changed": gettext_lazy("Changed"),
    "complete": gettext_lazy("Complete"),
    "completed": gettext_lazy("Completed"),
    "delinquent": gettext_lazy("Delinquent"),
    "deleted": gettext_lazy("Deleted"),
    "differs": gettext_lazy("Differs"),
    "disputed": gettext_lazy("Disputed"),
    "draft": gettext_lazy("Draft"),
    "expired": gettext_lazy("Expired"),
    "failed": gettext_lazy("Failed"),
    "gone": gettext_lazy("Gone from Stripe"),
    "ignored": gettext_lazy("Ignored"),
    "in_transit": gettext_lazy("In transit"),
    "inactive": gettext_lazy("Inactive"),
    "incomplete": gettext_lazy("Incomplete"),
    "incomplete_expired": gettext_lazy("Expired"),
    "issued": gettext_lazy("Issued"),
    "lost": gettext_lazy("Lost"),
    "missed": gettext_lazy("Missed"),
    "needs_response": gettext_lazy("Needs response"),
    "new": gettext_lazy("New"),
    "none": gettext_lazy("None"),
    "not_started": gettext_lazy("Not started"),
    "not_valid": gettext_lazy("Not valid"),
    "open": gettext_lazy("Open"),
    "paid": gettext_lazy("Paid"),
    "partial": gettext_lazy("Partial"),
    "past_due": gettext_lazy("Past due"),
    "paused": gettext_lazy("Paused"),
    "pending": gettext_lazy("Pending"),
    "planned": gettext_lazy("Planned"),
    "processed": gettext_lazy("Processed"),
    "processing": gettext_lazy("Processing"),
    "quarantined": gettext_lazy("Quarantined"),
    "queued": gettext_lazy("Queued"),
    "received": gettext_lazy("Received"),
    "released": gettext_lazy("Released"),
    "requires_action": gettext_lazy("Requires action"),
    "running": gettext_lazy("Running"),
    "same": gettext_lazy("Same as before"),
    "succeeded": gettext_lazy("Succeeded"),
    "trialing": gettext_lazy("Trial"),
    "uncollectible": gettext_lazy("Uncollectible"),
    "under_review": gettext_lazy("Under review"),
    "unpaid": gettext_lazy("Unpaid"),
    "used_up": gettext_lazy("Used up"),
    "valid": gettext_lazy("Valid"),
    "void": gettext_lazy("Void"),
    "waiting": gettext_lazy("Waiting"),
    "won": gettext_lazy("Won"),
    "available": gettext_lazy("Available"),
    "prevented": gettext_lazy("Prevented"),
    "warning_closed": gettext_lazy("Warning closed"),
    "warning_needs_response": gettext_lazy("Warning needs response"),
    "warning_under_review": gettext_lazy("Warning under review"),
    "adjustment": gettext_lazy("Adjustment"),
    "charge": gettext_lazy("Charge"),
    "payment": gettext_lazy("Payment"),
    "payment_failure_refund": gettext_lazy("Payment failure refund"),
    "payment_refund": gettext_lazy("Payment refund"),
    "payout": gettext_lazy("Payout"),
    "payout_failure": gettext_lazy("Payout failure"),
    "refund": gettext_lazy("Refund"),
    "refund_failure": gettext_lazy("Refund failure"),
    "stripe_fee": gettext_lazy("Stripe fee"),
    "tax_fee": gettext_lazy("Tax fee"),
    "duplicate": gettext_lazy("Duplicate"),
    "fraudulent": gettext_lazy("Fraudulent"),
    "order_change": gettext_lazy("Order change"),
    "product_unsatisfactory": gettext_lazy("Product unsatisfactory"),
}
"""Of the statuses and codes that badges and columns show; what is not here is made readable."""


def tone(status: str) -> str:
    return TONE_OF.get(status, "neutral")


def word(status: str) -> str:
    if status in WORDS:
        return str(WORDS[status])
    return capfirst(nouns.one(status)) if status in nouns.NOUNS else readable(status)


def readable(code: str) -> str:
    """A code that has no words: `In transit`."""
    return code.replace("_", " ").capitalize()


def things(object_type: str) -> str:
    """Stripe's noun in the plural, in small letters: `payment intents`."""
    return nouns.many(object_type)


def together(names: Sequence[str]) -> str:
    """`invoices, refunds and disputes`."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def digits(minor: int | Decimal, currency: str) -> str:
    """`1,527.96`, `−5,000` (JPY), `189.750` (KWD): grouped, the currency's own decimals, a true minus sign."""
    amount = money.major(minor, currency)
    return (MINUS if amount < 0 else "") + f"{abs(amount):,f}"


def amount(minor: int | Decimal, currency: str) -> str:
    """`1,527.96 EUR`."""
    return f"{digits(minor, currency)} {currency.upper()}"


def whole_number(value: int) -> str:
    return f"{value:,}"


def capped(value: int, cap: int = 10_000) -> str:
    return f"{cap:,}+" if value > cap else f"{value:,}"


def duration(span: timedelta, *, whole: bool = False) -> str:
    """`0.4 s`, `12 s`, `3 min`, `5 h`, `8 days`. `whole`: `2 s` instead of `2.0 s`."""
    seconds = abs(span.total_seconds())
    if seconds < 9.95:
        number = f"{seconds:.1f}" if seconds else "0"
        return _("%(number)s s") % {"number": number.removesuffix(".0") if whole else number}
    if seconds < 90:
        return _("%(number)s s") % {"number": round(seconds)}
    if seconds < 90 * 60:
        return _("%(number)s min") % {"number": round(seconds / 60)}
    if seconds < 36 * 3600:
        return _("%(number)s h") % {"number": round(seconds / 3600)}
    days = round(seconds / 86400)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


exact_times: ContextVar[bool] = ContextVar("exact_times", default=False)
"""Whether whoever looks wants each time exactly, instead of as a distance or a day."""


def shown_time(moment: datetime, text: str) -> str:
    """`text`, unless whoever looks wants each time exactly."""
    return exact(moment) if exact_times.get() else text


def day(moment: datetime, now: datetime) -> str:
    """`23 Nov`, with the year when it is not this one."""
    return local_day(timezone.localtime(moment), timezone.localtime(now))


def local_day(moment: datetime, now: datetime) -> str:
    """Both in the viewer's zone already."""
    return written_day(moment.day, moment.month, None if moment.year == now.year else moment.year)


@once_a_language
def written_day(day: int, month: int, year: int | None) -> str:
    # `date_format` would read its pattern anew for each of the hundred times of a page.
    if year is None:
        return _("%(day)s %(month)s") % {"day": day, "month": short_month(month)}
    return _("%(day)s %(month)s %(year)s") % {"day": day, "month": short_month(month), "year": year}


def short_month(number: int) -> str:
    """`Nov`, as Django's `M`."""
    return MONTHS_3[number].title()


def relative(moment: datetime, now: datetime) -> str:
    """`8 s ago`, `in 3 days`; past twenty days the date."""
    span = now - moment
    if abs(span) > RELATIVE_UP_TO:
        return day(moment, now)
    if abs(span) < timedelta(seconds=1):
        return _("now")
    distance = duration(timedelta(seconds=int(abs(span).total_seconds())), whole=True)
    said = _("%(distance)s ago") if span > timedelta() else _("in %(distance)s")
    return said % {"distance": distance}


def exact(moment: datetime) -> str:
    """`23 Nov 2026, 09:40:50 CET`, in the viewer's zone."""
    return local_exact(timezone.localtime(moment))


def local_exact(moment: datetime) -> str:
    """The moment is in the viewer's zone already."""
    time = f"{moment.time().isoformat('seconds')} {moment.tzname()}"
    return _day_and_place_of_a_time(moment.day, moment.month, moment.year).format(time=time)


@once_a_language
def _day_and_place_of_a_time(day: int, month: int, year: int) -> str:
    parts = {"day": day, "month": short_month(month), "year": year, "time": "{time}"}
    return _("%(day)s %(month)s %(year)s, %(time)s") % parts


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


PLAIN, ANY_ID = re.compile(r"\w+", re.ASCII), "any_id"


def address_of(page: str, object_id: str = "") -> str:
    """Of a page of the console, or of the object on it. A page asks for a hundred: `reverse` searches its patterns each
    time."""
    if not object_id:
        return _address(get_script_prefix(), page)
    if PLAIN.fullmatch(object_id):
        return _address(get_script_prefix(), page, ANY_ID).replace(ANY_ID, object_id)
    return reverse(f"console:{page}", args=[object_id])


@cache
def _address(prefix: str, page: str, *args: str) -> str:
    return reverse(f"console:{page}", args=args)


def console_link(object_id: str) -> str:
    """The object's page here; empty for a type that has none."""
    page = CONSOLE_PAGES.get(object_id.partition("_")[0])
    try:
        return address_of(page, object_id) if page else ""
    except NoReverseMatch:
        return ""
