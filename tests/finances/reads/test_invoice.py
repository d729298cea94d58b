from decimal import Decimal

from finances.reads.invoice import paper
from finances.reads.invoice_lines import line

NEW = {
    "subtotal": 2000,
    "total_discount_amounts": [{"amount": 200, "discount": "di_1"}],
    "total_taxes": [{"amount": 342, "tax_behavior": "exclusive"}],
    "lines": {"has_more": True, "data": [{"description": "Seats", "amount": 2000}]},
    "starting_balance": -500,
    "ending_balance": 0,
    "hosted_invoice_url": "https://invoice.stripe.com/i/1",
    "invoice_pdf": "javascript:alert(1)",
    "customer_address": {"line1": "Elbstraße 1", "postal_code": "22767", "city": "Hamburg"},
    "customer_name": "Nordlicht",
}


def test_sums_come_from_stripe_and_the_balance_is_what_it_took() -> None:
    read = paper(NEW)

    assert (read.subtotal, read.discount, read.tax, read.tax_included, read.balance_used) == (2000, 200, 342, 0, -500)
    assert read.billed_to == ["Nordlicht", "Elbstraße 1", "22767 Hamburg"]


def test_only_addresses_of_stripe_become_links() -> None:
    assert (paper(NEW).payment_page, paper(NEW).pdf) == ("https://invoice.stripe.com/i/1", "")


def test_the_old_shape_of_tax_is_read_too() -> None:
    assert paper({"tax": 342}).tax == 342
    assert paper({"total_tax_amounts": [{"amount": 342, "inclusive": True}]}).tax_included == 342


def test_nothing_stored_is_an_empty_paper() -> None:
    assert paper({}).billed_to == []
    assert paper({"lines": "broken", "custom_fields": None, "total_taxes": {"data": 3}}).custom_fields == []


def test_a_line_of_the_new_shape() -> None:
    read = line(
        {
            "description": "Seats",
            "amount": 3300,
            "quantity": 2,
            "pricing": {"unit_amount_decimal": "1650.5"},
            "parent": {"subscription_item_details": {"proration": True}},
            "taxes": [{"amount": 627, "tax_behavior": "exclusive"}],
            "period": {"start": 0, "end": 86400},
        }
    )

    assert (read.quantity, read.unit_amount, read.tax, read.proration) == (2, Decimal("1650.5"), 627, True)
    assert read.ends_at is not None
    assert read.ends_at.isoformat() == "1970-01-02T00:00:00+00:00"


def test_a_line_of_the_old_shape() -> None:
    read = line({"price": {"unit_amount_decimal": "1650"}, "proration": True, "tax_amounts": [{"amount": 1}]})

    assert (read.unit_amount, read.proration, read.tax, read.amount) == (Decimal(1650), True, 1, None)


def test_what_was_paid_outside_stripe_is_read_from_the_new_and_the_old_place() -> None:
    assert paper({"amount_paid_off_stripe": 900, "amount_paid": 2900}).out_of_band == 900
    assert paper({"paid_out_of_band": True, "amount_paid": 2900}).out_of_band == 2900
    assert paper({"paid_out_of_band": False, "amount_paid": 2900}).out_of_band == 0
