from datetime import UTC, datetime

import pytest

from finances.models import Dispute
from finances.reads.dispute import Evidence, case, dispute_page
from tests.factories import a_charge, a_customer, a_delivery, a_dispute, a_payment, an_invoice

pytestmark = pytest.mark.django_db


def test_what_the_json_says_is_read() -> None:
    found = case(
        {
            "is_charge_refundable": False,
            "payment_method_details": {"card": {"case_type": "chargeback", "network_reason_code": "10.4"}},
            "evidence": {
                "receipt": "file_123",
                "service_documentation": {"id": "file_456"},
                "customer_name": "Ada",
                "product_description": None,
                "enhanced_evidence": {},
            },
            "balance_transactions": [
                {
                    "id": "txn_1", "amount": -2900, "fee": 1500, "net": -4400, "currency": "eur",
                    "created": 1795176000, "reporting_category": "dispute",
                }
            ],
        }
    )  # fmt: skip

    assert (found.kind, found.network_code, found.refundable) == ("chargeback", "10.4", False)
    assert found.evidence == [
        Evidence("customer_name", "Ada", False),
        Evidence("receipt", "file_123", True),
        Evidence("service_documentation", "file_456", True),
    ]
    (movement,) = found.movements
    assert (movement.amount, movement.fee, movement.net, movement.category) == (-2900, 1500, -4400, "dispute")
    assert movement.created_at == datetime.fromtimestamp(1795176000, UTC)


@pytest.mark.parametrize("data", [{}, {"evidence": []}, {"balance_transactions": 3}, {"balance_transactions": [None]}])
def test_any_shape_is_read(data) -> None:
    found = case(data)

    assert (found.kind, found.evidence, found.movements, found.refundable) == ("", [], [], None)


def test_payment_invoice_customer_and_webhooks_are_found_through_the_charge() -> None:
    customer = a_customer()
    payment = a_payment(customer, an_invoice(customer, number="NV-9"))
    dispute = a_dispute(a_charge(payment), customer_id="", payment_intent_id="")
    created = a_delivery(object_id=dispute.id)

    page = dispute_page(dispute.id)
    assert (page.payment, page.customer) == (payment, customer)
    assert [each.number for each in page.purposes] == ["NV-9"]
    assert page.timeline == [created]


def test_one_whose_charge_was_never_read_is_read_alone() -> None:
    dispute = a_dispute(a_charge(a_payment(a_customer())), charge_id="ch_unknown", payment_intent_id="", customer_id="")

    page = dispute_page(dispute.id)
    assert (page.payment, page.customer, page.charge, page.purposes) == (None, None, None, [])


def test_an_unknown_one_is_not_there() -> None:
    with pytest.raises(Dispute.DoesNotExist):
        dispute_page("du_unknown")
