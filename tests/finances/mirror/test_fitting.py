"""What cannot be stored is left out with its reason, and the rest of its page is not."""

from datetime import UTC, datetime

import pytest

from finances import mirror
from finances.gateway import Gateway
from finances.mirror.fitting import misfit
from finances.models import Customer, ResyncFinding, ResyncRun
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
