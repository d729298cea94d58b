"""What cannot be stored is left out with its reason, and the rest of its page is not."""

from datetime import UTC, datetime

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror.fitting import misfit
from finances.models import BalanceTransaction, Customer, ResyncFinding, ResyncRun
from finances.resync.request import request_resync
from finances.resync.run import work_off
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

MISFITS = {
    "an id of another type": (
        {"object": "invoice"},
        "Stripe answered with another type (invoice) where a customer was expected.",
    ),
    "a NUL in a text": ({"name": "a\x00b"}, "A text in it holds the character NUL, which PostgreSQL cannot keep."),
    "a NUL in a part that no column shows": (
        {"metadata": {"a": "\x00"}},
        "A text in it holds the character NUL, which PostgreSQL cannot keep.",
    ),
    "half of a character": (
        {"name": "\ud800"},
        "A text in it holds half of a character (a lone surrogate), which no database can keep.",
    ),
    "a currency that is none": (
        {"currency": "euros"},
        "Its currency is longer than 3 characters: a value that Paydesk does not know yet.",
    ),
    "a number past all columns": ({"balance": 10**30}, "Its balance is a number that no column can hold."),
    "a mark that is none": ({"livemode": "yes"}, "Its livemode is neither true nor false."),
    "another form": (
        {"address": "a street"},
        "It does not have the form of a customer (AttributeError while it was read).",
    ),
}


@pytest.fixture
def ada(stripe) -> dict:
    return next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


@pytest.mark.parametrize(("changes", "sentence"), MISFITS.values(), ids=MISFITS)
def test_the_reason_is_said(ada, changes, sentence):
    assert misfit("customer", ada) == ""

    assert misfit("customer", ada | changes) == sentence


@pytest.mark.parametrize(
    ("type_name", "path", "changes", "sentence"),
    [
        ("charge", "charges", {"amount": None}, "Its amount is missing."),
        ("price", "prices", {"product": None}, "Its product is missing."),
        ("balance_transaction", "balance_transactions", {"type": ["a"]}, "Its type is not text."),
    ],
)
def test_what_djstripes_columns_ask_for_is_asked_for_too(stripe, type_name, path, changes, sentence):
    assert misfit(type_name, stripe.all(f"/v1/{path}")[0] | changes) == sentence


def test_a_charge_whose_balance_transaction_stripe_has_no_more_is_stored_without_it(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["balance_transaction"])

    mirror.write(Gateway(), "charge", [charge | {"balance_transaction": "txn_nobody"}], ticket=take_ticket(), now=NOW)

    assert djstripe.Charge.objects.get(id=charge["id"]).balance_transaction is None
    assert not BalanceTransaction.objects.exists()


def test_a_backslash_before_it_makes_no_nul(ada):
    assert misfit("customer", ada | {"name": r"\u0000 and \\u0000"}) == ""


@pytest.mark.parametrize("changes", [{"name": "a\x00b"}, {"name": "\ud800"}, {"object": "invoice"}])
def test_one_that_does_not_fit_is_refused_with_it(ada, changes):
    with pytest.raises(mirror.DoesNotFit):
        mirror.write(Gateway(), "customer", [ada | changes], ticket=take_ticket(), now=NOW)

    assert not Customer.objects.filter(id=ada["id"]).exists()


def test_the_others_of_its_page_are_stored(stripe, ada):
    stripe.put(ada | {"name": "a\x00b"})
    everybody = {it["id"] for it in stripe.all("/v1/customers")}
    run = request_resync("customer", now=NOW).run

    work_off(run.pk, lambda: NOW)

    run.refresh_from_db()
    failure = ResyncFinding.objects.get(run=run, kind=ResyncFinding.Kind.FAILED)
    assert set(Customer.objects.values_list("id", flat=True)) == everybody - {ada["id"]}
    assert (run.state, failure.object_id) == (ResyncRun.State.PARTIAL, ada["id"])
    assert failure.problem == "A text in it holds the character NUL, which PostgreSQL cannot keep."
