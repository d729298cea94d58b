from datetime import timedelta

from django.http import QueryDict

from dashboard.filters.invoices import InvoicesFilter
from finances.models import Invoice
from finances.reads.invoices import newest_invoices
from tests.factories import NOON, a_credit_note, a_customer, a_subscription, an_invoice


def found(query: str) -> list[Invoice]:
    filters = InvoicesFilter(QueryDict(query), newest_invoices(), now=NOON)
    assert not list(filters.left_out())
    return list(filters.qs)


def test_what_is_past_due_is_open_too(db) -> None:
    customer = a_customer()
    late = an_invoice(customer, status="open", due_at=NOON - timedelta(days=1), created_at=NOON - timedelta(days=9))
    in_time = an_invoice(customer, status="open", due_at=NOON + timedelta(days=1))
    an_invoice(customer)

    assert found("status=past_due") == [late]
    assert found("status=open") == [in_time, late]


def test_more_than_so_many_days_late_can_be_asked_for_in_the_form_and_in_words(db) -> None:
    customer = a_customer()
    sixty, more = (
        an_invoice(customer, status="open", total=120000, due_at=NOON - timedelta(days=days), created_at=NOON)
        for days in (60, 61)
    )
    an_invoice(customer, status="open", due_at=NOON + timedelta(days=1))
    an_invoice(customer, due_at=NOON - timedelta(days=90))

    assert found("late_from=61") == [more]
    assert found("late_to=60") == [sixty]
    assert found("late_from=1&late_to=100&amount_from=1000") == [more, sixty]
    assert InvoicesFilter.meant(QueryDict("q=late:>60 currency:eur")).dict() == {"late_from": "61", "currency": "eur"}


def test_from_which_day_on_and_until_which_they_were_paid(db) -> None:
    customer = a_customer()
    made = NOON - timedelta(days=90)
    old, new = (an_invoice(customer, paid_at=NOON - timedelta(days=days), created_at=made) for days in (20, 2))
    an_invoice(customer, status="open", created_at=made)

    assert found("paid_from=2026-11-18") == found("q=paid:>2026-11-17") == [new]
    assert found("paid_to=2026-10-31") == found("q=paid:2026-10-31") == found("q=paid:<2026-11-18") == [old]
    assert set(found("paid_from=2026-10-31&paid_to=2026-11-18")) == {old, new}
    assert found("paid=2026-11") == [new]


def test_one_customer_or_one_subscription_can_be_asked_for(db) -> None:
    customer = a_customer()
    subscription = a_subscription(customer)
    renewal, other = an_invoice(customer, subscription_id=subscription.id), an_invoice(customer)
    an_invoice(a_customer())

    assert set(found(f"customer={customer.id}")) == {renewal, other}
    assert found(f"subscription={subscription.id}") == [renewal]


def test_search_takes_the_number_the_customer_and_the_id(db) -> None:
    invoice = an_invoice(a_customer(name="Müller"), number="NV-2026-0117")
    an_invoice(a_customer())

    assert found("q=nv-2026-0117") == found("q=MÜLLER") == found(f"q={invoice.id}") == [invoice]


def test_how_they_came_about_can_be_asked_for(db) -> None:
    customer = a_customer()
    renewal = an_invoice(customer, billing_reason="subscription_cycle")
    an_invoice(customer, billing_reason="manual")

    assert found("reason=subscription_cycle") == [renewal]


def test_those_with_a_credit_note_that_counts(db) -> None:
    customer = a_customer()
    credited, voided = an_invoice(customer), an_invoice(customer)
    a_credit_note(credited)
    a_credit_note(voided, status="void")

    assert found("credit_note=yes") == [credited]
