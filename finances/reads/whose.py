"""Customers by what is not on them: former e-mails, the application's own users and tenants, the cards they have."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from finances.models import Customer, FormerEmail, PaymentMethod, Subscription
from finances.reads.customers import Amount, recurring_revenue
from finances.reads.search import holding, search_words
from finances.reads.subscriptions import most_pressing_first

MOST = 8
FOUR_DIGITS = re.compile(r"[0-9]{4}")


@dataclass(frozen=True)
class OtherName:
    """`until`: when the customer had that e-mail last. `method`: the card whose last digits these are. Neither where
    the words are the application's id of its user."""

    customer: Customer
    until: datetime | None = None
    method: PaymentMethod | None = None

    @property
    def is_user(self) -> bool:
        return self.until is None and self.method is None


@dataclass(frozen=True)
class Namesake:
    """What tells one customer from another of the same e-mail. `subscriptions`: most pressing first; `mrr`: of them."""

    customer: Customer
    subscriptions: list[Subscription]
    mrr: list[Amount]


def customers_by_other_names(text: str) -> list[OtherName]:
    """The newest eight whose former e-mail, or whose user, this is, as a whole, or who have a card that ends so. One
    query, another for an e-mail or for four digits."""
    whole = text.replace("\x00", " ").strip()
    former: dict[str, datetime] = {}
    words = search_words(whole)
    if len(words) == 1 and "@" in words[0]:
        rows = FormerEmail.objects.filter(email=words[0]).order_by("-until")[:MOST]
        former = dict(rows.values_list("customer_id", "until"))
    cards: dict[str, PaymentMethod] = {}
    if FOUR_DIGITS.fullmatch(whole):
        newest = _cards(whole).order_by("-created_at", "-id")[:MOST]
        cards = {each.customer_id: each for each in newest}
    found = Q(id__in=[*former, *cards])
    if whole:
        found |= Q(subscriber_id=whole[:255])
    customers = Customer.objects.filter(found).order_by("-created_at", "-id")[:MOST]
    return [
        OtherName(each) if each.subscriber_id == whole else OtherName(each, former.get(each.id), cards.get(each.id))
        for each in customers
    ]


def with_card(last4: str) -> Q:
    """Customers who have a card, or another way to pay, that ends so."""
    return Q(id__in=_cards(last4).values("customer_id"))


def _cards(last4: str) -> QuerySet[PaymentMethod]:
    """That somebody has: a detached one is nobody's."""
    return PaymentMethod.objects.filter(last4=last4, deleted_at=None).exclude(customer_id="")


def former_emails_of(customer_id: str) -> list[tuple[str, datetime]]:
    """(e-mail, until when), the latest first. One query."""
    rows = FormerEmail.objects.filter(customer_id=customer_id).order_by("-until")[:MOST]
    return list(rows.values_list("email", "until"))


def namesakes(customer: Customer) -> list[Namesake]:
    """The newest eight others that have the same e-mail now, deleted ones too. One query, and one for the subscriptions
    of those that there are; none without an e-mail."""
    if not customer.email:
        return []
    # In any case; of those that the search finds by it, as no index knows capitals.
    alike = holding(search_words(customer.email)) & Q(email__iexact=customer.email)
    others = Customer.objects.filter(alike).exclude(id=customer.id)
    found = list(others.only("id", "name", "email", "deleted_at", "created_at").order_by("-created_at", "-id")[:MOST])
    theirs: dict[str, list[Subscription]] = {each.id: [] for each in found}
    for row in Subscription.objects.filter(customer_id__in=theirs) if theirs else ():
        theirs[row.customer_id].append(row)
    return [Namesake(each, most_pressing_first(theirs[each.id]), recurring_revenue(theirs[each.id])) for each in found]
