import importlib
from datetime import timedelta

import pytest
from django.apps import apps

from finances.models import Customer, FormerEmail
from tests.factories import NOON, a_customer, a_version

look_back = importlib.import_module("finances.migrations.0011_whose_customer").look_back
pytestmark = pytest.mark.django_db


def a_state(email: str | None, **metadata: str) -> dict:
    return {"object": "customer", "email": email, "metadata": metadata}


def test_what_was_seen_before_says_whose_it_is_and_which_e_mails_it_had() -> None:
    customer, plain = a_customer(), a_customer()
    a_version(customer.id, a_state("First@example.test"), NOON)
    a_version(customer.id, a_state("second@example.test"), NOON + timedelta(days=1))
    a_version(customer.id, a_state("third@example.test", djstripe_subscriber="811"), NOON + timedelta(days=2))
    a_version(plain.id, a_state(None), NOON)
    a_version(plain.id, {"deleted": True}, NOON + timedelta(days=1))

    for _ in range(2):  # once more where it ended early
        look_back(apps, None)

    assert dict(Customer.objects.values_list("id", "subscriber_id")) == {customer.id: "811", plain.id: ""}
    assert list(FormerEmail.objects.order_by("until").values_list("email", "customer_id", "until")) == [
        ("first@example.test", customer.id, NOON + timedelta(days=1)),
        ("second@example.test", customer.id, NOON + timedelta(days=2)),
    ]
