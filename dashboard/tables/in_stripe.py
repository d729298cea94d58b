"""What Paydesk does not do and Stripe's dashboard does: the verb, and where it is done."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from dashboard.formatting import stripe_link
from finances.models import Customer, Invoice, InvoicePayment, Subscription
from finances.reads.payments import PaymentRow
from finances.reads.subscriptions import ENDED


class Deed(NamedTuple):
    """`what`: verbs, as one would look for them. `href`: in our mode and account; Stripe asks there before it acts."""

    what: str
    href: str


def of_customer(
    customer: Customer, subscriptions: Sequence[Subscription], payments: Sequence[PaymentRow]
) -> list[Deed]:
    """A subscription's and a payment's own deeds where there is but one of them to mean."""
    if customer.deleted_at:
        return []
    account = customer.account_id
    deeds = [Deed(_("Change card, e-mail, address or credit"), stripe_link(customer.id, account))]
    running = [each for each in subscriptions if each.status not in ENDED]
    if len(running) == 1:
        deeds.append(Deed(_("Cancel or change the subscription"), stripe_link(running[0].id, account)))
    paid = next((row.payment for row in payments if row.payment.status == "succeeded"), None)
    if paid:
        deeds.append(Deed(_("Refund the last payment"), stripe_link(paid.id, account)))
    return deeds


def of_subscription(subscription: Subscription) -> list[Deed]:
    if subscription.deleted_at or subscription.status in ENDED:
        return []
    href = stripe_link(subscription.id, subscription.account_id)
    pause = _("Resume collection") if subscription.collection_paused else _("Pause collection")
    return [Deed(words, href) for words in (_("Cancel it"), _("Change plan, quantity or card"), pause)]


def of_invoice(invoice: Invoice, links: Sequence[InvoicePayment]) -> list[Deed]:
    if invoice.deleted_at:
        return []
    href = stripe_link(invoice.id, invoice.account_id)
    match invoice.status:
        case "draft":
            words = [_("Edit or issue it"), _("Delete the draft")]
        case "open":
            words = [_("Charge it now"), _("Send it again"), _("Void it or write it off"), _("Issue a credit note")]
        case "uncollectible":
            words = [_("Charge it after all"), _("Void it")]
        case "paid":
            words = [_("Issue a credit note")]
        case _:
            words = []
    deeds = [Deed(each, href) for each in words]
    paid = next((each.payment_intent_id or each.charge_id for each in links if each.amount_paid), "")
    if paid and invoice.status == "paid":
        deeds.insert(0, Deed(_("Refund it"), stripe_link(paid, invoice.account_id)))
    return deeds
