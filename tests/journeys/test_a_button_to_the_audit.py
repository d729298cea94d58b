"""The button makes a run, a worker does it, its page says what it found, and the audit trail keeps who and why."""

import pytest

from finances.models import AuditEntry, ResyncRun
from finances.worker import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(stripe, read) -> dict:
    """One whom we know under a name that is no longer true."""
    known = stripe.get("/v1/customers", limit=1)["data"][0]
    read(known["id"])
    ResyncRun.objects.all().delete()
    stripe.patch(known["id"], name="Grace Hopper")
    return known


def of_resyncs():
    """The entries about resyncs that people asked for, oldest first; `read` asks for one as a command."""
    runs = [str(run.pk) for run in ResyncRun.objects.all()]
    return AuditEntry.objects.filter(detail__run__in=runs).order_by("id")


def press(client, customer):
    return client.post("/console/resyncs/", {"target": customer["id"], "reason": "Ticket 48213"}, follow=True)


def test_a_resync_brings_the_new_name_and_leaves_a_trail(client, admin, customer, open_page):
    client.force_login(admin)

    answer = press(client, customer)

    run = ResyncRun.objects.get()
    assert answer.redirect_chain == [(f"/console/resyncs/{run.pk}/", 302)]
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    drain()

    shown = open_page(f"resyncs/{run.pk}/")
    assert ">Complete</span>" in shown
    assert 'hx-trigger="every 1s"' not in shown
    assert "Ticket 48213" in shown
    assert customer["name"] in shown
    assert "Grace Hopper" in shown
    assert "<bdi>Grace Hopper</bdi>" in open_page(f"customers/{customer['id']}/")
    requested, complete = of_resyncs()
    assert (requested.action, requested.actor, requested.target) == ("paydesk.resync.requested", admin, customer["id"])
    assert requested.personal.body == {"reason": "Ticket 48213"}
    assert (complete.action, complete.target) == ("paydesk.resync.complete", customer["id"])
    assert complete.detail["run"] == requested.detail["run"] == str(run.pk)
    assert "A resync ended complete" in open_page("audit/")


def test_pressed_twice_it_is_one_run_and_one_entry(client, admin, customer):
    client.force_login(admin)
    press(client, customer)

    answer = press(client, customer)

    run = ResyncRun.objects.get()
    assert answer.redirect_chain == [(f"/console/resyncs/{run.pk}/", 302)]
    assert "no second one was made" in answer.content.decode()
    assert of_resyncs().count() == 1


@pytest.mark.parametrize("role", ["support", "finance"])
def test_without_the_right_there_is_no_button_no_run_and_no_entry(client, request, customer, open_page, stripe, role):
    client.force_login(request.getfixturevalue(role))
    stripe.forget_calls()

    answer = press(client, customer)

    assert answer.status_code == 403
    assert "Your role may not do this" in answer.content.decode()
    assert "data-dialog" not in open_page(f"customers/{customer['id']}/")
    drain()
    assert not ResyncRun.objects.exists()
    assert not of_resyncs().exists()
    assert stripe.calls() == {}


def test_stripe_away_ends_in_a_sentence_with_advice_and_an_entry(client, admin, customer, open_page, stripe, no_pauses):
    client.force_login(admin)
    stripe.faults(reset=1.0)
    press(client, customer)

    drain()

    run = ResyncRun.objects.get()
    shown = open_page(f"resyncs/{run.pk}/")
    assert run.state == "failed"
    assert "The run stopped." in shown
    assert "Stripe could not be reached." in shown
    assert "Traceback" not in shown
    assert AuditEntry.objects.filter(action="paydesk.resync.failed", target=customer["id"]).exists()
