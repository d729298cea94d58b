"""Customers by what is not on them any more, or is the application's: former e-mails, its own users and tenants."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from finances.models import Customer, FormerEmail, Subscription
from finances.reads.customers import Amount, recurring_revenue
from finances.reads.search import holding, search_words
from finances.reads.subscriptions import most_pressing_first

MOST = 8


@dataclass(frozen=True)
class OtherName:
    """`until`: when the customer had that e-mail last; None where the words are the application's id of its user."""

    customer: Customer
    until: datetime | None


@dataclass(frozen=True)
class Namesake:
    """What tells one customer from another of the same e-mail. `subscriptions`: most pressing first; `mrr`: of them."""

    customer: Customer
    subscriptions: list[Subscription]
    mrr: list[Amount]


def customers_by_other_names(text: str) -> list[OtherName]:
    """The newest eight whose former e-mail, or whose user, this is, as a whole. Two queries, one for no e-mail."""
    whole = text.replace("\x00", " ").strip()
    former: dict[str, datetime] = {}
    words = search_words(whole)
    if len(words) == 1 and "@" in words[0]:
        rows = FormerEmail.objects.filter(email=words[0]).order_by("-until")[:MOST]
        former = dict(rows.values_list("customer_id", "until"))
    found = Q(id__in=list(former))
    if whole:
        found |= Q(subscriber_id=whole[:255])
    customers = Customer.objects.filter(found).order_by("-created_at", "-id")[:MOST]
    return [OtherName(each, None if each.subscriber_id == whole else former.get(each.id)) for each in customers]


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
