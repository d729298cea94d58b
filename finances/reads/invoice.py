"""One invoice's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from djstripe import models as djstripe

from finances.models import (
    Charge,
    CreditNote,
    Customer,
    Invoice,
    InvoicePayment,
    Payment,
    PaymentMethod,
    Subscription,
    TaxRate,
)
from finances.reads.customer import address_lines
from finances.reads.discounts import AppliedDiscount, coupons_of_discounts
from finances.reads.invoice_lines import Lines, amounts, is_inclusive, lines_of, taxes
from finances.reads.invoices import is_past_due, with_money_on_its_way
from finances.reads.payment_methods import Charged, methods_of, will_be_charged
from finances.reads.returns import Returns, returns_of_payments
from finances.reads.stored import amount_at, at, id_at, json_of, list_at, stripe_address, text_at, time_at, with_stored
from finances.reads.subscriptions import Item, items_of


@dataclass(frozen=True)
class TaxPart:
    """`amount` and what it was taken on in minor units. `rate`: None where Stripe worked it out, or it was never read.

    `because`: Stripe's word for why it is what it is, such as reverse_charge; may be empty.
    """

    amount: int
    taxable: int | None
    included: bool
    rate: TaxRate | None
    because: str


@dataclass(frozen=True)
class DiscountPart:
    """What one discount took off, positive, in minor units. `applied`: None where the discount is gone or unread."""

    discount_id: str
    amount: int
    applied: AppliedDiscount | None
    name: str


@dataclass(frozen=True)
class Paper:
    """What only Stripe's JSON holds. Amounts in minor units; None where Stripe does not say.

    `discount`: what was taken off, positive. `tax`: added to the sum; `tax_included`: already in it.
    `balance_used`: how much of the customer's balance went in (negative: credit that lowered what is due).
    `out_of_band`: paid outside Stripe, a part of `amount_paid`. `overpaid`: kept as the customer's credit.
    `shipping`: added to the lines' sum.
    """

    subtotal: int | None
    discount: int
    tax: int
    tax_included: int
    balance_used: int
    out_of_band: int
    overpaid: int
    shipping: int
    description: str
    billed_to: list[str]
    tax_ids: list[str]
    custom_fields: list[tuple[str, str]]
    starts_at: datetime | None
    ends_at: datetime | None
    voided_at: datetime | None
    uncollectible_at: datetime | None
    finalizes_at: datetime | None
    payment_page: str
    pdf: str
    receipt_number: str

    @property
    def all_tax(self) -> int:
        return self.tax + self.tax_included


@dataclass(frozen=True)
class Try:
    """One charge; None where the payment was begun and nothing was charged so far."""

    payment: Payment | None
    charge: Charge | None

    @property
    def at(self) -> datetime | None:
        it = self.charge or self.payment
        return it.created_at if it else None


@dataclass(frozen=True)
class InvoicePage:
    """`tries`: newest first. `links`: what Stripe says pays it, or is to. `charged`: of an invoice that is open."""

    invoice: Invoice
    past_due: bool
    customer: Customer | None
    items: list[Item]
    paper: Paper
    lines: Lines
    taxes: list[TaxPart]
    discounts: list[DiscountPart]
    links: list[InvoicePayment]
    tries: list[Try]
    credit_notes: list[CreditNote]
    returns: Returns
    charged: Charged
    methods: list[PaymentMethod]


def invoice_page(invoice_id: str, now: datetime, *, every_line: bool = False) -> InvoicePage:
    """Fifteen queries, whatever it holds. Raises Invoice.DoesNotExist."""
    invoice = with_stored(with_money_on_its_way(Invoice.objects.all()), djstripe.Invoice).get(id=invoice_id)
    stored = json_of(invoice)
    customer = with_stored(Customer.objects.all(), djstripe.Customer).filter(id=invoice.customer_id).first()
    subscriptions = with_stored(Subscription.objects.all(), djstripe.Subscription)
    subscription = subscriptions.filter(id=invoice.subscription_id).first()
    links = links_of(invoice_id)
    payments = Payment.objects.in_bulk({each.payment_intent_id for each in links if each.payment_intent_id})
    charges = charges_of(links)
    charged = will_be_charged(
        json_of(subscription) if subscription else {}, json_of(customer) if customer else {}, stored
    )
    notes = CreditNote.objects.filter(invoice_id=invoice_id, deleted_at=None)
    return InvoicePage(
        invoice=invoice,
        past_due=is_past_due(invoice, now),
        customer=customer,
        items=items_of([invoice.subscription_id]).get(invoice.subscription_id, []),
        paper=paper(stored),
        lines=lines_of(invoice_id, stored, everything=every_line),
        taxes=tax_parts(stored),
        discounts=discount_parts(stored),
        links=links,
        tries=tries(payments.values(), charges),
        credit_notes=list(notes.order_by("-created_at", "-id")),
        returns=returns_of_payments(payments, (charge.id for charge in charges)),
        charged=charged if invoice.status in ("open", "draft") else Charged(),
        methods=methods_of("", [charged.method_id]),
    )


def links_of(invoice_id: str) -> list[InvoicePayment]:
    """What pays it, or is to, the oldest first. One query."""
    return list(InvoicePayment.objects.filter(invoice_id=invoice_id, deleted_at=None).order_by("created_at", "id"))


def charges_of(links: Sequence[InvoicePayment]) -> list[Charge]:
    """Newest first: all attempts of the linked payments, and charges that are linked without one. One query."""
    payments = {each.payment_intent_id for each in links} - {""}
    alone = {each.charge_id for each in links} - {""}
    about = Q(payment_intent_id__in=payments) | Q(id__in=alone)
    return list(Charge.objects.filter(about).order_by("-created_at", "-id"))


def tries(payments: Iterable[Payment], charges: Sequence[Charge]) -> list[Try]:
    """Each charge is one; a payment without any is one too: it was begun."""
    by_id = {each.id: each for each in payments}
    found = [Try(by_id.get(charge.payment_intent_id), charge) for charge in charges]
    charged = {charge.payment_intent_id for charge in charges}
    found += [Try(payment, None) for payment in by_id.values() if payment.id not in charged]
    return sorted(found, key=lambda each: each.at.timestamp() if each.at else 0, reverse=True)


def tax_parts(invoice: dict[str, Any]) -> list[TaxPart]:
    """By rate, as Stripe lists them. One query."""
    listed = list_at(invoice, "total_taxes") or list_at(invoice, "total_tax_amounts")
    ids = [id_at(each, "tax_rate_details", "tax_rate") or id_at(each, "tax_rate") for each in listed]
    rates = TaxRate.objects.in_bulk(set(ids) - {""})
    return [
        TaxPart(
            amount=amount_at(each, "amount") or 0,
            taxable=amount_at(each, "taxable_amount"),
            included=is_inclusive(each),
            rate=rates.get(rate_id),
            because=text_at(each, "taxability_reason"),
        )
        for each, rate_id in zip(listed, ids, strict=True)
    ]


def discount_parts(invoice: dict[str, Any]) -> list[DiscountPart]:
    """By discount, as Stripe lists them. Two queries."""
    listed = list_at(invoice, "total_discount_amounts")
    came_along = {text_at(each, "id"): each for each in list_at(invoice, "discounts")}
    known = coupons_of_discounts(id_at(each, "discount") for each in listed)
    parts = []
    for each in listed:
        discount_id = id_at(each, "discount")
        applied = known.get(discount_id)
        whole = came_along.get(discount_id) or at(each, "discount")
        name = (applied.coupon.name if applied and applied.coupon else "") or (
            text_at(whole, "source", "coupon", "name") or text_at(whole, "coupon", "name")
        )
        name = name or (applied.discount.coupon_id if applied else "") or id_at(whole, "source", "coupon")
        parts.append(DiscountPart(discount_id, amount_at(each, "amount") or 0, applied, name))
    return parts


def paper(invoice: dict[str, Any]) -> Paper:
    """From Stripe's invoice, of any API version; what is missing is empty."""
    tax, tax_included = taxes(invoice, "total_taxes", "total_tax_amounts")
    outside = amount_at(invoice, "amount_paid_off_stripe")
    if outside is None:
        outside = amount_at(invoice, "amount_paid") if at(invoice, "paid_out_of_band") is True else 0
    return Paper(
        subtotal=amount_at(invoice, "subtotal"),
        discount=amounts(list_at(invoice, "total_discount_amounts")),
        tax=tax or (0 if tax_included else amount_at(invoice, "tax") or 0),
        tax_included=tax_included,
        balance_used=(amount_at(invoice, "starting_balance") or 0) - (amount_at(invoice, "ending_balance") or 0)
        if at(invoice, "ending_balance") is not None
        else 0,
        out_of_band=outside or 0,
        overpaid=amount_at(invoice, "amount_overpaid") or 0,
        shipping=amount_at(invoice, "amount_shipping") or 0,
        description=text_at(invoice, "description"),
        billed_to=[each for each in [text_at(invoice, "customer_name")] if each]
        + address_lines(at(invoice, "customer_address")),
        tax_ids=[value for each in list_at(invoice, "customer_tax_ids") if (value := text_at(each, "value"))],
        custom_fields=[(text_at(each, "name"), text_at(each, "value")) for each in list_at(invoice, "custom_fields")],
        starts_at=time_at(invoice, "period_start"),
        ends_at=time_at(invoice, "period_end"),
        voided_at=time_at(invoice, "status_transitions", "voided_at"),
        uncollectible_at=time_at(invoice, "status_transitions", "marked_uncollectible_at"),
        finalizes_at=time_at(invoice, "automatically_finalizes_at"),
        payment_page=stripe_address(text_at(invoice, "hosted_invoice_url")),
        pdf=stripe_address(text_at(invoice, "invoice_pdf")),
        receipt_number=text_at(invoice, "receipt_number"),
    )
