from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from finances.metrics.cost import cost_by_month
from finances.models import Invoice, InvoicePayment
from tests.factories import a_charge, a_credit_note, a_customer, a_payment, a_refund, a_subscription, an_invoice

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def subscription():
    return a_subscription(a_customer())


def issued(subscription, day: datetime, total: int, **fields) -> Invoice:
    row = {"subscription_id": subscription.id, "created_at": day, "finalized_at": day, "total": total}
    return an_invoice(a_customer(), **row | fields)


def paid_by(invoice: Invoice, amount: int):
    """A charge that paid it."""
    charge = a_charge(a_payment(a_customer(), amount=amount))
    link = {"id": f"inpay_{invoice.id}", "invoice_id": invoice.id, "payment_intent_id": charge.payment_intent_id}
    InvoicePayment.objects.create(**link, status="paid", currency=invoice.currency, created_at=invoice.created_at)
    return charge


def costs(subscription, zone=UTC) -> dict[date, int]:
    return {each.month: each.cost for each in cost_by_month(subscription.id, zone)}


def test_a_months_invoices_are_what_it_cost_the_newest_month_first(subscription):
    first = issued(subscription, datetime(2026, 3, 5, tzinfo=UTC), 28440)
    second = issued(subscription, datetime(2026, 3, 20, tzinfo=UTC), -1200)
    issued(subscription, datetime(2026, 4, 5, tzinfo=UTC), 14040, status="open")
    issued(a_subscription(a_customer()), datetime(2026, 3, 5, tzinfo=UTC), 9900)

    april, march = cost_by_month(subscription.id, UTC)

    assert (april.month, april.cost, april.open) == (APRIL, 14040, 14040)
    assert (march.month, march.cost, march.open) == (MARCH, 27240, 0)
    assert march.invoices == [first, second]


def test_drafts_and_void_ones_cost_nothing_and_what_was_written_off_was_invoiced(subscription):
    issued(subscription, datetime(2026, 3, 5, tzinfo=UTC), 100, status="draft", finalized_at=None)
    issued(subscription, datetime(2026, 3, 5, tzinfo=UTC), 200, status="void")
    issued(subscription, datetime(2026, 3, 5, tzinfo=UTC), 400, status="uncollectible")

    assert costs(subscription) == {MARCH: 400}


def test_months_are_the_accounts_by_the_day_of_issue(subscription):
    late = datetime(2026, 3, 31, 23, tzinfo=UTC)
    issued(subscription, late, 100, created_at=datetime(2026, 3, 31, 22, tzinfo=UTC))

    assert costs(subscription) == {MARCH: 100}
    assert costs(subscription, ZoneInfo("Europe/Berlin")) == {APRIL: 100}


def test_what_went_back_comes_off_the_month_of_its_invoice_and_once(subscription):
    invoice = issued(subscription, datetime(2026, 3, 5, tzinfo=UTC), 10000)
    charge = paid_by(invoice, 10000)
    a_credit_note(invoice, total=1500, post_payment_amount=1500, refund_amount=1000, customer_balance_amount=500)
    a_credit_note(invoice, total=9999, status="void")
    a_refund(charge, amount=1000, created_at=datetime(2026, 5, 1, tzinfo=UTC))
    a_refund(charge, amount=250)
    a_refund(charge, amount=7000, status="failed")

    (march,) = cost_by_month(subscription.id, UTC)

    assert (march.invoiced, march.returned, march.cost) == (10000, 1750, 8250)


def test_no_more_than_twelve_months_and_none_of_which_only_a_part_was_read(subscription):
    for month in range(1, 13):
        issued(subscription, datetime(2025, month, 3, tzinfo=UTC), month)
    issued(subscription, datetime(2026, 1, 3, tzinfo=UTC), 13)
    assert [each.cost for each in cost_by_month(subscription.id, UTC)] == list(range(13, 1, -1))

    often = a_subscription(a_customer())
    for day in range(1, 29):
        for month in (1, 2, 3, 4):
            issued(often, datetime(2026, month, day, tzinfo=UTC), 1)
    assert [(each.month.month, each.cost) for each in cost_by_month(often.id, UTC)] == [(4, 28), (3, 28), (2, 28)]


def test_nothing_invoiced_is_no_month(subscription):
    assert cost_by_month(subscription.id, UTC) == []
