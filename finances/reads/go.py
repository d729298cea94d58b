"""What the search box finds: one thing by its exact name, or the newest few of each kind by words."""

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from finances.models import (
    BalanceTransaction,
    Charge,
    Coupon,
    CreditNote,
    Customer,
    Delivery,
    Dispute,
    Invoice,
    Payment,
    PaymentMethod,
    Payout,
    Price,
    Product,
    PromotionCode,
    Refund,
    ResyncRun,
    Subscription,
    SubscriptionItem,
    SubscriptionSchedule,
    TaxRate,
)
from finances.reads.invoices import is_past_due, with_money_on_its_way
from finances.reads.lists import with_email
from finances.reads.payments import PaymentRow, payment_rows
from finances.reads.search import found_customers, found_in, found_with_attempts, matching, search_words

MOST_OF_A_KIND = 8
KINDS: dict[str, type[Model]] = {
    "customer": Customer,
    "subscription": Subscription,
    "invoice": Invoice,
    "payment": Payment,
    "delivery": Delivery,
    "resyncrun": ResyncRun,
}
PREFIXES: dict[str, tuple[str, type[Model]]] = {
    "cus": ("customer", Customer),
    "sub": ("subscription", Subscription),
    "sub_sched": ("subscription", SubscriptionSchedule),
    "si": ("subscription", SubscriptionItem),
    "in": ("invoice", Invoice),
    "pi": ("payment", Payment),
    "ch": ("payment", Charge),
    "py": ("payment", Charge),
    "re": ("refund", Refund),
    "pyr": ("refund", Refund),
    "du": ("dispute", Dispute),
    "dp": ("dispute", Dispute),
    "cn": ("creditnote", CreditNote),
    "pm": ("customer", PaymentMethod),
    "prod": ("product", Product),
    "price": ("product", Price),
    "po": ("payout", Payout),
    "txn": ("balancetransaction", BalanceTransaction),
    "promo": ("promotioncode", PromotionCode),
    "txr": ("taxrate", TaxRate),
    "evt": ("delivery", Delivery),
}
# What has no page of its own is shown on the page of what it belongs to: pages, and the columns that name it, the best
# first. A schedule that has not begun has no subscription yet.
BELONGS_TO: dict[type[Model], tuple[tuple[str, str], ...]] = {
    Refund: (("payment", "payment_intent_id"), ("payment", "charge_id")),
    PaymentMethod: (("customer", "customer_id"),),
    SubscriptionSchedule: (("subscription", "subscription_id"), ("customer", "customer_id")),
    SubscriptionItem: (("subscription", "subscription_id"),),
    Price: (("product", "product_id"),),
}
IN_A_TEXT = re.compile(rf"(?<![A-Za-z0-9_])({'|'.join(PREFIXES)})_[A-Za-z0-9]{{8,250}}(?![A-Za-z0-9_])")


@dataclass(frozen=True)
class Exact:
    """`kind`: whose right it takes. `known` is false for a well-formed id of something that was never read.

    `page`, `page_id`: the kind and the id of the page that shows it; no id where it belongs to nothing any more.
    """

    kind: str
    id: str
    known: bool
    page: str
    page_id: str


def exact(text: str) -> Exact | None:
    """What `text` names exactly: a Stripe id, a run's id, the number of one invoice or credit note, a coupon's id or
    code, the e-mail of one customer, the application's user that is one."""
    text = text.replace("\x00", " ").strip()  # PostgreSQL holds no NUL, so nothing is named with one
    # Out of an address of Stripe's dashboard, a chat's quotation marks, a sentence: the id is what was meant.
    if inside := IN_A_TEXT.search(text):
        text = inside[0]
    if stripe_id := re.fullmatch(r"(sub_sched|[a-z]+)_[A-Za-z0-9_]{1,250}", text):
        entry = PREFIXES.get(stripe_id[1])
        return _named(text, *entry) if entry else None
    try:
        run = uuid.UUID(text)
    except ValueError:
        pass
    else:
        known = ResyncRun.objects.filter(pk=run).exists()
        return Exact("resyncrun", str(run), True, "resyncrun", str(run)) if known else None
    return _number(text) or _coupon(text) or _only_customer(text)


def _named(object_id: str, kind: str, model: type[Model]) -> Exact:
    places = BELONGS_TO.get(model, ((kind, "pk"),))
    row = model._default_manager.filter(pk=object_id).values_list(*(column for _page, column in places)).first()
    owners = zip((page for page, _column in places), row or (), strict=False)
    page, owner = next((each for each in owners if each[1]), (kind, ""))
    return Exact(kind, object_id, known=row is not None, page=page, page_id=owner)


def _number(text: str) -> Exact | None:
    """Of one invoice, or of one credit note, which is its invoice's with more behind it."""
    # The number has no index of its own; search_text holds it casefolded and has one.
    if not re.fullmatch(r"[A-Za-z0-9#./_-]{3,60}", text) or not any(letter.isdigit() for letter in text):
        return None
    numbered: dict[str, type[Model]] = {"invoice": Invoice, "creditnote": CreditNote}
    for kind, model in numbered.items():
        rows = matching(model._default_manager.filter(number__iexact=text), text)
        if found := list(rows.values_list("pk", flat=True)[:2]):
            return Exact(kind, found[0], True, kind, found[0]) if len(found) == 1 else None
    return None


def _coupon(text: str) -> Exact | None:
    """By the coupon's own id, which people choose, or by a code that customers type, whatever its case."""
    found = Coupon.objects.filter(pk=text[:255]).values_list("pk", flat=True).first()
    if found is None:
        coupons = set(PromotionCode.objects.filter(code__iexact=text[:255]).values_list("coupon_id", flat=True)[:20])
        found = coupons.pop() if len(coupons) == 1 else None
    return Exact("coupon", found, True, "coupon", found) if found else None


def _only_customer(text: str) -> Exact | None:
    """None where a second one has the e-mail too, or had it: then a person has to choose. A user that is a number alone
    may as well be the last digits of a card."""
    if text.isdigit():
        return None
    found = list(Customer.objects.filter(with_email(text) if "@" in text else Q(subscriber_id=text[:255]))[:2])
    if len(found) != 1 or ("@" in text and found[0].email.casefold() != text.casefold()):
        return None
    return Exact("customer", found[0].pk, True, "customer", found[0].pk)


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
    payments: list[PaymentRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.customers or self.subscriptions or self.invoices or self.payments)


NOTHING = Hits([], [], [], frozenset(), {})


def hits(text: str, kinds: frozenset[str], now: datetime) -> Hits:
    """At most eight of each of `kinds` (`customer`, `subscription`, `invoice`, `payment`); at most thirteen queries."""
    if not search_words(text):
        return NOTHING
    more = set()

    def newest(kind: str) -> list[Any]:
        if kind not in kinds:
            return []
        everything: QuerySet[Any] = KINDS[kind]._default_manager.all()
        if kind == "invoice":
            everything = with_money_on_its_way(everything)
        search = {"payment": found_with_attempts, "customer": found_customers}.get(kind, found_in)
        rows = list(
            everything.filter(search(KINDS[kind]._default_manager.all(), text).rows).order_by("-created_at", "-pk")[
                : MOST_OF_A_KIND + 1
            ]
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
    payments = payment_rows(newest("payment"))
    late = frozenset(row.pk for row in found.invoices if is_past_due(row, now))
    return replace(found, more=frozenset(more), customer_names=names, past_due=late, payments=payments)
