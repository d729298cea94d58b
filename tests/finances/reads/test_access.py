from datetime import timedelta

import pytest

from finances.models import Customer, Invoice, PaymentMethod, Subscription
from finances.reads.access import Access, Standing, access_of_customer
from finances.reads.payment_methods import Charged, Paying
from tests.factories import NOON

NEXT = NOON + timedelta(days=30)


def a_subscription(key: str = "sub_1", **fields) -> Subscription:
    row = {"id": key, "customer_id": "cus_1", "status": "active", "currency": "eur", "current_period_end": NEXT}
    return Subscription(**row | {"created_at": NOON} | fields)


def a_card(**fields) -> PaymentMethod:
    row = {"id": "pm_1", "customer_id": "cus_1", "type": "card", "expires_month": 12, "expires_year": 2030}
    return PaymentMethod(**row | {"created_at": NOON} | fields)


def access(
    *subscriptions: Subscription,
    method_id: str = "pm_1",
    methods: list[PaymentMethod] | None = None,
    late: Invoice | None = None,
    known: bool = True,
    by_invoice: bool = False,
    **customer,
) -> Access:
    paying = [Paying(each.id, Charged(method_id, "customer"), by_invoice, known) for each in subscriptions]
    held = [a_card()] if methods is None else methods
    return access_of_customer(Customer(id="cus_1", **customer), subscriptions, paying, held, late, NOON)


def late_invoice(**fields) -> Invoice:
    return Invoice(**{"id": "in_1", "status": "open", "customer_id": "cus_1", "attempt_count": 3} | fields)


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({}, Standing.SAFE),
        ({"status": "trialing"}, Standing.SAFE),
        ({"status": "past_due"}, Standing.PAST_DUE),
        ({"status": "unpaid"}, Standing.UNPAID),
        ({"status": "incomplete"}, Standing.INCOMPLETE),
        ({"status": "paused"}, Standing.PAUSED),
        ({"cancel_at_period_end": True}, Standing.CANCELS),
        ({"cancel_at": NEXT}, Standing.CANCELS),
        ({"collection_paused": True}, Standing.COLLECTION_PAUSED),
        ({"status": "canceled", "ended_at": NOON}, Standing.ENDED),
    ],
)
def test_each_status_has_its_standing(fields, standing: Standing) -> None:
    found = access(a_subscription(**fields))

    assert found.standing == standing


def test_a_charge_that_will_find_nothing_is_a_risk_before_it_fails() -> None:
    assert access(a_subscription(), method_id="").standing == Standing.NO_METHOD
    assert access(a_subscription(), methods=[a_card(customer_id="")]).standing == Standing.METHOD_REMOVED
    found = access(a_subscription(), methods=[a_card(expires_month=11, expires_year=2026)])
    assert (found.standing, found.at) == (Standing.METHOD_EXPIRED, NEXT), "good today, expired when it is charged"
    assert found.at_risk


def test_what_was_never_read_is_no_risk_and_an_invoice_that_is_sent_charges_nothing() -> None:
    assert access(a_subscription(), method_id="", known=False).standing == Standing.SAFE
    assert access(a_subscription(), methods=[]).standing == Standing.SAFE
    assert access(a_subscription(), method_id="", by_invoice=True).standing == Standing.SAFE


def test_the_worst_of_several_speaks_and_the_others_are_counted() -> None:
    found = access(a_subscription("sub_1"), a_subscription("sub_2", status="past_due"), a_subscription("sub_3"))

    assert found.subscription is not None
    assert (found.subscription.id, found.others) == ("sub_2", 2)


def test_an_ended_one_is_silent_beside_one_that_runs() -> None:
    found = access(a_subscription("sub_1", status="canceled", ended_at=NOON), a_subscription("sub_2"))

    assert (found.standing, found.others) == (Standing.SAFE, 0)


def test_a_late_invoice_is_the_reason_where_the_subscription_is_past_due() -> None:
    late = late_invoice(subscription_id="sub_1")

    assert access(a_subscription(status="past_due"), late=late).invoice is late
    assert access(a_subscription(status="past_due"), late=late_invoice(subscription_id="sub_9")).invoice is None


def test_a_late_invoice_of_its_own_is_a_risk_where_no_subscription_says_so() -> None:
    assert access(a_subscription(), late=late_invoice()).standing == Standing.LATE_INVOICE
    assert access(late=late_invoice()).standing == Standing.LATE_INVOICE
    assert access(a_subscription(), delinquent=True).standing == Standing.DELINQUENT
    assert access().standing == Standing.NEVER


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"cancel_at_period_end": True}, Standing.CANCELS),
        ({"status": "paused"}, Standing.PAUSED),
    ],
)
def test_an_invoice_that_is_late_already_comes_before_what_is_to_come(fields, beside) -> None:
    found = access(a_subscription(**fields), late=late_invoice())

    assert (found.standing, found.beside, found.at_risk) == (Standing.LATE_INVOICE, beside, True)
    assert found.invoice is not None


def test_a_late_invoice_comes_before_a_charge_that_will_find_nothing() -> None:
    found = access(a_subscription(), method_id="", late=late_invoice())

    assert (found.standing, found.beside, found.at) == (Standing.LATE_INVOICE, Standing.NO_METHOD, NEXT)


def test_of_two_that_are_past_due_the_one_with_the_late_invoice_speaks() -> None:
    late = late_invoice(subscription_id="sub_2")

    found = access(a_subscription("sub_1", status="past_due"), a_subscription("sub_2", status="past_due"), late=late)

    assert (found.invoice, found.others) == (late, 1)


def test_who_has_nothing_left_to_lose_is_not_at_risk_whatever_stripe_calls_them() -> None:
    ended = a_subscription(status="incomplete_expired")

    assert access(ended, delinquent=True).standing == Standing.ENDED
    assert access(delinquent=True).standing == Standing.NEVER
    assert access(ended, late=late_invoice(), delinquent=True).standing == Standing.LATE_INVOICE


def test_a_deleted_customer_has_nothing_to_lose() -> None:
    assert access(a_subscription(status="past_due"), deleted_at=NOON).standing == Standing.DELETED
