"""What Paydesk does not do and Stripe's dashboard does: the verb, and where it is done."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from dashboard.formatting import stripe_link
from finances.models import Customer, Dispute, Invoice, InvoicePayment, Payment, Subscription
from finances.reads.payment import Purpose
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


def of_payment(payment: Payment, standing: str, purposes: Sequence[Purpose], disputes: Sequence[Dispute]) -> list[Deed]:
    """`standing`: of `finances.reads.payments`. What was not paid is charged again on its invoice, where it has one."""
    if payment.deleted_at:
        return []
    here, account = stripe_link(payment.id, payment.account_id), payment.account_id
    match standing:
        case "succeeded" | "partially_refunded":
            return [Deed(words, here) for words in (_("Refund it"), _("Send the receipt again"))]
        case "refunded":
            return [Deed(_("Send the receipt again"), here)]
        case "disputed":
            return [Deed(_("Answer the dispute"), stripe_link(each.id, account)) for each in disputes[:1]]
        case "uncaptured":
            return [Deed(words, here) for words in (_("Capture it"), _("Cancel it"))]
        case "failed" | "incomplete" | "requires_action":
            open_ones = [each.invoice for each in purposes if each.invoice and each.invoice.status == "open"]
            again = [Deed(_("Charge its invoice now"), stripe_link(each.id, account)) for each in open_ones]
            # Stripe cancels no payment of an open invoice by itself.
            return again[:1] or [Deed(_("Cancel it"), here)]
    return []


def of_dispute(dispute: Dispute, *, takes_an_answer: bool, refundable: bool) -> list[Deed]:
    """`refundable`: an inquiry, which a refund ends before money is withdrawn."""
    if dispute.deleted_at or not takes_an_answer:
        return []
    here, account = stripe_link(dispute.id, dispute.account_id), dispute.account_id
    deeds = [Deed(words, here) for words in (_("Answer it with evidence"), _("Accept it"))]
    paid = dispute.payment_intent_id or dispute.charge_id
    if refundable and paid:
        deeds.append(Deed(_("Refund the payment in full"), stripe_link(paid, account)))
    return deeds
