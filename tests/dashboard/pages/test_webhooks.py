import re
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


def test_the_page_of_an_event_leads_to_all_events_about_its_object_whoever_chose_its_id(client):
    for event_id, object_id in (("evt_1", "AUTUMN"), ("evt_2", "AUTUMN"), ("evt_3", "WINTER")):
        a_delivery(event_id=event_id, object_id=object_id, object_type="coupon", event_type="coupon.updated")
    page = client.get("/console/webhooks/evt_1/").content.decode()
    link = re.search(r'href="([^"]+)">All of them', page)[1]

    listed = client.get(link).content.decode()

    assert [f"webhooks/evt_{number}/" in listed for number in (1, 2, 3)] == [True, True, False]


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
        "?q=" + "x" * 501,
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

    assert counted == [QUERIES, QUERIES]


# Session, user, 2 of rights, the shell’s 4 (one is the lag), the page, names, counts, the backlog, the comparison.
QUERIES = 13


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
    for part in ("last-event", "lag", "comparison", "why", "put-aside"):
        assert re.search(rf'id="{part}"[^>]* hx-swap-oob="true"', answer.content.decode())
    assert "Process 3 quarantined again" in answer.content.decode()
    assert len(queries) <= QUERIES + 1  # those that failed


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
    assert 'href="?reason=Stripe+refused+the+call+with+HTTP"' in groups
    assert '<td class="pd-num pd-wide">1</td><td class="pd-num pd-wide">3</td>' in groups
    assert "<b>Something" not in page
    narrowed = webhooks(client, "?reason=Stripe%20refused%20the%20call%20with%20HTTP")
    assert narrowed.count("/console/webhooks/evt_") == 4
    assert "Why events are not processed" not in narrowed


def test_what_only_a_comparison_found_is_marked_as_missed(client):
    comparison = a_comparison(listed=12, held=11, missed=1, finished_at=NOON)
    a_delivery(event_id="evt_missed", found_by=comparison, attempts=0, state="waiting", processed_at=None)
    a_delivery(event_id="evt_done", found_by=comparison, attempts=0)
    a_delivery(event_id="evt_late", found_by=comparison, attempts=1)

    page = webhooks(client)

    assert page.count('<span class="pd-mark" data-tone="urgent">Missed</span>') == 1
    assert page.count('<span class="pd-mark" data-tone="neutral">Found by comparison</span>') == 1
    assert re.search(r">Missed</a>", page)  # without a count, which would never fall
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


def test_a_delay_is_of_what_was_processed(client):
    a_delivery(event_id="evt_slow", processed_at=NOON + timedelta(seconds=90))
    a_delivery(event_id="evt_quick", processed_at=NOON + timedelta(seconds=89))

    page = webhooks(client, "?delay=90")

    assert "webhooks/evt_slow/" in page
    assert "webhooks/evt_quick/" not in page


def test_why_events_fail_is_asked_of_what_the_filter_leaves_and_its_links_keep_it(client):
    a_delivery(state="quarantined", reason="Stripe could not be reached.", object_id="in_1")
    a_delivery(state="quarantined", reason="Stripe has no such invoice.", object_id="in_2")

    page = webhooks(client, "?q=in_1")

    assert 'href="?q=in_1&amp;reason=Stripe+could+not+be+reached."' in page
    assert "no+such+invoice" not in page
    assert "Why events are not processed" not in webhooks(client, "?q=in_3")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("type:invoice.*", "type=invoice.%2A"),
        ("state:quarantined", "state=quarantined"),
        ("nordlicht STATE:waiting verlag", "q=nordlicht+verlag&state=waiting"),
    ],
)
def test_filters_that_are_typed_into_the_search_are_understood(client, typed, meant):
    answer = client.get("/console/webhooks/", {"q": typed})

    assert (answer.status_code, answer["Location"]) == (302, f"/console/webhooks/?{meant}")


@pytest.mark.parametrize(
    ("query", "way_on"),
    [
        ("?type=invoice", "?type=invoice.%2A"),
        ("?q=invoice.paid", "?type=invoice.paid"),
        ("?q=invoice", "?type=invoice.%2A"),
        ("?q=Quarantined", "?state=quarantined"),
    ],
)
def test_where_nothing_matches_what_was_meant_is_one_click_away(client, query, way_on):
    assert f'class="pd-btn" href="{way_on}"' in webhooks(client, query)


def test_the_number_of_a_comparison_is_for_links_and_no_field_to_fill_in(client):
    page = webhooks(client, "?comparison=7")

    assert '<input type="hidden" name="comparison" value="7"' in page
    assert "its number" not in page
    assert "Found by comparison 7" in page


def test_a_date_that_is_none_is_named_by_its_field(client):
    assert "Received from: 2026-13-45 is not a date; it was left out." in webhooks(client, "?received_from=2026-13-45")


def test_what_is_done_in_a_moment_has_no_figure(client):
    a_delivery(state="received", processed_at=None)
    for _ in range(120):
        a_delivery(tries=1, processed_at=timezone.now() - timedelta(seconds=5))

    assert "gone in a moment" in webhooks(client)
