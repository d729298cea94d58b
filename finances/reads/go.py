"""What the search box finds: one thing by its exact name, or the newest few of each kind by words."""

import re
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
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
    InvoiceLine,
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
from finances.reads.credit_notes import CreditNoteRow, credit_note_rows, newest_credit_notes
from finances.reads.customers import newest_customers
from finances.reads.invoices import InvoiceRow, invoice_rows, newest_invoices
from finances.reads.lists import with_email
from finances.reads.payments import PaymentRow, newest_payments, payment_rows
from finances.reads.search import (
    Found,
    found_by_phone,
    found_customers,
    found_in,
    found_with_attempts,
    matching,
    search_words,
)
from finances.reads.subscriptions import SubscriptionRow, newest_subscriptions, subscription_rows

MOST_OF_A_KIND = 8
MOST_WHOSE = 50
"""Customers whose subscriptions are looked for: more are of a name that says nobody."""
NONE = Q(pk__in=())
Search = Callable[[QuerySet[Any], str], Found]
PREFIXES: dict[str, tuple[str, type[Model]]] = {
    "cus": ("customer", Customer),
    "sub": ("subscription", Subscription),
    "sub_sched": ("subscription", SubscriptionSchedule),
    "si": ("subscription", SubscriptionItem),
    "in": ("invoice", Invoice),
    "il": ("invoice", InvoiceLine),
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
    InvoiceLine: (("invoice", "invoice_id"),),
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
    # The number has no index of its own; search_text holds it folded and has one.
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

    `subscriptions`: of the customers that were found, too, where those are no more than fifty. `phones`: by id,
    the numbers of customers of whom some word stands in nothing else.
    """

    customers: list[Customer] = field(default_factory=list)
    subscriptions: list[SubscriptionRow] = field(default_factory=list)
    invoices: list[InvoiceRow] = field(default_factory=list)
    credit_notes: list[CreditNoteRow] = field(default_factory=list)
    payments: list[PaymentRow] = field(default_factory=list)
    more: frozenset[str] = frozenset()
    phones: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.customers or self.subscriptions or self.invoices or self.credit_notes or self.payments)


def hits(text: str, kinds: frozenset[str], now: datetime, others: Collection[str] = ()) -> Hits:
    """At most eight of each of `kinds` (`customer`, `subscription`, `invoice`, `creditnote`, `payment`); at most
    nineteen queries, one for a kind of which nothing is found. `others`: ids of customers that the text names in a way
    of its own, whose subscriptions are wanted too."""
    if not search_words(text):
        return Hits()
    people = found_customers(Customer.objects.all(), text) if "customer" in kinds else Found(NONE, frozenset())
    named = frozenset() if people.ids is None or len(people.ids) > MOST_WHOSE else people.ids
    theirs = Q(customer_id__in=named.union(others))
    more = set()

    def newest(kind: str, rows: QuerySet[Any], search: Search = found_in, beside: Q = NONE) -> list[Any]:
        if kind not in kinds:
            return []
        found = list(rows.filter(search(rows, text).rows | beside)[: MOST_OF_A_KIND + 1])
        if len(found) > MOST_OF_A_KIND:
            more.add(kind)
        return found[:MOST_OF_A_KIND]

    customers = newest("customer", newest_customers(), lambda _rows, _text: people)
    return Hits(
        customers=customers,
        subscriptions=subscription_rows(newest("subscription", newest_subscriptions(), beside=theirs)),
        invoices=invoice_rows(newest("invoice", newest_invoices()), now),
        credit_notes=credit_note_rows(newest("creditnote", newest_credit_notes())),
        payments=payment_rows(newest("payment", newest_payments(), found_with_attempts)),
        more=frozenset(more),
        phones={each.pk: each.phone for each in customers if found_by_phone(each, text)},
    )
