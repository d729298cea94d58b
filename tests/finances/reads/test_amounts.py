"""An amount means major units of each row's own currency."""

from decimal import Decimal

import pytest

from finances.models import Payment
from finances.reads.amounts import amounts_between
from tests.factories import a_customer, a_payment

pytestmark = pytest.mark.django_db


def of(amount: int, currency: str) -> Payment:
    return a_payment(a_customer(), amount=amount, currency=currency)


def test_an_amount_means_major_units_of_each_currency() -> None:
    euro, yen, dinar = of(1000, "eur"), of(10, "jpy"), of(10000, "kwd")
    for amount, currency in ((999, "eur"), (1000, "jpy"), (1000, "kwd")):
        of(amount, currency)

    ten = Decimal(10)
    assert set(Payment.objects.filter(amounts_between("amount", ten, ten))) == {euro, yen, dinar}
    assert yen in Payment.objects.filter(amounts_between("amount", Decimal("9.5"), None))
    assert yen not in Payment.objects.filter(amounts_between("amount", Decimal("10.5"), None))
