"""Whether what a customer has is at risk, and why: from subscriptions, invoices and methods that were read already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from finances.models import Customer, Invoice, PaymentMethod, Subscription
from finances.reads.payment_methods import Paying, expiry
from finances.reads.subscriptions import ENDED


class Standing(StrEnum):
    """How a subscription stands, the gravest first. Whether the application lets somebody in is the application's."""

    DELETED = "deleted"
    UNPAID = "unpaid"  # the retries are over
    PAST_DUE = "past_due"  # retries are running
    INCOMPLETE = "incomplete"  # the first payment is missing
    PAUSED = "paused"  # it invoices nothing, a trial without a method for one
    NO_METHOD = "no_method"  # the next charge has nothing to go to
    METHOD_REMOVED = "method_removed"
    METHOD_EXPIRED = "method_expired"
    CANCELS = "cancels"
    LATE_INVOICE = "late_invoice"  # an invoice is past due, and no subscription says so by its status
    DELINQUENT = "delinquent"  # Stripe says so, and nothing that is stored shows why
    COLLECTION_PAUSED = "collection_paused"
    SAFE = "safe"
    ENDED = "ended"
    NEVER = "never"  # no subscription at all


AT_RISK = frozenset(
    {
        Standing.UNPAID,
        Standing.PAST_DUE,
        Standing.INCOMPLETE,
        Standing.NO_METHOD,
        Standing.METHOD_REMOVED,
        Standing.METHOD_EXPIRED,
        Standing.LATE_INVOICE,
        Standing.DELINQUENT,
    }
)
EVERY = tuple(Standing)
OWING = ("unpaid", "past_due", "incomplete")
"""Statuses of subscriptions that an invoice brings about."""
GIVES_WAY = frozenset({Standing.COLLECTION_PAUSED, Standing.SAFE, Standing.ENDED})
"""To an invoice that is late: then nothing else is said."""

STANDS_BESIDE = frozenset(
    {
        Standing.PAUSED,
        Standing.NO_METHOD,
        Standing.METHOD_REMOVED,
        Standing.METHOD_EXPIRED,
        Standing.CANCELS,
    }
)
"""An invoice that is late: the invoice is said first, since it is late already, and then what is to come."""


@dataclass(frozen=True)
class Access:
    """`subscription`: the one that stands worst; None where it is the customer. `others`: how many more are running.

    `at`: when that comes about or came about: the end, the next charge, the deletion; None where nobody knows.
    `invoice`: the one that is past due with the most failed tries. `method`: the one that is or would be charged.
    `beside`: how the subscription stands by itself, where an invoice that is late is said first.
    """

    standing: Standing
    subscription: Subscription | None = None
    at: datetime | None = None
    invoice: Invoice | None = None
    method: PaymentMethod | None = None
    others: int = 0
    beside: Standing | None = None

    @property
    def at_risk(self) -> bool:
        return self.standing in AT_RISK


def access_of_customer(
    customer: Customer,
    subscriptions: Sequence[Subscription],
    paying: Sequence[Paying],
    methods: Sequence[PaymentMethod],
    late: Invoice | None,
    now: datetime,
) -> Access:
    """`late`: the open invoice that is past due. No query."""
    if customer.deleted_at:
        return Access(Standing.DELETED, at=customer.deleted_at)
    if not subscriptions:
        return Access(Standing.LATE_INVOICE if late else Standing.NEVER, invoice=late)
    charged = {each.subscription_id: each for each in paying}
    each_of = [access_of_subscription(each, charged.get(each.id), methods, late, now) for each in subscriptions]
    worst = min(each_of, key=lambda each: (EVERY.index(each.standing), each.invoice is None))
    running = sum(each.status not in ENDED for each in subscriptions)
    if worst.standing in GIVES_WAY and (late or (customer.delinquent and running)):
        worst = Access(Standing.LATE_INVOICE if late else Standing.DELINQUENT, invoice=late)
    elif worst.standing in STANDS_BESIDE and late:
        worst = replace(worst, standing=Standing.LATE_INVOICE, invoice=late, beside=worst.standing)
    about_running = worst.subscription is not None and worst.standing != Standing.ENDED
    return replace(worst, others=max(0, running - about_running))


def access_of_subscription(
    subscription: Subscription,
    paying: Paying | None,
    methods: Sequence[PaymentMethod],
    late: Invoice | None,
    now: datetime,
) -> Access:
    """`paying`: how it is paid; None where Stripe charges it nothing. `late`: an invoice that is past due. No query."""
    if subscription.status in ENDED:
        return Access(Standing.ENDED, subscription, subscription.ended_at)
    if subscription.status in OWING:
        own = late if late and late.subscription_id in ("", subscription.id) else None
        return Access(Standing(subscription.status), subscription, invoice=own)
    if subscription.status == "paused":
        return Access(Standing.PAUSED, subscription)
    if ends_at := ends(subscription):
        return Access(Standing.CANCELS, subscription, ends_at)
    if subscription.collection_paused:
        return Access(Standing.COLLECTION_PAUSED, subscription)
    return next_charge(subscription, paying, methods, now)


def ends(subscription: Subscription) -> datetime | None:
    """When it is set to end; None where it goes on."""
    if subscription.cancel_at:
        return subscription.cancel_at
    return subscription.current_period_end if subscription.cancel_at_period_end else None


def next_charge(
    subscription: Subscription, paying: Paying | None, methods: Sequence[PaymentMethod], now: datetime
) -> Access:
    """Whether the end of this period, or of the trial, finds something that can be charged."""
    at = subscription.current_period_end
    if paying is None or paying.by_invoice:
        return Access(Standing.SAFE, subscription, at)
    if not paying.charged.method_id:
        return Access(Standing.NO_METHOD if paying.known else Standing.SAFE, subscription, at)
    method = next((each for each in methods if each.id == paying.charged.method_id), None)
    if method is None:
        return Access(Standing.SAFE, subscription, at)
    if method.deleted_at or not method.customer_id:
        return Access(Standing.METHOD_REMOVED, subscription, at, method=method)
    # A card that is good today may not be when it is charged.
    expired = expiry(method, max(at, now) if at else now) == "expired"
    return Access(Standing.METHOD_EXPIRED if expired else Standing.SAFE, subscription, at, method=method)
