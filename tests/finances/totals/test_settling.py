"""A worker sums the days that were marked, and no others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.metrics.daily import Standing, standing
from finances.models import (
    DailyAttempts,
    DailyProductRevenue,
    DailyRecurring,
    DailyRefunds,
    DailyRevenue,
    DailySubscribers,
    DirtyDay,
    Invoice,
    Refund,
    TotalsZone,
)
from finances.totals.settling import AT_A_TIME, settle_due
from tests.factories import (
    a_charge,
    a_customer,
    a_line,
    a_payment,
    a_refund,
    a_subscription,
    an_invoice,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = NOON.date()


def rows(model, *fields: str) -> list[tuple]:
    return sorted(model.objects.values_list("day", *fields))


def test_paid_invoices_are_summed_by_day_currency_and_account():
    for amount, fields in (
        (1000, {}),
        (500, {}),
        (70, {"currency": "jpy"}),
        (30, {"account_id": "acct_other"}),
        (9, {"paid_at": NOON + timedelta(days=1)}),
        (5000, {"status": "uncollectible"}),
    ):
        an_invoice(a_customer(), total=amount, amount_paid=amount, **{"paid_at": NOON} | fields)

    assert settle_due() == 2

    assert rows(DailyRevenue, "account_id", "currency", "count", "amount") == [
        (DAY, "", "eur", 2, 1500),
        (DAY, "", "jpy", 1, 70),
        (DAY, "acct_other", "eur", 1, 30),
        (DAY + timedelta(days=1), "", "eur", 1, 9),
    ]


def test_lines_are_summed_by_the_product_that_they_name_less_their_discounts():
    paid, unpaid = an_invoice(a_customer(), paid_at=NOON), an_invoice(a_customer(), status="open")
    a_line(paid, product_id="prod_a", amount=1000, discount=100)
    a_line(paid, product_id="prod_a", amount=-300)
    a_line(paid, product_id="prod_b", amount=50)
    a_line(paid, product_id="", amount=7)
    a_line(unpaid, product_id="prod_a", amount=9999)

    settle_due()

    assert rows(DailyProductRevenue, "product_id", "count", "amount") == [
        (DAY, "prod_a", 2, 600),
        (DAY, "prod_b", 1, 50),
    ]


def test_refunds_and_attempts_are_summed():
    payment = a_payment(a_customer(), created_at=NOON)
    charge = a_charge(payment)
    a_charge(payment, status="failed", decline_code="insufficient_funds", failure_code="card_declined")
    a_charge(payment, status="failed", failure_code="expired_card", amount=100)
    a_refund(charge, amount=400, created_at=NOON)
    a_refund(charge, amount=1, created_at=NOON, status="failed")

    settle_due()

    assert rows(DailyRefunds, "count", "amount") == [(DAY, 1, 400)]
    assert rows(DailyAttempts, "status", "reason", "count", "amount") == [
        (DAY, "failed", "expired_card", 1, 100),
        (DAY, "failed", "insufficient_funds", 1, 2900),
        (DAY, "succeeded", "", 1, 2900),
    ]


def test_subscriptions_and_subscribers_are_summed_where_they_begin_and_end():
    customer, later = a_customer(), NOON + timedelta(days=3)
    a_subscription(customer, paying_since=NOON, paying_until=later, mrr=Decimal("0.333333"))
    a_subscription(customer, paying_since=NOON, mrr=None)
    a_subscription(a_customer(), paying_since=NOON, deleted_at=NOON)

    settle_due()

    assert rows(DailyRecurring, "ended", "count", "valued", "amount") == [
        (DAY, False, 2, 1, Decimal("0.333333")),
        (later.date(), True, 1, 1, Decimal("0.333333")),
    ]
    assert rows(DailySubscribers, "new", "returned", "lost") == [(DAY, 1, 0, 0)]


def test_only_marked_days_are_summed_again():
    an_invoice(a_customer(), paid_at=NOON - timedelta(days=3))
    an_invoice(a_customer(), paid_at=NOON)
    settle_due()
    untouched = DailyRevenue.objects.get(day=DAY - timedelta(days=3))
    DailyRevenue.objects.filter(pk=untouched.pk).update(amount=1)  # as nobody would

    an_invoice(a_customer(), paid_at=NOON)
    settle_due()

    assert rows(DailyRevenue, "count", "amount") == [(DAY - timedelta(days=3), 1, 1), (DAY, 2, 5800)]


def test_a_day_on_which_nothing_is_left_has_no_row():
    an_invoice(a_customer(), paid_at=NOON)
    settle_due()

    Invoice.objects.all().delete()
    settle_due()

    assert not DailyRevenue.objects.exists()


def test_what_is_the_same_is_not_written_again():
    an_invoice(a_customer(), paid_at=NOON)
    settle_due()
    Invoice.objects.update(search_text="another")

    with CaptureQueriesContext(connection) as queries:
        assert settle_due() == 1

    assert not [each for each in queries if "paydesk_dailyrevenue" in each["sql"] and "SELECT" not in each["sql"]]


def test_days_are_the_accounts(settings):
    settings.TIME_ZONE = "Pacific/Kiritimati"  # fourteen hours ahead
    an_invoice(a_customer(), paid_at=NOON)

    settle_due()

    assert rows(DailyRevenue) == [(DAY + timedelta(days=1),)]


def test_another_zone_sums_everything_anew_and_until_then_nothing_is_read_from_the_old_days(settings):
    an_invoice(a_customer(), paid_at=NOON)
    settle_due()
    settings.TIME_ZONE = "Pacific/Kiritimati"
    from django.utils import timezone

    assert standing(timezone.get_default_timezone()) == Standing(timezone.get_default_timezone(), None)

    settle_due()

    assert rows(DailyRevenue) == [(DAY + timedelta(days=1),)]
    assert TotalsZone.objects.get().name == "Pacific/Kiritimati"


def test_a_first_start_sums_what_is_there_already():
    an_invoice(a_customer(), paid_at=NOON)
    a_refund(a_charge(a_payment(a_customer(), created_at=NOON)), created_at=NOON)
    DirtyDay.objects.all().delete()  # as before there were marks

    settle_due()

    assert (DailyRevenue.objects.count(), DailyRefunds.objects.count(), DailyAttempts.objects.count()) == (1, 1, 1)


def test_very_many_days_are_summed_in_steps_and_it_stops_when_it_is_asked_to():
    payment = a_payment(a_customer())
    charge = a_charge(payment, created_at=NOON)
    settle_due()
    Refund.objects.bulk_create(
        Refund(id=f"re_{number}", charge_id=charge.id, created_at=NOON - timedelta(days=number), status="succeeded")
        for number in range(AT_A_TIME + 9)
    )
    asked = iter([False, True])

    assert settle_due(stop=lambda: next(asked)) == AT_A_TIME
    assert settle_due() == 9
    assert DailyRefunds.objects.count() == AT_A_TIME + 9


def test_its_queries_do_not_grow_with_what_is_on_the_days():
    counted = []
    for size in (1, 20):
        for number in range(size):
            invoice = an_invoice(a_customer(), paid_at=NOON, currency=("eur", "usd")[number % 2])
            a_line(invoice, product_id=f"prod_{number}")
        with CaptureQueriesContext(connection) as queries:
            settle_due()
        counted.append(len(queries))
        settle_due()

    assert counted[1] <= counted[0] <= 40


def test_nothing_to_do_takes_two_looks(django_assert_num_queries):
    settle_due()

    with django_assert_num_queries(2):
        assert settle_due() == 0


def test_the_edges_of_time_end_nothing():
    an_invoice(a_customer(), paid_at=datetime(9999, 12, 31, 23, tzinfo=UTC))
    an_invoice(a_customer(), paid_at=datetime(1970, 1, 1, tzinfo=UTC))

    settle_due()

    assert rows(DailyRevenue) == [(date(1970, 1, 1),)]
