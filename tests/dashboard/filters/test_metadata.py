"""Metadata in the search text, as Stripe's search takes it."""

from typing import Any

import pytest
from djstripe import models as djstripe

from dashboard.filters.credit_notes import CreditNotesFilter
from dashboard.filters.customers import CustomersFilter
from finances.models import (
    StripeObject,
)
from tests.dashboard.filters.asking import asked, both, found
from tests.factories import (
    a_credit_note,
    a_customer,
    an_invoice,
)

pytestmark = pytest.mark.django_db


def stored(row: Any, model: Any, metadata: dict[str, str]) -> None:
    model.objects.create(id=row.id, livemode=False, metadata=metadata, stripe_data={"id": row.id})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plan", "pro"),
        ("plan", "null"),
        ("contains", "x'y"),
        ("a b", "0"),
        ("%s", "%"),
        ("ü$.a", "{}"),
        ("a]b", "ß"),
        ("0", "1"),
    ],
)
def test_metadata_is_asked_for_by_key_and_value(key, value):
    ada, other = a_customer(), a_customer()
    stored(ada, djstripe.Customer, {key: value, "more": "1"})
    stored(other, djstripe.Customer, {key: f"{value}!", "plan2": value})

    both(CustomersFilter, f'metadata["{key}"]:"{value}"', ada, other)


@pytest.mark.parametrize("key", ["plan", "a b", "ü$.a", "a]b", "%s", "0"])
def test_metadata_that_an_object_does_not_have_is_null(key):
    without, other, unread = a_customer(), a_customer(), a_customer()
    having = a_customer()
    stored(without, djstripe.Customer, {})
    stored(other, djstripe.Customer, {f"{key}2": "null"})
    stored(having, djstripe.Customer, {key: "null"})

    assert found(CustomersFilter, f'metadata["{key}"]:null') == {without, other, unread}
    assert found(CustomersFilter, f'-metadata["{key}"]:null') == {having}
    chip = asked(CustomersFilter, f'-metadata["{key}"]:null').chips()[0]
    assert chip.text == f'-metadata["{key}"]:null'


def test_no_object_has_metadata_that_is_empty():
    without, having = a_customer(), a_customer()
    stored(without, djstripe.Customer, {})
    stored(having, djstripe.Customer, {"plan": "pro"})

    assert found(CustomersFilter, 'metadata["plan"]:""') == set()
    assert found(CustomersFilter, '-metadata["plan"]:""') == {without, having}


def test_metadata_of_what_dj_stripe_has_no_table_for():
    invoice = an_invoice(a_customer())
    yes, no = a_credit_note(invoice), a_credit_note(invoice)
    for row, reason in ((yes, "error"), (no, "other")):
        data = {"id": row.id, "metadata": {"reason": reason, "1": reason}}
        StripeObject.objects.create(id=row.id, type="credit_note", stripe_data=data)

    for key in ("reason", "1"):
        both(CreditNotesFilter, f'metadata["{key}"]:error', yes, no)
    assert found(CreditNotesFilter, 'metadata["reason"]:null') == set()
    assert found(CreditNotesFilter, 'metadata["colour"]:null') == found(CreditNotesFilter, '-metadata["reason"]:null')
    assert found(CreditNotesFilter, '-metadata["colour"]:null') == set()
