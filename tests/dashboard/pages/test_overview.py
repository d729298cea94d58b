from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import ResyncPart, ResyncRun
from tests.factories import (
    a_charge,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_payment_method,
    a_refund,
    a_subscription,
    an_invoice,
)

pytestmark = pytest.mark.django_db


def overview(client, query: str = "", **headers) -> str:
    return client.get(f"/console/{query}", headers=headers).content.decode()


def cell(page: str, concern: str) -> str:
    """What stands in one cell of what needs attention, its link too."""
    end = page.index("</a>", page.index(f'data-concern="{concern}"'))
    return page[page.rindex("<a ", 0, end) : end]


def test_an_empty_database_says_so_and_how_to_go_on(client, admin):
    client.force_login(admin)

    page = overview(client)

    assert "Nothing is here yet" in page
    assert "Read everything from Stripe" in page
    assert "manage.py resync all" in page
    assert '<input type="hidden" name="target" value="all">' in page


def test_the_first_read_is_one_click_and_leads_to_its_run(client, admin):
    client.force_login(admin)

    answer = client.post("/console/resyncs/", {"target": "all"})

    run = ResyncRun.objects.get()
    assert answer.url == f"/console/resyncs/{run.pk}/"
    assert run.target == "all"


def test_without_the_right_the_first_read_is_not_offered_but_whom_to_ask(client, support):
    client.force_login(support)

    page = overview(client)

    assert 'name="target"' not in page
    assert "Ask an admin" in page


@pytest.mark.usefixtures("before_the_first_import")
def test_a_first_read_that_is_under_way_is_shown_instead(client, admin):
    run = ResyncRun.objects.create(target="all", state="running", created_at=timezone.now())
    client.force_login(admin)

    page = overview(client)

    assert f"/console/resyncs/{run.pk}/" in page
    assert 'name="target"' not in page
    assert "Pages fill up while everything is read." in page


@pytest.mark.usefixtures("before_the_first_import")
def test_while_everything_is_read_the_overview_says_how_far_and_what_is_missing(client, support):
    a_customer()
    run = ResyncRun.objects.create(target="all", state="running", created_at=timezone.now(), done=1234, total=1234)
    states = [("customer", "done"), ("product", "done"), ("invoice", "running"), ("refund", "queued")]
    for number, (type_name, state) in enumerate(states):
        ResyncPart.objects.create(run=run, number=number, stage=number, step={"type": type_name}, state=state)
    client.force_login(support)

    whole, part = overview(client), overview(client, hx_request="true", hx_target="first_read")

    assert "The first read from Stripe is under way, 50 %." in whole
    assert "Customers and products are here; invoices are being read; refunds are still missing." in whole
    assert "1,234 objects so far" in whole
    assert whole.count("The first read from Stripe is under way") == 1
    assert 'hx-trigger="every 3s"' in part
    assert "<html" not in part
    assert "attention" not in part


@pytest.mark.usefixtures("before_the_first_import")
def test_at_the_end_of_the_first_read_the_page_is_loaded_anew(client, support):
    a_customer()
    run = ResyncRun.objects.create(target="all", state="running", created_at=timezone.now())
    client.force_login(support)
    asked = {"path": "/console/", "headers": {"hx_request": "true", "hx_target": "first_read"}}
    assert "HX-Refresh" not in client.get(**asked).headers

    run.state = "complete"
    run.save()

    assert client.get(**asked).headers["HX-Refresh"] == "true"


def test_a_first_read_that_failed_can_be_asked_for_again(client, admin):
    now = timezone.now()
    ResyncRun.objects.create(target="all", state="failed", created_at=now, finished_at=now)
    client.force_login(admin)

    assert '<input type="hidden" name="target" value="all">' in overview(client)


def test_what_needs_attention_leads_to_the_lists_behind_it(client, support):
    now = timezone.now()
    customer = a_customer()
    failed = a_payment(customer, status="requires_payment_method", failure_code="card_declined", created_at=now)
    a_charge(failed, status="failed", failure_code="card_declined", created_at=now)
    an_invoice(customer, status="open", due_at=now - timedelta(days=1))
    a_dispute(a_charge(a_payment(customer)), evidence_due_at=now + timedelta(days=1, minutes=5))
    a_delivery(state="quarantined")
    client.force_login(support)

    page = overview(client)

    week_ago = timezone.localdate() - timedelta(days=7)
    for concern, address in (
        ("failed", f"payments/?status=failed&amp;failed_from={week_ago:%Y-%m-%d}"),
        ("past_due", "invoices/?status=past_due"),
        ("disputes", "disputes/?status=needs_response"),
        ("quarantined", "webhooks/?state=quarantined"),
    ):
        assert f'href="/console/{address}"' in cell(page, concern)
        assert '<span class="pd-big">1</span>' in cell(page, concern)


def test_a_payment_that_went_through_in_the_end_needs_nobody(client, support):
    now = timezone.now()
    paid = a_payment(a_customer(), created_at=now)
    a_charge(paid, status="failed", failure_code="card_declined", created_at=now)
    long_ago = a_payment(a_customer(), status="requires_payment_method", failure_code="card_declined")
    a_charge(long_ago, status="failed", failure_code="card_declined", created_at=now - timedelta(days=9))
    client.force_login(support)

    assert '<span class="pd-big">0</span>' in cell(overview(client), "failed")


def test_the_number_of_failed_payments_is_that_of_the_list(client, support):
    now = timezone.now()
    for days in range(12):
        tried = now - timedelta(days=days)
        payment = a_payment(a_customer(), status="requires_payment_method", failure_code="card_declined")
        a_charge(payment, status="failed", failure_code="card_declined", created_at=tried)
    client.force_login(support)

    part = cell(overview(client), "failed")

    address = part[part.index('href="') + 6 :].split('"')[0].replace("&amp;", "&")
    listed = client.get(address).context["page"].rows
    assert f'<span class="pd-big">{len(listed)}</span>' in part


def test_the_lag_is_the_age_of_the_oldest_delivery_that_is_not_dealt_with(client, support):
    now = timezone.now()
    a_delivery(state="received", received_at=now - timedelta(minutes=7))
    a_delivery(received_at=now)
    client.force_login(support)

    assert "7 min" in cell(overview(client), "lag")


def test_with_everything_processed_it_is_in_step(client, support):
    a_delivery(received_at=timezone.now() - timedelta(days=1))
    client.force_login(support)

    assert 'In step<span class="pd-wide"> with Stripe' in overview(client)


def test_the_charts_are_of_one_currency_and_the_others_a_link_away(client, support):
    customer = a_customer()
    paid_at = timezone.now()
    for currency in ("eur", "eur", "jpy"):
        an_invoice(customer, currency=currency, total=152796, paid_at=paid_at)
    client.force_login(support)

    first, yen = overview(client), overview(client, "?currency=JPY")

    assert f"/console/invoices/?status=paid&amp;currency=eur&amp;paid={paid_at:%Y-%m}" in first
    assert 'href="?currency=jpy"' in first
    assert "3,055.92" in first
    assert "152,796 JPY" in yen
    assert "3,055.92 EUR" not in yen


def test_a_currency_that_nothing_is_in_is_said_so(client, support):
    an_invoice(a_customer(), paid_at=timezone.now())
    client.force_login(support)

    page = overview(client, "?currency=<b>")

    assert "Nothing is in &lt;B&gt; here" in page
    assert "data-figure" in page


def test_each_chart_has_its_numbers_as_a_table_with_links_to_the_lists(client, support):
    now = timezone.now()
    customer = a_customer()
    a_subscription(customer, paying_since=now - timedelta(minutes=1))
    an_invoice(customer, paid_at=now)
    payment = a_payment(customer, created_at=now)
    charge = a_charge(payment, status="failed", decline_code="insufficient_funds", created_at=now)
    a_refund(charge, created_at=now)
    client.force_login(support)

    page = overview(client)

    month = f"{timezone.localdate(now, timezone.get_default_timezone()):%Y-%m}"
    assert page.count("data-figure=") == page.count('class="pd-data"') == 4
    for address in (
        "subscriptions/?mrr=counted&amp;currency=eur",
        f"subscriptions/?since={month}&amp;currency=eur",
        f"invoices/?status=paid&amp;currency=eur&amp;paid={month}",
        f"customers/?new={month}",
        f"customers/?lost={month}",
        f"payments/?currency=eur&amp;failed={month}&amp;reason=insufficient_funds",
    ):
        assert f'href="/console/{address}"' in page


def test_cards_that_are_about_to_expire_are_those_that_are_charged(client, support):
    this_month = timezone.localdate(timezone.now(), timezone.get_default_timezone())
    expiring = {"expires_month": this_month.month, "expires_year": this_month.year}
    for fields, subscription in (
        ({}, {}),  # its default is charged
        ({"own": True}, {}),  # its subscription has another one
        ({}, {"status": "canceled"}),
        ({}, {"collection_method": "send_invoice"}),
    ):
        customer = a_customer()
        card = a_payment_method(customer, **expiring)
        customer.default_payment_method_id = card.id
        customer.save()
        own = a_payment_method(customer).id if fields else ""
        a_subscription(customer, default_payment_method_id=own, **subscription)
    client.force_login(support)

    assert client.get("/console/").context["coming_up"].cards == 1


def test_what_needs_attention_alone_is_answered_to_htmx(client, support):
    a_delivery()
    client.force_login(support)

    part = overview(client, hx_request="true", hx_target="attention")

    assert part.strip().startswith('<section id="attention"')
    assert "<html" not in part
    assert "data-figure" not in part


def test_queries_do_not_grow_with_the_data(client, support):
    client.force_login(support)
    counted, polled = [], []
    for size in (1, 12):
        for number in range(size):
            now, currency = timezone.now(), ("eur", "usd", "jpy")[number % 3]
            customer = a_customer()
            a_subscription(customer, currency=currency, paying_since=now - timedelta(days=40))
            an_invoice(customer, currency=currency, paid_at=now)
            payment = a_payment(customer, currency=currency, created_at=now)
            a_dispute(a_charge(payment, status="failed", failure_code="card_declined", created_at=now))
            a_delivery()
        with CaptureQueriesContext(connection) as queries:
            overview(client)
        counted.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            overview(client, hx_request="true", hx_target="attention")
        polled.append(len(queries))

    assert counted[0] == counted[1] <= 29
    assert polled[0] == polled[1] <= 11


def test_months_are_named_by_the_account_whatever_the_viewers_zone(client, support):
    an_invoice(a_customer(), paid_at=timezone.now())
    client.force_login(support)

    client.cookies["paydesk_zone"] = "Pacific/Kiritimati"

    assert "Months in UTC" in overview(client)
    assert isinstance(client.get("/console/").context["month"], date)


def test_a_chart_of_nothing_says_so(client, support):
    payment = a_payment(a_customer(), created_at=timezone.now())
    a_charge(payment, status="succeeded", created_at=timezone.now())
    client.force_login(support)

    page = overview(client)

    assert 'id="failed-payments-title"' in page
    assert page.count("None in these months.") == 1
    assert 'data-figure="failed-payments"' not in page
