from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import ResyncRun
from tests.factories import a_customer, a_delivery, a_subscription, an_invoice

pytestmark = pytest.mark.django_db


def overview(client, **headers) -> str:
    return client.get("/console/", headers=headers).content.decode()


def test_an_empty_database_says_so_and_how_to_go_on(client, admin):
    client.force_login(admin)

    page = overview(client)

    assert "Nothing is here yet" in page
    assert "manage.py resync all" in page
    assert '<input type="hidden" name="target" value="all">' in page


def test_without_the_right_the_first_read_is_not_offered(client, support):
    client.force_login(support)

    page = overview(client)

    assert 'name="target"' not in page
    assert "Resyncs need the right" in page


def test_a_read_that_is_under_way_is_shown_instead(client, admin):
    run = ResyncRun.objects.create(target="all", state="running", created_at=timezone.now())
    client.force_login(admin)

    assert f"/console/resyncs/{run.pk}/" in overview(client)


def test_counts_lead_to_the_lists_behind_them(client, support):
    customer = a_customer()
    a_subscription(customer)
    a_subscription(customer, status="canceled")
    an_invoice(customer, status="open", due_at=timezone.now() - timedelta(days=1))
    a_delivery(state="quarantined")
    client.force_login(support)

    page = overview(client)

    for address in ("subscriptions/?status=active", "invoices/?status=past_due", "webhooks/?state=quarantined"):
        assert f'href="/console/{address}"><span class="pd-lab">' in page
        cell = page[page.index(f"/console/{address}") :]
        assert '<span class="pd-big">1</span>' in cell[: cell.index("</a>")]


def test_the_lag_is_the_age_of_the_oldest_delivery_that_is_not_dealt_with(client, support):
    now = timezone.now()
    a_delivery(state="waiting", received_at=now - timedelta(minutes=7))
    a_delivery(received_at=now)
    client.force_login(support)

    assert "7 min behind Stripe" in overview(client)


def test_with_everything_processed_it_is_in_step(client, support):
    a_delivery(received_at=timezone.now() - timedelta(days=1))
    client.force_login(support)

    assert "In step with Stripe" in overview(client)


def test_each_currency_has_a_chart_whose_months_lead_to_the_invoices(client, support):
    customer = a_customer()
    paid_at = timezone.now()
    for currency in ("eur", "jpy"):
        an_invoice(customer, currency=currency, total=152796, paid_at=paid_at)
    client.force_login(support)

    page = overview(client)

    assert page.count("data-figure=") == 2
    assert f"/console/invoices/?status=paid&amp;currency=eur&amp;paid={paid_at:%Y-%m}" in page
    assert "1,527.96" in page
    assert "152,796" in page


def test_the_strip_alone_is_answered_to_htmx(client, support):
    a_delivery()
    client.force_login(support)

    part = overview(client, hx_request="true", hx_target="attention")

    assert part.strip().startswith('<section id="attention"')
    assert "<html" not in part
    assert "data-figure" not in part


def test_queries_do_not_grow_with_the_data(client, support):
    client.force_login(support)
    counted = []
    for size in (1, 12):
        for _ in range(size):
            customer = a_customer()
            a_subscription(customer)
            an_invoice(customer, paid_at=timezone.now())
            a_delivery()
        with CaptureQueriesContext(connection) as queries:
            overview(client)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 17
