"""Changed behind the console's back: compared, read field by field, taken over, and the same again."""

import pytest
from djstripe import models as djstripe

from finances.models import Customer, ObjectState, ObjectVersion, ResyncFinding, ResyncRun
from finances.reads.drift import drifted
from finances.worker import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(stripe, read) -> dict:
    """As Stripe has her; everything that is hers is here."""
    truth = stripe.get("/v1/customers", email="ada@analytical.example")["data"][0]
    read(truth["id"])
    return truth


@pytest.fixture
def compare(client, admin, ada):
    """Press the button, let a worker do it; the comparison and its page."""

    def press(target: str = "") -> tuple[ResyncRun, str]:
        client.force_login(admin)
        client.post("/console/reconcile/", {"target": target or ada["id"]})
        drain()
        run = ResyncRun.objects.filter(kind="compare").latest("created_at")
        return run, client.get(f"/console/reconcile/{run.pk}/").content.decode()

    return press


def take_over(client, run: ResyncRun) -> str:
    """All of it; the page after a worker did it."""
    answer = client.post(f"/console/reconcile/{run.pk}/", {"take": "all"})
    drain()
    return client.get(answer.headers["Location"]).content.decode()


def test_nothing_differs_right_after_reading(compare):
    run, page = compare()

    assert (run.state, run.changed, run.new, run.gone, run.failed) == ("complete", 0, 0, 0, 0)
    assert f"All {run.done} objects are the same as in Stripe" in page


def test_a_change_at_stripe_is_shown_and_taken_over(stripe, client, compare, ada):
    stripe.patch(ada["id"], name="Ada King", phone="+44 20 7946 0000")
    versions = ObjectVersion.objects.count()
    states = list(ObjectState.objects.order_by("pk").values_list("pk", "ticket", "seen_at"))

    run, page = compare()

    assert (run.state, run.changed) == ("complete", 1)
    assert "2 fields differ" in page
    assert "Ada King" in page
    assert Customer.objects.get(pk=ada["id"]).name == "Ada Lovelace"
    assert ObjectVersion.objects.count() == versions
    assert list(ObjectState.objects.order_by("pk").values_list("pk", "ticket", "seen_at")) == states
    assert drifted() == [("customer", ada["id"])]

    after = take_over(client, run)

    assert ">Taken over</span>" in after
    assert "Taken over from Stripe." in after
    assert Customer.objects.get(pk=ada["id"]).name == "Ada King"
    assert drifted() == []
    assert compare()[0].changed == 0


def test_a_row_that_a_hand_changed_is_found_and_put_right_that_a_resync_of_all_leaves(client, compare, read, ada):
    stored = djstripe.Customer.objects.get(id=ada["id"]).stripe_data
    djstripe.Customer.objects.filter(id=ada["id"]).update(stripe_data={**stored, "name": "Mallory"})

    run, page = compare()
    assert "something else has changed the row" in page

    read("customer")
    assert djstripe.Customer.objects.get(id=ada["id"]).stripe_data["name"] == "Mallory"
    assert drifted() == [("customer", ada["id"])]

    take_over(client, run)

    assert djstripe.Customer.objects.get(id=ada["id"]).stripe_data == stored
    assert drifted() == []
    assert not ObjectVersion.objects.filter(stripe_data__name="Mallory").exists()
    changed = ResyncFinding.objects.get(run__kind="resync", object_id=ada["id"], kind="changed")
    assert {"field": "name", "before": "Mallory", "after": "Ada Lovelace"} in changed.differences


def test_a_column_that_a_hand_changed_is_found_and_put_right(client, compare, ada):
    Customer.objects.filter(pk=ada["id"]).update(email="mallory@example.test")

    run, page = compare()
    assert "Customer.<wbr>email" in page
    take_over(client, run)

    assert Customer.objects.get(pk=ada["id"]).email == "ada@analytical.example"
    assert compare()[0].changed == 0


def test_what_stripe_deleted_is_missing_there_and_taking_over_keeps_it_readable(stripe, client, compare, ada):
    stripe.delete(ada["id"])

    run, _ = compare()
    assert run.gone == 1
    assert Customer.objects.get(pk=ada["id"]).deleted_at is None
    take_over(client, run)

    row = Customer.objects.get(pk=ada["id"])
    assert (row.name, row.deleted_at is None) == ("Ada Lovelace", False)
    assert drifted() == []


def test_what_was_made_behind_our_back_is_missing_here_and_comes_in(stripe, client, compare, ada):
    stripe.put({**ada, "id": "cus_behindourback", "email": "new@example.test"})

    run, page = compare("customer")
    assert ("customer", "cus_behindourback") in drifted()
    assert "new@example.test" in page
    take_over(client, run)

    assert Customer.objects.get(pk="cus_behindourback").email == "new@example.test"
    assert drifted() == []


def test_what_was_taken_over_is_compared_again_in_both_databases_alike(stripe, client, compare, ada):
    """Everything that is hers, of every kind, was written by the mirror and compares as the same."""
    run, _ = compare("all")

    # Of other customers nothing was read: all that they have is missing here, and nothing differs.
    assert (run.state, run.changed, run.gone) == ("complete", 0, 0)
    assert run.new > 0
