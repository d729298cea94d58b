"""What the search box finds: one thing by its exact name, or the newest few of each kind by words."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model

from finances.models import Customer, Delivery, Invoice, ResyncRun, Subscription
from finances.reads.invoices import is_past_due
from finances.reads.search import matching, search_words

MOST_OF_A_KIND = 8
KINDS: dict[str, type[Model]] = {
    "customer": Customer,
    "subscription": Subscription,
    "invoice": Invoice,
    "delivery": Delivery,
    "resyncrun": ResyncRun,
}
PREFIXES = {"cus": "customer", "sub": "subscription", "in": "invoice", "evt": "delivery"}


@dataclass(frozen=True)
class Exact:
    """`kind`: a key of KINDS. `known` is false for a well-formed id of something that was never read."""

    kind: str
    id: str
    known: bool = True


def exact(text: str) -> Exact | None:
    """What `text` names exactly: a Stripe id, a run's id, or the number of one invoice."""
    text = text.strip()
    # Out of an address of Stripe's dashboard, a chat's quotation marks, a sentence: the id is what was meant.
    if inside := re.search(r"(?<![A-Za-z0-9_])(cus|sub|in|evt)_[A-Za-z0-9]{8,250}(?![A-Za-z0-9_])", text):
        text = inside[0]
    if stripe_id := re.fullmatch(r"([a-z]+)_[A-Za-z0-9_]{1,250}", text):
        if kind := PREFIXES.get(stripe_id[1]):
            return Exact(kind, text, known=KINDS[kind]._default_manager.filter(pk=text).exists())
        return None
    try:
        run = uuid.UUID(text)
    except ValueError:
        pass
    else:
        return Exact("resyncrun", str(run)) if ResyncRun.objects.filter(pk=run).exists() else None
    return _invoice_number(text)


def _invoice_number(text: str) -> Exact | None:
    # The number has no index of its own; search_text holds it casefolded and has one.
    if not re.fullmatch(r"[A-Za-z0-9#./_-]{3,60}", text) or not any(letter.isdigit() for letter in text):
        return None
    found = matching(Invoice.objects.all(), text).filter(number__iexact=text).values_list("pk", flat=True)[:2]
    return Exact("invoice", found[0]) if len(found) == 1 else None


@dataclass(frozen=True)
class Hits:
    """The newest of each kind that hold every word; `more`: the kinds that have further ones.

    `past_due`: ids of the invoices that are.
    """

    customers: list[Customer]
    subscriptions: list[Subscription]
    invoices: list[Invoice]
    more: frozenset[str]
    customer_names: dict[str, str]
    past_due: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.customers or self.subscriptions or self.invoices)


NOTHING = Hits([], [], [], frozenset(), {})


def hits(text: str, kinds: frozenset[str], now: datetime) -> Hits:
    """At most eight of each of `kinds` (`customer`, `subscription`, `invoice`); four queries whatever they hold."""
    if not search_words(text):
        return NOTHING
    more = set()

    def newest(kind: str) -> list[Any]:
        if kind not in kinds:
            return []
        rows = list(
            matching(KINDS[kind]._default_manager.all(), text).order_by("-created_at", "-pk")[: MOST_OF_A_KIND + 1]
        )
        if len(rows) > MOST_OF_A_KIND:
            more.add(kind)
        return rows[:MOST_OF_A_KIND]

    found = Hits(newest("customer"), newest("subscription"), newest("invoice"), frozenset(), {})
    owners: set[str] = set()
    if "customer" in kinds:
        owners |= {row.customer_id for row in found.subscriptions} | {row.customer_id for row in found.invoices}
    names = {
        row["id"]: row["name"] or row["email"]
        for row in Customer.objects.filter(pk__in=owners).values("id", "name", "email")
    }
    late = frozenset(row.pk for row in found.invoices if is_past_due(row, now))
    return replace(found, more=frozenset(more), customer_names=names, past_due=late)
