from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import a_charge, a_customer, a_delivery, a_dispute, a_payment, an_invoice

pytestmark = pytest.mark.django_db
ADDRESS = "/console/disputes/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_what_the_cardholder_says_and_until_when_to_answer(desk) -> None:
    customer = a_customer(name="Nordlicht")
    charge = a_charge(a_payment(customer, an_invoice(customer, number="NV-4")))
    a_dispute(charge, evidence_due_at=timezone.now() + timedelta(days=2, seconds=9), has_evidence=True)

    page = text(desk.get(ADDRESS))
    for words in (
        "The cardholder says that they did not make this payment.", "Needs response", "in 2 days", "NV-4",
        'data-tone="urgent">Needs response', "Nordlicht", "29.00", "evidence is there, not sent yet",
        f'href="/console/payments/{charge.payment_intent_id}/"', "answered in Stripe, never here",
    ):  # fmt: skip
        assert words in page, words


def test_what_has_time_is_not_urgent(desk) -> None:
    a_dispute(a_charge(a_payment(a_customer())), evidence_due_at=timezone.now() + timedelta(days=9))

    page = text(desk.get(ADDRESS))
    assert 'data-tone="warning">Needs response' in page
    assert 'data-tone="urgent"' not in page


def test_the_nearest_deadline_stands_at_the_top(desk) -> None:
    charge, now = a_charge(a_payment(a_customer())), timezone.now()
    won = a_dispute(charge, status="won", created_at=now)
    later = a_dispute(charge, evidence_due_at=now + timedelta(days=9), created_at=now - timedelta(days=1))
    sooner = a_dispute(charge, evidence_due_at=now + timedelta(days=1), created_at=now - timedelta(days=8))

    assert desk.get(ADDRESS).context["page"].rows == [sooner, later, won]


def test_nothing_to_answer_is_good_news_with_the_last_decision(desk) -> None:
    won = a_dispute(a_charge(a_payment(a_customer())), status="won")
    a_delivery(
        object_id=won.id, event_type="charge.dispute.closed", created_at=timezone.now().replace(month=2, day=4, hour=12)
    )

    page = text(desk.get(ADDRESS + "?status=needs_response"))
    assert "No dispute needs an answer" in page
    assert "The last one was won on 4 Feb." in page
    assert "No dispute needs an answer" not in text(desk.get(ADDRESS + "?status=needs_response&q=nobody"))


def test_inquiries_wait_for_an_answer_too(desk) -> None:
    inquiry = a_dispute(a_charge(a_payment(a_customer())), status="warning_needs_response")

    assert desk.get(ADDRESS + "?status=needs_response").context["page"].rows == [inquiry]
    assert desk.get(ADDRESS + "?status=warnings").context["page"].rows == [inquiry]


def test_words_reason_customer_and_deadline_narrow_the_list(desk) -> None:
    customer = a_customer(name="Müller")
    dispute = a_dispute(a_charge(a_payment(customer)), reason="duplicate")
    a_dispute(a_charge(a_payment(a_customer())), evidence_due_at=timezone.now() + timedelta(days=400))

    for query in (
        "reason=duplicate",
        f"customer={customer.id}",
        "q=müller",
        f"q={dispute.charge_id}",
        "due_to=2026-11-28",
    ):
        assert desk.get(f"{ADDRESS}?{query}").context["page"].rows == [dispute], query


def test_the_sums_tell_what_was_lost(desk) -> None:
    charge = a_charge(a_payment(a_customer()))
    a_dispute(charge, amount=1000, status="lost")
    a_dispute(charge, amount=500)

    assert "Sum of all 2 matching in EUR, 10.00 EUR of it lost" in text(desk.get(ADDRESS))


def test_hostile_text_is_shown_as_text(desk) -> None:
    a_dispute(a_charge(a_payment(a_customer(name=EVIL))), reason=EVIL, status=EVIL)

    assert "<script>alert" not in text(desk.get(ADDRESS))


def test_what_is_decided_says_until_when_an_answer_was_taken(desk) -> None:
    charge = a_charge(a_payment(a_customer()))
    a_dispute(charge, status="won", evidence_due_at=datetime(2025, 3, 4, 12, tzinfo=UTC))

    assert "4 Mar 2025" in text(desk.get(ADDRESS + "?sort=answer_until"))


def test_the_number_of_queries_does_not_grow_with_the_rows(desk) -> None:
    def queries_with(rows: int) -> int:
        for _ in range(rows):
            customer = a_customer()
            a_dispute(a_charge(a_payment(customer, an_invoice(customer))))
        with CaptureQueriesContext(connection) as queries:
            text(desk.get(ADDRESS))
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 14  # session, user, 2 of rights, the shell’s 4, the tabs, 2 of the page, 2 for its rows, the sums
