from datetime import timedelta
from decimal import Decimal

from django.http import QueryDict

from dashboard.filters.payments import PaymentsFilter
from finances.models import Payment
from finances.reads.payments import newest_payments
from tests.factories import NOON, a_charge, a_customer, a_line, a_payment, a_price, a_product, an_invoice


def filters(query: str) -> PaymentsFilter:
    return PaymentsFilter(QueryDict(query), newest_payments(), now=NOON)


def found(query: str) -> list[Payment]:
    return list(filters(query).qs)


def test_every_condition_on_an_attempt_is_about_the_same_one(db) -> None:
    payment = a_payment(a_customer())
    a_charge(payment, status="failed", failure_code="expired_card", brand="visa", last4="1111")
    a_charge(payment, brand="mastercard", last4="2222")

    assert found("reason=expired_card&brand=visa&last4=1111&failed=2026-11") == [payment]
    assert found("reason=expired_card&brand=mastercard") == []
    assert found("last4=2222&failed=2026-11") == []
    assert found("reason=expired_card&failed=2026-10") == []


def test_each_condition_is_a_chip_that_can_be_let_go(db) -> None:
    chips = {chip.text: chip.without for chip in filters("reason=lost_card&failed=2026-11&amount_from=9.5").chips()}

    assert list(chips) == ["Failed because: lost_card", "Failed in November 2026", "Amount from: 9.5"]
    assert "reason" not in chips["Failed because: lost_card"]
    assert "failed=2026-11" in chips["Failed because: lost_card"]


def test_an_amount_is_read_exactly(db) -> None:
    assert filters("amount_from=0.10").in_force() == {"amount_from": Decimal("0.10")}
    payment = a_payment(a_customer(), amount=10)

    assert found("amount_from=0.10&amount_to=0.10") == [payment]
    assert found("amount_from=0.11") == []


def test_the_days_on_which_an_attempt_failed_have_an_end_too(db) -> None:
    payment = a_payment(a_customer())
    a_charge(payment, status="failed", created_at=NOON)
    day = f"{NOON:%Y-%m-%d}"

    assert found(f"failed_from={day}&failed_to={day}") == [payment]
    assert found(f"failed_to={NOON - timedelta(days=1):%Y-%m-%d}") == []
    assert found(f"failed_from={NOON + timedelta(days=1):%Y-%m-%d}") == []


def test_what_was_bought_is_on_a_line_of_the_invoice_that_it_pays(db) -> None:
    product = a_product(name="Starter")
    price = a_price(product)
    invoice = an_invoice(customer := a_customer())
    a_line(invoice, product_id=product.id, price_id=price.id)
    payment = a_payment(customer, invoice)
    a_payment(customer, an_invoice(customer))
    a_payment(customer)

    assert found(f"product={product.id}") == found(f"price={price.id}") == [payment]
    assert found(f"product={a_product().id}") == []


def test_how_often_it_was_tried_can_be_asked_for(db) -> None:
    customer = a_customer()
    never, once, twice = (a_payment(customer, attempts=attempts) for attempts in range(3))

    assert found("attempts_from=2") == found("attempts_from=2&attempts_to=2") == [twice]
    assert set(found("attempts_to=1")) == {never, once}
