"""Where each object hangs, and what dj-stripe's integer keys mean."""

from typing import Any, NamedTuple

import psycopg
from djstripe import models as djstripe
from djstripe.models.base import StripeModel

from finances import models as paydesk

OF_STRIPE: tuple[Any, ...] = (
    djstripe.Customer,
    djstripe.PaymentMethod,
    djstripe.Subscription,
    djstripe.SubscriptionItem,
    djstripe.SubscriptionSchedule,
    djstripe.SetupIntent,
    djstripe.Invoice,
    djstripe.LineItem,
    djstripe.PaymentIntent,
    djstripe.Charge,
    djstripe.Refund,
    djstripe.Dispute,
    djstripe.BalanceTransaction,
    paydesk.StripeObject,
    paydesk.ObjectVersion,
)


class Place(NamedTuple):
    """What an object hangs on. `cell`: an invoice, or a payment without one, and all that is about it."""

    customer: str
    subscription: str = ""
    cell: str = ""


PLACES = """
    SELECT id, id, '', '' FROM paydesk_customer
    UNION ALL SELECT id, customer_id, '', '' FROM paydesk_paymentmethod WHERE customer_id <> ''
    UNION ALL SELECT id, customer_id, '', '' FROM djstripe_setupintent WHERE customer_id IS NOT NULL
    UNION ALL SELECT id, customer_id, '', '' FROM paydesk_stripeobject
        WHERE type = 'customer_balance_transaction' AND customer_id <> ''
    UNION ALL SELECT id, customer_id, id, '' FROM paydesk_subscription
    UNION ALL SELECT i.id, s.customer_id, s.id, '' FROM paydesk_subscriptionitem i
        JOIN paydesk_subscription s ON s.id = i.subscription_id
    UNION ALL SELECT id, customer_id, subscription_id, '' FROM paydesk_subscriptionschedule
    UNION ALL SELECT id, customer_id, subscription_id, '' FROM paydesk_discount
    UNION ALL SELECT id, customer_id, subscription_id, id FROM paydesk_invoice
    UNION ALL SELECT l.id, i.customer_id, i.subscription_id, i.id FROM paydesk_invoiceline l
        JOIN paydesk_invoice i ON i.id = l.invoice_id
    UNION ALL SELECT p.id, i.customer_id, i.subscription_id, i.id FROM paydesk_invoicepayment p
        JOIN paydesk_invoice i ON i.id = p.invoice_id
    UNION ALL SELECT n.id, i.customer_id, i.subscription_id, i.id FROM paydesk_creditnote n
        JOIN paydesk_invoice i ON i.id = n.invoice_id
    UNION ALL (SELECT DISTINCT ON (p.id) p.id, p.customer_id, coalesce(i.subscription_id, ''), coalesce(i.id, p.id)
        FROM paydesk_payment p LEFT JOIN paydesk_invoicepayment l ON l.payment_intent_id = p.id
        LEFT JOIN paydesk_invoice i ON i.id = l.invoice_id WHERE p.customer_id <> '' ORDER BY p.id, l.id)
"""
# Of what hangs on a payment; then of what hangs on a charge, and so on.
FURTHER = (
    "SELECT id, payment_intent_id FROM paydesk_charge WHERE payment_intent_id <> ''",
    "SELECT id, charge_id FROM paydesk_refund",
    "SELECT id, charge_id FROM paydesk_dispute",
    "SELECT id, source_id FROM paydesk_balancetransaction",
    "SELECT event_id, object_id FROM paydesk_delivery",
)


def read_places(connection: psycopg.Connection[Any]) -> dict[str, Place]:
    places = {row[0]: Place(*row[1:]) for row in connection.execute(PLACES)}
    for query in FURTHER:
        places |= {each: places[of] for each, of in connection.execute(query) if of in places}
    return places


def read_keys(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], str]:
    """(dj-stripe's table, its integer key as text) -> Stripe's id."""
    found = {}
    for model in OF_STRIPE:
        table = model._meta.db_table
        if issubclass(model, StripeModel):
            for key, object_id in connection.execute(f"SELECT djstripe_id, id FROM {table}"):
                found[table, str(key)] = object_id
    return found
