"""Invoice items: what waits for an invoice, and the line that it becomes."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

from .billing import line, of_extra


def invoice_item(
    invoice_item_id: str,
    created: int,
    customer_id: str,
    currency: str,
    amount: int,
    description: str,
    quantity: int,
    period: tuple[int, int],
    pricing: Object | None,
    item: Object | None = None,
    credited: tuple[str, list[str]] | None = None,
) -> Object:
    """Something that waits for the customer's next invoice. With a subscription item it is a proration; `credited`
    then names the invoice and the lines that it gives back."""
    parent = None
    if item is not None:
        details = {"subscription": item["subscription"], "subscription_item": item["id"]}
        parent = {"subscription_details": details, "type": "subscription_details"}
    lines = {"invoice": credited[0], "invoice_line_items": credited[1]} if credited else None
    back = {"invoice_line_item_details": lines, "type": "invoice_line_items"} if lines else None
    return {
        "id": invoice_item_id,
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer_id,
        "customer_account": None,
        "date": created,
        "description": description,
        "discountable": item is None,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "parent": parent,
        "period": {"end": period[1], "start": period[0]},
        "pricing": pricing,
        "proration": item is not None,
        "proration_details": {"credited_items": back, "discount_amounts": []},
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def line_of_invoice_item(line_id: str, invoice_id: str, held: Object) -> Object:
    """A line that an invoice item became."""
    period = (held["period"]["start"], held["period"]["end"])
    made = line(line_id, invoice_id, held["currency"], held["amount"], held["description"], held["quantity"], period)
    made.update(discountable=held["discountable"], pricing=held["pricing"])
    if held["parent"] is None:
        return {**made, **of_extra(held["id"])}
    named = held["parent"]["subscription_details"]
    back = held["proration_details"]["credited_items"]
    details = {
        "invoice_item": held["id"],
        "proration": True,
        "proration_details": {"credited_items": back["invoice_line_item_details"] if back else None},
        "subscription": named["subscription"],
        "subscription_item": named["subscription_item"],
    }
    parent = {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }
    return {**made, "parent": parent, "subscription": named["subscription"]}
