"""One invoice's page."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from djstripe import models as djstripe

from finances.models import Customer, Delivery, Invoice
from finances.reads.customer import address_lines
from finances.reads.invoices import is_past_due
from finances.reads.stored import (
    amount_at,
    at,
    decimal_at,
    id_at,
    list_at,
    stored,
    stripe_address,
    text_at,
    time_at,
)
from finances.reads.subscriptions import Item, items_of
from finances.reads.timeline import object_timeline


@dataclass(frozen=True)
class Line:
    """Amounts in minor units of the invoice's currency; `unit_amount` may have a fraction, None for tiers."""

    description: str
    starts_at: datetime | None
    ends_at: datetime | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    tax: int | None
    amount: int | None
    proration: bool


@dataclass(frozen=True)
class Paper:
    """What only Stripe's JSON holds. Amounts in minor units; None where Stripe does not say.

    `discount`: what was taken off, positive. `tax`: added to the sum; `tax_included`: already in it.
    `balance_used`: how much of the customer's balance went in (negative: credit that lowered what is due).
    `more_lines`: Stripe holds more than came along.
    """

    lines: list[Line]
    more_lines: bool
    subtotal: int | None
    discount: int
    tax: int
    tax_included: int
    balance_used: int
    billing_reason: str
    description: str
    billed_to: list[str]
    custom_fields: list[tuple[str, str]]
    default_payment_method: str
    starts_at: datetime | None
    ends_at: datetime | None
    voided_at: datetime | None
    uncollectible_at: datetime | None
    payment_page: str
    pdf: str

    @property
    def all_tax(self) -> int:
        return self.tax + self.tax_included

    @property
    def minus_discount(self) -> int:
        return -self.discount


@dataclass(frozen=True)
class InvoicePage:
    invoice: Invoice
    past_due: bool
    customer: Customer | None
    items: list[Item]
    paper: Paper
    timeline: list[Delivery]


def invoice_page(invoice_id: str, now: datetime) -> InvoicePage:
    """Six queries, whatever it holds. Raises Invoice.DoesNotExist."""
    invoice = Invoice.objects.get(id=invoice_id)
    return InvoicePage(
        invoice=invoice,
        past_due=is_past_due(invoice, now),
        customer=Customer.objects.filter(id=invoice.customer_id).first(),
        items=items_of([invoice.subscription_id]).get(invoice.subscription_id, []),
        paper=paper(stored(djstripe.Invoice, invoice_id)),
        timeline=list(object_timeline(invoice_id)),
    )


def paper(invoice: dict[str, Any]) -> Paper:
    """From Stripe's invoice, of any API version; what is missing is empty."""
    tax, tax_included = taxes(invoice, "total_taxes", "total_tax_amounts")
    return Paper(
        lines=[line(each) for each in list_at(invoice, "lines")],
        more_lines=at(invoice, "lines", "has_more") is True,
        subtotal=amount_at(invoice, "subtotal"),
        discount=sum(amount_at(each, "amount") or 0 for each in list_at(invoice, "total_discount_amounts")),
        tax=tax or (0 if tax_included else amount_at(invoice, "tax") or 0),
        tax_included=tax_included,
        balance_used=(amount_at(invoice, "starting_balance") or 0) - (amount_at(invoice, "ending_balance") or 0)
        if at(invoice, "ending_balance") is not None
        else 0,
        billing_reason=text_at(invoice, "billing_reason"),
        description=text_at(invoice, "description"),
        billed_to=[each for each in [text_at(invoice, "customer_name")] if each]
        + address_lines(at(invoice, "customer_address")),
        custom_fields=[(text_at(each, "name"), text_at(each, "value")) for each in list_at(invoice, "custom_fields")],
        default_payment_method=id_at(invoice, "default_payment_method"),
        starts_at=time_at(invoice, "period_start"),
        ends_at=time_at(invoice, "period_end"),
        voided_at=time_at(invoice, "status_transitions", "voided_at"),
        uncollectible_at=time_at(invoice, "status_transitions", "marked_uncollectible_at"),
        payment_page=stripe_address(text_at(invoice, "hosted_invoice_url")),
        pdf=stripe_address(text_at(invoice, "invoice_pdf")),
    )


def line(it: dict[str, Any]) -> Line:
    """Since 2025-03-31 the price is under `pricing`, the kind under `parent`; before, both were at the top."""
    tax, tax_included = taxes(it, "taxes", "tax_amounts")
    proration = (
        at(it, "parent", "subscription_item_details", "proration")
        or at(it, "parent", "invoice_item_details", "proration")
        or at(it, "proration")
    )
    unit_amount = decimal_at(it, "pricing", "unit_amount_decimal")
    if unit_amount is None:
        unit_amount = decimal_at(it, "price", "unit_amount_decimal")
    quantity = decimal_at(it, "quantity_decimal")
    return Line(
        description=text_at(it, "description"),
        starts_at=time_at(it, "period", "start"),
        ends_at=time_at(it, "period", "end"),
        quantity=quantity if quantity is not None else decimal_at(it, "quantity"),
        unit_amount=unit_amount,
        tax=tax + tax_included if list_at(it, "taxes") or list_at(it, "tax_amounts") else None,
        amount=amount_at(it, "amount"),
        proration=proration is True,
    )


def taxes(it: dict[str, Any], new: str, old: str) -> tuple[int, int]:
    """(added to the amount, included in it), in minor units."""
    added = included = 0
    for each in list_at(it, new) or list_at(it, old):
        amount = amount_at(each, "amount") or 0
        if text_at(each, "tax_behavior") == "inclusive" or at(each, "inclusive") is True:
            included += amount
        else:
            added += amount
    return added, included
