"""From the list or one event to a replay: the question, who may answer it, what is refused, and the page of the run."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import AuditEntry, Replay, ReplayedDelivery
from tests.factories import NOON, a_customer, a_delivery, an_invoice

pytestmark = pytest.mark.django_db

HOSTILE = "</script><img src=x onerror=alert(1)>"


def question(client, query: str, **headers) -> str:
    answer = client.get(f"/console/webhooks/replays/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def ask(client, **conditions):
    return client.post("/console/webhooks/replays/", conditions, follow=True)


def a_replay(**fields) -> Replay:
    now = timezone.now()
    return Replay.objects.create(**{"asked_at": now, "started_at": now, "state": "running"} | fields)


def page_of(client, replay: Replay, **headers) -> str:
    return client.get(f"/console/webhooks/replays/{replay.pk}/", headers=headers).content.decode()


def test_the_dialog_asks_with_the_numbers_of_everything_that_matches(client, admin):
    for number in range(120):  # more than a page of the list
        a_delivery(state="quarantined", object_id=f"in_{number % 48}")
    a_delivery(state="processed")
    client.force_login(admin)

    part = question(client, "?state=quarantined", hx_request="true", hx_target="question")

    assert "<html" not in part
    assert "Process 120 events again?" in part
    assert "120 events about 48 objects" in part
    assert "about 48 calls, about " in part
    assert "nothing is sent to Stripe" in part
    assert '<input type="hidden" name="state" value="quarantined">' in part
    assert "Process 120 again</button>" in part


def test_without_a_script_the_same_question_is_a_page(client, admin):
    a_delivery(event_id="evt_1", state="quarantined", object_id="in_1")
    client.force_login(admin)

    page = question(client, "?event=evt_1")

    assert "<html" in page
    assert "Process this event again?" in page
    assert '<input type="hidden" name="event" value="evt_1">' in page


def test_the_answer_makes_a_replay_of_just_that_leads_to_it_and_leaves_a_trace(client, admin):
    chosen = a_delivery(state="quarantined", event_type="invoice.paid")
    a_delivery(state="quarantined", event_type="customer.updated")
    client.force_login(admin)

    answer = ask(client, state="quarantined", type="invoice.*", reason_given=" Ticket 48213 ")

    made = Replay.objects.get()
    assert answer.redirect_chain == [(f"/console/webhooks/replays/{made.pk}/", 302)]
    assert (made.conditions, made.estimate) == ({"state": "quarantined", "type": "invoice.*"}, 1)
    assert (made.requested_by, made.reason) == (admin, "Ticket 48213")
    assert AuditEntry.objects.get(action="paydesk.replay.requested").actor == admin
    assert chosen.state == "quarantined"


def test_what_a_form_sends_is_what_its_list_shows(client, admin):
    customer = a_customer(name="Nordlicht", search_text="nordlicht verlag")
    slow = {"processed_at": NOON + timedelta(minutes=5), "customer_id": customer.pk, "api_version": "2020-08-27"}
    a_delivery(event_id="evt_yes", **slow)
    a_delivery(event_id="evt_quick", **slow | {"processed_at": NOON})
    a_delivery(event_id="evt_other", **slow | {"customer_id": "cus_other"})
    client.force_login(admin)

    ask(client, q="NORDLICHT", delay="60", version="other", received_from="2026-11-20", received_to="2026-11-20")

    assert Replay.objects.get().estimate == 1


@pytest.mark.parametrize("role", ["support", "finance"])
def test_without_the_right_nothing_happens_and_nothing_is_offered(client, request, role):
    client.force_login(request.getfixturevalue(role))
    row = a_delivery(state="quarantined")

    assert ask(client, event=row.pk).status_code == 403

    assert not Replay.objects.exists()
    assert "Process again?" not in question(client, f"?event={row.pk}")
    for address in ("/console/webhooks/?state=quarantined", f"/console/webhooks/{row.pk}/"):
        assert "/console/webhooks/replays/?" not in client.get(address).content.decode()


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"delay": "0"},
        {"state": "nonsense"},
        {"state": "quarantined", "colour": "red"},
        {"delay": "-1"},
        {"event": "' or 1=1"},
    ],
)
def test_a_condition_that_does_not_read_replays_nothing_rather_than_more(client, admin, conditions):
    a_delivery(state="quarantined")
    client.force_login(admin)

    answer = ask(client, **conditions)

    assert "Nothing was done" in answer.content.decode()
    assert not Replay.objects.exists()


def test_what_can_have_no_effect_here_is_said_and_not_replayed(client, admin):
    row = a_delivery(state="ignored", livemode=True)
    client.force_login(admin)

    assert "Nothing to process again" in question(client, f"?event={row.pk}")
    assert "no event matches that could be processed again here" in ask(client, event=row.pk).content.decode()
    assert not Replay.objects.exists()


def test_a_replay_asks_for_itself_until_it_has_ended(client, support):
    replay = a_replay(total=4, spread=True)
    for state in ("processed", "processed", "quarantined", ""):
        ReplayedDelivery.objects.create(replay=replay, delivery=a_delivery(), state=state)
    client.force_login(support)

    under_way = page_of(client, replay, hx_request="true", hx_target="run")
    replay.results.filter(state="").update(state="processed")
    replay.state, replay.finished_at = "partial", timezone.now()
    replay.save()
    ended = page_of(client, replay, hx_request="true", hx_target="run")

    assert 'hx-trigger="every 2s"' in under_way
    assert '<progress value="75" max="100"' in under_way
    assert "3 of 4 events" in under_way
    assert "No worker is alive" in under_way
    assert "hx-trigger" not in ended
    assert '<progress value="100" max="100"' in ended
    assert "1 was put aside again" in ended


def test_each_event_has_its_result_the_failures_first(client, support):
    customer = a_customer(name="Nordlicht")
    replay = a_replay(
        total=2,
        skipped=7,
        spread=True,
        state="partial",
        reason=HOSTILE,
        conditions={"customers": [customer.pk], "state": "quarantined", "reason": HOSTILE},
        finished_at=timezone.now(),
    )
    good, bad = a_delivery(object_id=an_invoice(customer, number="NV-7").pk), a_delivery(customer_id=customer.pk)
    ReplayedDelivery.objects.create(replay=replay, delivery=good, state="processed", result="Invoice changed.")
    ReplayedDelivery.objects.create(replay=replay, delivery=bad, state="quarantined", result=f"Refused {HOSTILE}")
    client.force_login(support)

    page = page_of(client, replay)

    assert page.index("Refused ") < page.index("Invoice changed.")
    assert f'href="/console/webhooks/{bad.pk}/"' in page
    assert "NV-7" in page
    assert "Customer Nordlicht" in page
    assert '<div class="pd-big">7</div>' in page
    assert HOSTILE not in page


def test_the_last_replays_are_listed_for_whoever_may_see_the_log(client, support):
    replay = a_replay(conditions={"event_id": "evt_1"}, reason="Ticket 48213")
    client.force_login(support)

    page = question(client, "")

    assert f'href="/console/webhooks/replays/{replay.pk}/"' in page
    assert "Replay of evt_1" in page
    assert "Ticket 48213" in page
    assert "takes the right" in page


def test_queries_do_not_grow_with_results_or_replays(client, admin):
    client.force_login(admin)
    replay = a_replay(total=3, spread=True)
    counted = []
    for size in (2, 40):
        for _ in range(size):
            customer = a_customer()
            for state in ("processed", "quarantined", ""):
                row = a_delivery(object_id=an_invoice(customer).pk, customer_id=customer.pk, state="quarantined")
                ReplayedDelivery.objects.create(replay=replay, delivery=row, state=state)
            a_replay(requested_by=admin)
        with CaptureQueriesContext(connection) as one:
            page_of(client, replay)
        with CaptureQueriesContext(connection) as many:
            question(client, "?state=quarantined")
        assert not any('"payload"' in query["sql"] for query in (*one, *many))
        counted.append((len(one), len(many)))

    assert counted[0] == counted[1]
    assert counted[0] <= (16, 12)


def test_a_replay_whose_rest_waits_for_a_later_try_says_until_when_and_asks_less_often(client, support):
    replay = a_replay(total=1, spread=True)
    waiting = a_delivery(state="waiting", next_try_at=timezone.now() + timedelta(seconds=40), processed_at=None)
    ReplayedDelivery.objects.create(replay=replay, delivery=waiting, state="")
    client.force_login(support)

    page = page_of(client, replay)

    assert "1 failed and is tried again" in page
    assert "eight times, over about 36 min in all" in page
    assert 'hx-trigger="every 10s"' in page


def test_the_question_says_how_many_of_another_mode_are_left_alone(client, admin):
    for livemode in (False, False, True):
        a_delivery(state="quarantined", livemode=livemode)
    client.force_login(admin)

    page = question(client, "?state=quarantined")

    assert "Process 2 events again?" in page
    assert "1 more matches too but is of another mode or account, and left alone" in page


def test_a_filter_that_does_not_read_is_named_even_where_nothing_else_is_asked_for(client, support):
    client.force_login(support)

    assert "State: zzz is not known here" in question(client, "?state=zzz")


def test_words_for_too_many_customers_are_refused_before_anybody_answers(client, admin, monkeypatch):
    monkeypatch.setattr("finances.reads.webhooks.MOST_CUSTOMERS", 1)
    for _ in range(2):
        a_delivery(customer_id=a_customer(name="Nordlicht", search_text="nordlicht").pk, state="quarantined")
    client.force_login(admin)

    page = question(client, "?q=nordlicht")

    assert "customers, and the others would be left out" in page
    assert "Process 1" not in page
    assert "the others would be left out" in ask(client, q="nordlicht").content.decode()
    assert "pd-bulk" not in client.get("/console/webhooks/?q=nordlicht").content.decode()
    assert not Replay.objects.exists()
