from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from tests.factories import a_charge, a_customer, a_delivery, a_dispute, a_payment, an_invoice

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def page_of(desk, dispute) -> str:
    response = desk.get(f"/console/disputes/{dispute.id}/")
    assert response.status_code == 200
    return response.content.decode()


def stored(dispute, data) -> None:
    djstripe.Dispute.objects.create(id=dispute.id, livemode=False, stripe_data=data)


def test_one_that_waits_says_until_when_where_and_what_an_answer_has_to_show(desk) -> None:
    customer = a_customer(name="Nordlicht")
    charge = a_charge(payment := a_payment(customer, an_invoice(customer, number="NV-4")), amount=2900)
    dispute = a_dispute(charge, evidence_due_at=timezone.now() + timedelta(days=2, seconds=9))
    stored(
        dispute,
        {
            "is_charge_refundable": True,
            "payment_method_details": {"card": {"case_type": "inquiry", "network_reason_code": "10.4"}},
            "evidence": {"customer_name": "Ada", "receipt": "file_1Abc"},
            "balance_transactions": [],
        },
    )
    a_delivery(object_id=dispute.id, event_type="charge.dispute.created")

    page = page_of(desk, dispute)
    for words in (
        "Dispute over 29.00 EUR", "An answer is needed", "in 2 days", "It is given in Stripe", "Answer in Stripe",
        "did not make this payment.", "Show that the customer used what was paid for", "no money has moved",
        "<code>10.4</code>", "A refund in full", "Customer name", "Ada", "file_1Abc", "NV-4", "Nordlicht",
        f'href="/console/payments/{payment.id}/"', "No money has moved.", "Payment disputed", "4242", "not sent",
    ):  # fmt: skip
        assert words in page, words


def test_a_lost_one_shows_what_was_withdrawn_and_a_won_one_what_came_back(desk) -> None:
    dispute = a_dispute(a_charge(a_payment(a_customer())), status="won", evidence_due_at=None, submission_count=1)
    stored(
        dispute,
        {
            "evidence": {"uncategorized_text": "They used it daily."},
            "balance_transactions": [
                {"id": "txn_1", "amount": -2900, "fee": 1500, "net": -4400, "currency": "eur",
                 "reporting_category": "dispute"},
                {"id": "txn_2", "amount": 2900, "fee": -1500, "net": 4400, "currency": "eur",
                 "reporting_category": "dispute_reversal"},
            ],
        },
    )  # fmt: skip

    page = page_of(desk, dispute)
    for words in (
        "Withdrawn",
        "−44.00",
        "Returned",
        "44.00",
        "sent 1 time",
        "They used it daily.",
        "the money came back",
    ):
        assert words in page, words
    assert "Answer in Stripe" not in page


def test_after_the_deadline_no_answer_is_promised(desk) -> None:
    dispute = a_dispute(a_charge(a_payment(a_customer())), evidence_due_at=timezone.now() - timedelta(hours=1))

    page = page_of(desk, dispute)
    assert "The time to answer ended" in page
    assert "Stripe takes no answer any more" in page
    assert "Answer in Stripe" not in page


@pytest.mark.parametrize(
    "status",
    ["needs_response", "under_review", "won", "lost", "prevented", "warning_needs_response", "warning_under_review",
     "warning_closed", "brand_new"],
)  # fmt: skip
@pytest.mark.parametrize("data", [{}, [], {"evidence": 3, "balance_transactions": "x", "payment_method_details": []}])
def test_every_status_and_shape_opens(desk, status: str, data) -> None:
    dispute = a_dispute(
        a_charge(a_payment(a_customer())), status=status, charge_id="", payment_intent_id="", customer_id="", reason=""
    )
    stored(dispute, data)

    page_of(desk, dispute)


def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    dispute = a_dispute(a_charge(a_payment(a_customer(name=EVIL))), reason=EVIL)
    stored(
        dispute,
        {
            "payment_method_details": {"card": {"case_type": EVIL, "network_reason_code": EVIL}},
            "evidence": {"customer_name": EVIL, EVIL: EVIL},
            "balance_transactions": [{"id": EVIL, "reporting_category": EVIL, "currency": "eur"}],
        },
    )

    assert "<script>alert" not in page_of(desk, dispute)


def test_an_unknown_dispute_is_404_with_the_search_box_at_hand(desk) -> None:
    response = desk.get("/console/disputes/du_nope/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


def test_the_number_of_queries_does_not_grow(desk) -> None:
    customer = a_customer()
    dispute = a_dispute(a_charge(a_payment(customer, an_invoice(customer))))

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            a_delivery(object_id=dispute.id)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, dispute)
        return len(queries)

    assert queries_with(2) == queries_with(18) == QUERIES


QUERIES = 16  # session, user, 2 of rights, the shell’s 4, 7 of the page, freshness
