"""However many copies of an event come at once: one row that counts them, and one effect."""

import json

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from finances.models import Delivery, ObjectVersion
from finances.webhooks import processing
from tests.finances.webhooks.conftest import at_once, event, signed

ADDRESS = "/api/finances/stripe/webhook/"


@pytest.fixture
def patient(committed, monkeypatch) -> None:
    """Fifty at once on a busy machine may well be told 503, and come again: here each has to be counted."""
    monkeypatch.setattr("finances.webhooks.endpoint.PATIENCE", 60)
    if connection.vendor == "postgresql":
        monkeypatch.setattr(connection.pool, "timeout", 60)


@pytest.mark.guarantee("A3")
@pytest.mark.parametrize("number", [1, 2, 50])
def test_simultaneous_duplicates_make_one_row_with_all_its_arrivals_and_one_effect(patient, stripe, number):
    customer_id = stripe.all("/v1/customers")[0]["id"]
    body = json.dumps(event(data={"object": {"id": customer_id, "object": "customer"}})).encode()
    answers = []

    def post(index: int) -> None:
        client = Client(headers={"Stripe-Signature": signed(body), "User-Agent": f"copy {index}"})
        answer = client.post(ADDRESS, body, content_type="application/json")
        answers.append((answer.status_code, answer.content))

    at_once(number, post)
    stripe.forget_calls()
    with transaction.atomic():
        processing.process_due(timezone.now)
        delivery = Delivery.objects.get()
        versions = ObjectVersion.objects.filter(object_id=customer_id).count()
        transaction.set_rollback(True)  # it leaves no mirrored rows to the tests after it

    assert sorted(answers) == sorted([(200, b"kept")] + [(200, b"kept again")] * (number - 1))
    assert (delivery.attempts, delivery.tries, delivery.state) == (number, 1, "processed")
    assert sorted(each["headers"]["User-Agent"] for each in delivery.arrivals) == sorted(
        f"copy {index}" for index in range(number)
    )
    assert (stripe.calls()["GET /v1/customers/{id}"], versions) == (1, 1)
