"""While everything is read for the first time, every page says what is here and what is missing."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import ResyncPart, ResyncRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_the_first_import")]


@pytest.fixture(autouse=True)
def _signed_in(client, support):
    client.force_login(support)


def a_first_import(state: str = "running", **of_types: str) -> ResyncRun:
    run = ResyncRun.objects.create(target="all", state=state, created_at=timezone.now())
    for number, (type_name, part_state) in enumerate(of_types.items()):
        ResyncPart.objects.create(run=run, number=number, stage=number, step={"type": type_name}, state=part_state)
    return run


def banner(client, path: str = "/console/webhooks/") -> str:
    page = client.get(path).content.decode()
    found = re.search(r'data-banner="first_import".*?</details>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[0].partition("<strong>")[2])) if found else ""


def test_it_says_what_is_here_what_is_being_read_and_what_is_missing(client):
    run = a_first_import(
        customer="done", product="done", invoice="running", refund="queued", balance_transaction="queued"
    )

    assert banner(client) == (
        "The first read from Stripe is under way, 40 %."
        "Customers and products are here; invoices are being read; refunds are still missing. See the run"
    )
    assert f'href="/console/resyncs/{run.pk}/">See the run' in client.get("/console/webhooks/").content.decode()


def test_a_list_of_what_was_not_read_yet_says_so_first(client):
    a_first_import(customer="done", invoice="running", refund="queued", payment_intent="queued")

    assert banner(client, "/console/customers/").startswith("The first read")
    assert banner(client, "/console/invoices/").startswith("Not all invoices have been read yet. The first read")
    assert banner(client, "/console/refunds/").startswith("Refunds have not been read yet. The first read")
    assert banner(client, "/console/payments/").startswith("Payments have not been read yet. The first read")


def test_many_types_are_counted(client):
    waiting = ("product", "subscription", "payment_intent", "invoice", "refund", "dispute")
    a_first_import(customer="running", **dict.fromkeys(waiting, "queued"))

    assert "products, subscriptions and invoices" not in banner(client)
    assert "and 3 more are still missing" in banner(client)


@pytest.mark.parametrize(("state", "way"), [("queued", "is queued"), ("paused", "is paused")])
def test_one_that_waits_is_said_to_wait(client, state, way):
    a_first_import(state, customer="queued")

    assert banner(client).startswith(f"The first read from Stripe {way}, 0 %.")


@pytest.mark.parametrize(
    ("state", "way"),
    [("partial", "ended without everything"), ("failed", "failed"), ("cancelled", "was cancelled")],
)
def test_one_that_ended_without_everything_says_what_is_missing_and_what_to_do(client, state, way):
    run = a_first_import(state, customer="done", invoice="failed")
    ResyncRun.objects.filter(pk=run.pk).update(failed=2)

    assert banner(client) == (
        f"The first read from Stripe {way}."
        "Customers are here; invoices are still missing. 2 reads failed. "
        "Try it again there, or read everything anew; numbers are of what is here. See the run"
    )
    assert banner(client, "/console/invoices/").startswith("Invoices have not been read yet. The first read")


def test_the_overview_keeps_it_and_asks_no_more(client):
    a_first_import("partial", customer="done", invoice="failed")

    page = client.get("/console/").content.decode()

    assert "The first read from Stripe ended without everything." in page
    assert 'id="first_read" aria-label="First read from Stripe">' in page


def test_once_it_is_complete_there_is_none(client):
    a_first_import("complete", customer="done")

    assert banner(client) == ""


def test_the_overview_shows_it_itself(client):
    a_first_import(customer="running")

    assert banner(client, "/console/") == ""


def test_strangers_see_none(client, django_user_model):
    a_first_import(customer="running")
    client.force_login(django_user_model.objects.create_user("nobody@paydesk.test", is_staff=True))

    assert banner(client, "/console/password_change/") == ""


def test_it_costs_two_queries_while_it_goes_on_and_none_after(client):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/console/webhooks/")
        return sum("paydesk_resyncrun" in each["sql"] or "paydesk_resyncpart" in each["sql"] for each in queries)

    run = a_first_import(customer="running")
    assert asked() == 2

    run.state = "complete"
    run.save()
    assert [asked(), asked()] == [1, 0]
