"""What was written before the object that it names is linked to it when that is here."""

from datetime import timedelta

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.mirror import linking
from finances.models import ObjectState
from tests.finances.resync.resyncing import NOW, resync

pytestmark = pytest.mark.django_db

METHODS = {
    "customer": (djstripe.Customer, "default_payment_method"),
    "setup_intent": (djstripe.SetupIntent, "payment_method"),
    "payment_intent": (djstripe.PaymentIntent, "payment_method"),
    "charge": (djstripe.Charge, "payment_method"),
}


def named_by(type_name: str, data: dict) -> str | None:
    return data["invoice_settings"]["default_payment_method"] if type_name == "customer" else data["payment_method"]


def linked(type_name: str) -> tuple[int, int]:
    """Of the rows that name a payment method that is here: all, and those that are linked to it."""
    model, key = METHODS[type_name]
    here = set(djstripe.PaymentMethod.objects.values_list("id", flat=True))
    rows = [(named_by(type_name, data), link) for data, link in model.objects.values_list("stripe_data", f"{key}_id")]
    assert all(link in (named, None) for named, link in rows)
    naming = [(named, link) for named, link in rows if named in here]
    return len(naming), sum(named == link for named, link in naming)


def test_these_name_a_payment_method_and_are_written_without_waiting_for_it():
    assert mirror.pointing_at("payment_method") == ["customer", "setup_intent", "payment_intent", "charge", "invoice"]


@pytest.mark.parametrize("at_once", [2, 500])
def test_after_a_first_import_everything_is_linked_to_its_payment_method(busy_stripe, monkeypatch, at_once):
    monkeypatch.setattr(linking, "AT_ONCE", at_once)

    assert resync("all").state == "complete"

    for type_name in METHODS:
        naming, found = linked(type_name)
        assert naming
        assert found == naming, type_name


def test_only_what_still_names_nothing_that_is_here_stays_marked(stripe):
    for type_name in ("customer", "payment_intent"):
        resync(type_name)
    assert linked("payment_intent") == (0, 0)

    assert resync("payment_method").state == "complete"

    naming, found = linked("payment_intent")
    assert found == naming > 0
    elsewhere = djstripe.PaymentIntent.objects.filter(payment_method=None, stripe_data__payment_method__isnull=False)
    marked = ObjectState.objects.filter(type="payment_intent", unlinked=True)
    assert set(marked.values_list("object_id", flat=True)) == {
        row.id for row in elsewhere if row.stripe_data["payment_method"]
    }


def test_what_was_not_read_by_this_run_is_left_alone(stripe):
    for type_name in ("customer", "payment_intent", "payment_method"):
        resync(type_name)
    djstripe.PaymentIntent.objects.update(payment_method=None)
    ObjectState.objects.filter(type="payment_intent").update(unlinked=True)

    place = mirror.link("payment_intent", "payment_method", {}, seen_since=NOW + timedelta(seconds=1))

    assert place is None
    assert linked("payment_intent")[1] == 0


def test_nothing_is_linked_by_a_comparison(stripe):
    for type_name in ("customer", "payment_method", "setup_intent"):
        resync(type_name)
    djstripe.SetupIntent.objects.update(payment_method=None)
    ObjectState.objects.filter(type="setup_intent").update(unlinked=True)

    run = resync("payment_method", kind="compare")

    assert run.state == "complete"
    assert not djstripe.SetupIntent.objects.filter(payment_method__isnull=False).exists()
