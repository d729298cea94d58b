"""A page of a list with objects of every bad kind: each is left out with its own reason, and all others are stored."""

import json

import pytest
import stripe as stripe_python
from django.db import connection
from djstripe import models as djstripe

from finances.models import Invoice, ObjectState, ObjectVersion, StripeObject
from tests.finances.resync.resyncing import resync

pytestmark = pytest.mark.django_db

GOOD = {"a new enum value": {"status": "parked"}, "a field that nobody knew": {"mood": {"is": ["new"]}}}
BAD = {
    "without a field that it must have": ({"customer": None}, "Its customer is missing."),
    "of another type": (
        {"object": "charge"},
        "Stripe answered with another type (charge) where a invoice was expected.",
    ),
    "with NUL in a text": (
        {"description": "a\x00b"},
        "A text in it holds the character NUL, which PostgreSQL cannot keep.",
    ),
    "with NUL in a part that no column shows": (
        {"metadata": {"a": "\x00"}},
        "A text in it holds the character NUL, which PostgreSQL cannot keep.",
    ),
    "with half of a character": (
        {"description": "\ud800"},
        "A text in it holds half of a character (a lone surrogate), which no database can keep.",
    ),
    "with another type in a column": ({"livemode": "perhaps"}, "Its livemode is neither true nor false."),
}
if connection.vendor == "postgresql":  # SQLite's columns have no length
    BAD["with an enum value longer than its column"] = (
        {"status": "p" * 200},
        "Its status is longer than 16 characters: a value that Paydesk does not know yet.",
    )


@pytest.fixture
def bend(monkeypatch):
    """Stripe's lists give these objects with other fields; a field of None is left out. `bend({})` ends it."""
    bent: dict[str, dict] = {}
    request = stripe_python.RequestsClient.request

    def answered(self, method, url, *of, **options):
        body, status, headers = request(self, method, url, *of, **options)
        if bent and status == 200:
            answer = json.loads(body)
            for it in answer["data"] if answer.get("object") == "list" else ():
                for name, value in bent.get(it["id"], {}).items():
                    it.pop(name) if value is None else it.update({name: value})
            body = json.dumps(answer).encode()
        return body, status, headers

    def bend(objects: dict[str, dict]) -> None:
        bent.clear()
        bent.update(objects)

    monkeypatch.setattr(stripe_python.RequestsClient, "request", answered)
    return bend


def test_each_bad_one_is_left_out_with_its_reason_and_all_others_of_its_page_are_stored(stripe, bend):
    ids = [it["id"] for it in stripe.all("/v1/invoices")]
    good = dict(zip(ids[::3], GOOD.values(), strict=False))
    bad = dict(zip(ids[1::3], BAD.values(), strict=False))
    bend(good | {each: changes for each, (changes, _) in bad.items()})

    run = resync("invoice")

    failures = run.findings.filter(kind="failed")
    assert len(bad) == len(BAD)
    assert dict(failures.values_list("object_id", "problem")) == {each: said for each, (_, said) in bad.items()}
    assert (run.state, run.failed) == ("partial", len(bad))
    stored = sorted(set(ids) - set(bad))
    assert sorted(Invoice.objects.values_list("id", flat=True)) == stored
    assert sorted(djstripe.Invoice.objects.values_list("id", flat=True)) == stored
    assert sorted(ObjectState.objects.filter(type="invoice").values_list("pk", flat=True)) == stored
    assert not ObjectVersion.objects.filter(object_id__in=bad).exists()
    parked, curious = good
    assert Invoice.objects.get(id=parked).status == "parked"
    assert djstripe.Invoice.objects.get(id=curious).stripe_data["mood"] == {"is": ["new"]}


def test_what_stripe_has_put_right_since_is_stored_by_the_next_reading(stripe, bend):
    ids = [it["id"] for it in stripe.all("/v1/invoices")]
    bend(dict(zip(ids, (changes for changes, _ in BAD.values()), strict=False)))
    resync("invoice")
    bend({})

    run = resync("invoice")

    new = run.findings.filter(kind="new", object_type="invoice").values_list("object_id", flat=True)
    assert (run.state, set(new)) == ("complete", set(ids[: len(BAD)]))
    assert sorted(Invoice.objects.values_list("id", flat=True)) == sorted(ids)


def test_an_object_of_another_type_is_kept_as_none_where_djstripe_has_no_model_that_would_refuse_it(stripe, bend):
    """By an id of Stripe's own, whose state it would have taken over."""
    payments = [it["id"] for it in stripe.all("/v1/invoice_payments")]
    bend({payments[1]: {"object": "payment_record"}})

    run = resync("invoice_payment")

    said = "Stripe answered with another type (payment record) where a invoice payment was expected."
    assert run.findings.get(kind="failed").problem == said
    kept = StripeObject.objects.filter(type="invoice_payment").values_list("id", flat=True)
    assert sorted(kept) == sorted(set(payments) - {payments[1]})
