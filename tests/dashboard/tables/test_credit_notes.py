from dashboard.tables.credit_notes import parts, reason, standing
from finances.models import CreditNote


def test_where_the_money_went_is_told_largest_first() -> None:
    note = CreditNote(pre_payment_amount=100, refund_amount=300, customer_balance_amount=200, out_of_band_amount=0)

    assert parts(note) == [
        (300, "refunded"),
        (200, "kept as the customer’s credit"),
        (100, "taken off the open invoice"),
    ]
    assert parts(CreditNote()) == []


def test_reasons_and_statuses_are_words() -> None:
    assert (reason("order_change"), reason("moon_phase"), reason("")) == ("The order changed", "Moon phase", "")
    assert (standing("void"), standing("brand_new")) == (("Void", "neutral"), ("Brand new", "neutral"))
