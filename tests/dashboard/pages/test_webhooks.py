from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.configuration import PINNED_API_VERSION
from finances.models import CatchUp
from tests.factories import NOON, a_customer, a_delivery, an_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client, support):
    client.force_login(support)


def webhooks(client, query: str = "", **headers) -> str:
    answer = client.get(f"/console/webhooks/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def a_comparison(**fields) -> CatchUp:
    return CatchUp.objects.create(
        **{"cause": "schedule", "state": "complete", "since": NOON, "created_at": NOON} | fields
    )


def test_newest_received_first_whatever_stripes_own_time(client):
    a_delivery(event_id="evt_old", received_at=NOON, created_at=NOON + timedelta(hours=1))
    a_delivery(event_id="evt_new", received_at=NOON + timedelta(minutes=1))

    page = webhooks(client)

    assert page.index("webhooks/evt_new/") < page.index("webhooks/evt_old/")


@pytest.mark.parametrize(
    "query",
    [
        "?state=quarantined",
        "?type=invoice.*",
        "?type=invoice.paid",
        "?q=in_1",
        "?q=cus_1",
        "?q=evt_yes",
        "?q=NORDLICHT",
        "?reason=Stripe+could+not",
        "?received_from=2026-11-21&received_to=2026-11-21",
        "?delay=90",
        "?version=2020-08-27",
        "?version=other",
        "?found=missed",
        "?found=any",
        "?event=evt_yes",
        "?state=quarantined&type=invoice.*&q=nordlicht&reason=Stripe",
    ],
)
def test_filters_keep_what_they_name(client, query):
    a_customer(id="cus_1", search_text="nordlicht verlag")
    a_delivery(
        event_id="evt_yes",
        event_type="invoice.paid",
        state="quarantined",
        object_id="in_1",
        customer_id="cus_1",
        reason="Stripe could not be reached.",
        received_at=NOON + timedelta(days=1),
        processed_at=NOON + timedelta(seconds=90),
        api_version="2020-08-27",
        found_by=a_comparison(),
        attempts=0,
    )
    a_delivery(
        event_id="evt_no",
        event_type="customer.updated",
        state="processed",
        object_id="cus_2",
        customer_id="cus_2",
        processed_at=NOON + timedelta(seconds=89),
        api_version=PINNED_API_VERSION,
    )

    page = webhooks(client, query)

    assert "webhooks/evt_yes/" in page
    assert "webhooks/evt_no/" not in page


@pytest.mark.parametrize(
    "query",
    [
        "?state=nonsense",
        "?type=a b",
        "?delay=NaN",
        "?delay=-1",
        "?received_from=31.12.",
        "?comparison=x",
        "?event=a'b",
        "?version=%00",
        "?after=zzz",
        "?before=%00",
        "?colour=red",
        "?q=" + "x" * 500,
    ],
)
def test_a_bad_parameter_is_left_out_with_a_notice(client, query):
    a_delivery(event_id="evt_here")

    page = webhooks(client, query)

    assert "webhooks/evt_here/" in page
    assert 'class="pd-note" data-tone="warning"' in page


def test_the_first_page_asks_for_itself_again_and_older_ones_do_not(client):
    for minute in range(60):
        a_delivery(received_at=NOON + timedelta(minutes=minute))

    first = webhooks(client)
    older = first[: first.index('rel="next"')] and first.split('rel="next" href="')[1].split('"')[0]

    assert 'hx-trigger="every 5s"' in first
    assert 'hx-trigger="every 5s"' not in webhooks(client, older)


def test_htmx_gets_the_rows_alone(client):
    a_delivery(event_id="evt_here")

    part = webhooks(client, hx_request="true", hx_target="deliveries")

    assert part.strip().startswith('<div id="deliveries"')
    assert "<html" not in part


def test_an_empty_inbox_says_what_will_happen(client):
    assert "No webhook has come yet" in webhooks(client)
    assert "No webhook matches" in webhooks(client, "?state=waiting")


def test_the_payload_is_not_read_and_queries_do_not_grow(client):
    counted = []
    for size in (2, 40):
        for _ in range(size):
            customer = a_customer()
            a_delivery(object_id=an_invoice(customer).pk, customer_id=customer.pk, payload={"secret": "of the payload"})
        with CaptureQueriesContext(connection) as queries:
            assert "of the payload" not in webhooks(client)
        counted.append(len(queries))
        assert not any('"payload"' in query["sql"] for query in queries)

    assert counted[0] == counted[1] <= 20


def test_a_page_that_asks_for_itself_counts_little_and_goes_nowhere(client, admin):
    client.force_login(admin)
    for _ in range(3):
        a_delivery(state="quarantined", reason="Stripe has no such invoice.")

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(
            "/console/webhooks/?state=quarantined", headers={"hx_request": "true", "hx_target": "deliveries"}
        )

    assert "HX-Push-Url" not in answer.headers
    assert 'id="tabs"' in answer.content.decode()
    assert "Why events are not processed" not in answer.content.decode()
    assert len(queries) <= 17


def test_a_condition_has_a_chip_that_lets_it_go(client):
    page = webhooks(client, "?type=invoice.*&delay=90&reason=Stripe&version=other")

    for words in ("Type: invoice.*", "Delay at least 90 s", "Reason begins “Stripe”", "API version other than ours"):
        assert f'aria-label="Remove: {words}"' in page


def test_why_events_fail_is_grouped_by_what_their_reasons_have_in_common(client):
    for number in (429, 500, 503):
        a_delivery(state="waiting", reason=f"Stripe refused the call with HTTP {number} (no code).")
    a_delivery(state="quarantined", reason="Stripe refused the call with HTTP 400 (no code).")
    a_delivery(state="quarantined", reason="<b>Something</b> else")
    a_delivery(state="processed", reason="")

    page = webhooks(client)

    groups = page[page.index("Why events are not processed") : page.index('id="deliveries"')]
    assert groups.count("<tr>") == 3  # the head and two reasons
    assert 'href="?reason=Stripe%20refused%20the%20call%20with%20HTTP"' in groups
    assert '<td class="pd-num pd-wide">1</td><td class="pd-num pd-wide">3</td>' in groups
    assert "<b>Something" not in page
    narrowed = webhooks(client, "?reason=Stripe%20refused%20the%20call%20with%20HTTP")
    assert narrowed.count("/console/webhooks/evt_") == 4
    assert "Why events are not processed" not in narrowed


def test_what_only_a_comparison_found_is_marked_as_missed(client):
    comparison = a_comparison(listed=12, held=11, missed=1, finished_at=NOON)
    a_delivery(event_id="evt_missed", found_by=comparison, attempts=0)
    a_delivery(event_id="evt_late", found_by=comparison, attempts=1)

    page = webhooks(client)

    assert page.count("Stripe has it, we never got it") == 1
    assert 'Missed <span class="pd-count">1</span>' in page
    assert "it has 12 events since" in page
    assert f'href="/console/webhooks/?comparison={comparison.pk}">1 was not and came in by this</a>' in page


def test_what_is_pending_is_said_with_its_end(client):
    a_delivery(state="received", processed_at=None)
    a_delivery(state="waiting", processed_at=None, next_try_at=timezone.now() + timedelta(hours=1))
    a_delivery(tries=1, processed_at=timezone.now() - timedelta(seconds=5))

    assert "2 pending, 1 of them for a later try, gone in about " in webhooks(client)


def test_an_admin_may_process_again_what_matches_and_what_was_put_aside(client, admin):
    client.force_login(admin)
    for _ in range(3):
        a_delivery(state="quarantined", event_type="charge.failed")
    a_delivery()

    page, narrowed = webhooks(client), webhooks(client, "?type=charge.*")

    assert "Process 3 quarantined again" in page
    assert "pd-bulk" not in page  # never the whole log
    assert 'href="/console/webhooks/replays/?type=charge.%2A"' in narrowed
    assert "Process 3 again" in narrowed
