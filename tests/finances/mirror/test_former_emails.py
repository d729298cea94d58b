from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.mirror.former_emails import keep_former_emails
from finances.mirror.states import Fetched
from finances.models import FormerEmail
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def read(email: str | None, key: str = "cus_1", later: int = 0, **more) -> Fetched:
    return Fetched("customer", {"id": key, "email": email, **more}, 1, NOON + timedelta(days=later))


def test_the_e_mail_that_is_replaced_is_kept_as_a_search_spells_it() -> None:
    keep_former_emails([read("new@example.test")], {"cus_1": {"email": "Öld@Example.test"}})

    kept = FormerEmail.objects.get()
    assert (kept.email, kept.customer_id, kept.until) == ("old@example.test", "cus_1", NOON)


@pytest.mark.parametrize("before", [{}, {"email": None}, {"email": "a@example.test"}, {"email": "A@example.test"}])
def test_one_that_is_the_same_or_new_costs_no_statement(before) -> None:
    with CaptureQueriesContext(connection) as queries:
        keep_former_emails([read("a@example.test")], {"cus_1": before} if before else {})

    assert len(queries) == 0
    assert not FormerEmail.objects.exists()


def test_an_e_mail_that_comes_back_and_goes_again_has_its_last_time() -> None:
    keep_former_emails([read("b@example.test")], {"cus_1": {"email": "a@example.test"}})
    keep_former_emails([read("b@example.test", later=9)], {"cus_1": {"email": "a@example.test"}})

    assert FormerEmail.objects.get().until == NOON + timedelta(days=9)


def test_a_deleted_customer_has_no_new_e_mail() -> None:
    gone = Fetched("customer", {"id": "cus_1", "deleted": True}, 1, NOON, deleted=True)

    keep_former_emails([gone], {"cus_1": {"email": "a@example.test"}})

    assert not FormerEmail.objects.exists()


def test_a_change_at_stripe_leaves_the_old_one_here(stripe) -> None:
    from finances.gateway import Gateway
    from finances.mirror import read_and_write

    customer = stripe.get("/v1/customers")["data"][0]
    read_and_write(Gateway(), "customer", customer["id"], now=NOON)
    stripe.patch(customer["id"], email="moved@example.test")
    read_and_write(Gateway(), "customer", customer["id"], now=NOON + timedelta(hours=1))

    assert FormerEmail.objects.get().email == customer["email"].casefold()
