"""Compare with Stripe: asked for, refused, read while it runs and after, taken over; what differs over all of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import AuditEntry, ResyncFinding, ResyncRun
from tests.factories import a_customer, a_delivery, an_invoice, seen

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def a_comparison(**fields: Any) -> ResyncRun:
    now = timezone.now() - 5 * MINUTE
    row = {"kind": "compare", "target": "customer", "state": "complete", "created_at": now, "started_at": now}
    row |= {"finished_at": now, "done": 11, "changed": 1}
    return ResyncRun.objects.create(**row | fields)


def a_finding(run: ResyncRun, object_id: str, kind: str = "changed", **fields: Any) -> ResyncFinding:
    row = {"object_id": object_id, "object_type": "customer", "stands": kind != "failed", "found_at": run.created_at}
    row |= {"differences": [{"field": "name", "before": "Ada", "after": "<b>Ada King"}] if kind == "changed" else []}
    return ResyncFinding.objects.create(run=run, kind=kind, **row | fields)


def page_of(client, run: ResyncRun, query: str = "", **headers: str) -> str:
    return client.get(f"/console/reconcile/{run.pk}/{query}", headers=headers).content.decode()


def test_the_button_makes_a_comparison_leads_to_it_and_leaves_a_trace(client, admin):
    customer = a_customer()
    client.force_login(admin)

    answer = client.post("/console/reconcile/", {"target": customer.pk, "reason": "Ticket 48213"})

    run = ResyncRun.objects.get()
    assert answer.headers["Location"] == f"/console/reconcile/{run.pk}/"
    assert (run.kind, run.target, run.requested_by, run.reason) == ("compare", customer.pk, admin, "Ticket 48213")
    assert AuditEntry.objects.get(action="paydesk.comparison.requested").actor == admin


def test_the_nightly_sample_is_said_to_be_that_and_a_command_a_command(client, support):
    nightly = a_comparison(target="sample", reason="Nightly sample")
    by_hand = a_comparison(target="sample", reason="")
    client.force_login(support)

    rows = client.get("/console/reconcile/").content.decode().split("<tr>")

    for run, words in ((nightly, "the nightly sample"), (by_hand, "a command")):
        (row,) = (row for row in rows if f"/console/reconcile/{run.pk}/" in row)
        assert f'<span class="pd-mute">{words}</span>' in row
        assert f"<span>{words if run == nightly else 'by ' + words}</span>" in page_of(client, run)


@pytest.mark.parametrize("role", ["support", "finance"])
def test_others_may_read_comparisons_but_neither_begin_one_nor_take_over(client, request, role):
    run = a_comparison()
    finding = a_finding(run, a_customer().pk)
    client.force_login(request.getfixturevalue(role))

    assert client.post("/console/reconcile/", {"target": "customer"}).status_code == 403
    assert client.post("/console/reconcile/", {"take": "all"}).status_code == 403
    assert client.post(f"/console/reconcile/{run.pk}/", {"take": finding.pk}).status_code == 403
    assert "Take over" not in page_of(client, run).replace("taking over", "")
    assert ResyncRun.objects.count() == 1


def test_what_is_no_scope_is_said_and_not_repeated(client, admin):
    client.force_login(admin)

    answer = client.post("/console/reconcile/", {"target": "ids", "ids": "<script>alert(1)</script>"})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert not ResyncRun.objects.exists()


def test_asking_twice_leads_to_the_comparison_that_goes_on(client, admin):
    client.force_login(admin)
    client.post("/console/reconcile/", {"target": "customer"})

    answer = client.post("/console/reconcile/", {"target": "customer"}, follow=True)

    assert ResyncRun.objects.count() == 1
    assert "is being compared already" in answer.content.decode()


def test_a_comparison_and_a_resync_of_the_same_may_stand_side_by_side(client, admin):
    client.force_login(admin)

    client.post("/console/resyncs/", {"target": "customer"})
    client.post("/console/reconcile/", {"target": "customer"})

    assert set(ResyncRun.objects.values_list("kind", flat=True)) == {"resync", "compare"}


def test_both_sides_of_a_field_stand_there_escaped_with_why_it_matters(client, support):
    customer = a_customer(name="Ada Lovelace")
    run = a_comparison(target=customer.pk)
    a_finding(run, customer.pk)
    client.force_login(support)

    page = page_of(client, run)

    assert "<del>&quot;Ada&quot;</del>" in page
    assert "<ins>&quot;&lt;b&gt;Ada King&quot;</ins>" in page
    assert "<b>Ada King" not in page
    assert "Search by the name" in page
    assert "10 of 11 objects are the same" in page
    assert "1 field differs" in page


def test_nothing_different_is_said_with_the_number(client, support):
    client.force_login(support)

    page = page_of(client, a_comparison(changed=0))

    assert "All 11 objects are the same as in Stripe" in page
    assert "Differences</h2>" not in page


def test_a_comparison_that_could_not_read_everything_never_says_that_all_is_the_same(client, support):
    run = a_comparison(state="partial", changed=0, failed=1)
    a_finding(run, "txr_1", "failed", problem="The key may not read tax rates.", advice="Give it that right.")
    client.force_login(support)

    page = page_of(client, run)

    assert "are the same as in Stripe" not in page
    assert "The key may not read tax rates." in page
    assert "Give it that right." in page
    assert 'data-tone="positive">The same' not in page


def test_what_only_one_side_has_says_which(client, support):
    run = a_comparison(new=1, gone=1)
    a_finding(run, "pm_1", "new", object_type="payment_method", differences=[{"field": "card.last4", "after": "5100"}])
    a_finding(run, "cus_gone", "gone")
    client.force_login(support)

    page = page_of(client, run)

    assert "not here at all" in page
    assert "<ins>&quot;5100&quot;</ins>" in page
    assert "Stripe has it no more" in page


def test_a_failed_event_is_named_as_the_likely_cause(client, support):
    run = a_comparison()
    a_finding(run, "cus_1")
    event = a_delivery(
        object_id="cus_1",
        event_type="customer.updated",
        state="quarantined",
        created_at=run.created_at - MINUTE,
        processed_at=None,
    )
    client.force_login(support)

    page = page_of(client, run)

    assert "Likely cause" in page
    assert f'href="/console/webhooks/{event.pk}/"' in page


def test_without_a_known_cause_none_is_named(client, support):
    run = a_comparison()
    a_finding(run, "cus_1")
    client.force_login(support)

    assert "cause" not in page_of(client, run)


def test_it_asks_for_itself_each_second_until_it_has_ended(client, support):
    run = a_comparison(state="running", total=100, done=60, failed=4, finished_at=None)
    client.force_login(support)

    under_way = page_of(client, run, hx_request="true", hx_target="comparison")
    ResyncRun.objects.update(state="complete", finished_at=timezone.now())
    ended = page_of(client, run, hx_request="true", hx_target="comparison")

    assert 'hx-trigger="every 1s"' in under_way
    assert "nothing is written" in under_way
    assert "hx-trigger" not in ended
    assert "<html" not in under_way + ended


def test_what_could_not_be_compared_is_not_counted_as_compared(client, support):
    run = a_comparison(state="running", total=100, done=60, failed=4, finished_at=None)
    client.force_login(support)

    page = page_of(client, run)

    assert "60 of about 100 objects compared</b>" in page
    assert '<span class="pd-tone-negative">4 not compared</span>' in page


def test_one_object_is_taken_over_by_a_resync_that_looks_at_the_rows(client, admin):
    run = a_comparison()
    one, _ = a_finding(run, "cus_1"), a_finding(run, "cus_2")
    client.force_login(admin)

    answer = client.post(f"/console/reconcile/{run.pk}/", {"take": one.pk})

    repair = ResyncRun.objects.get(kind="resync")
    assert answer.headers["Location"] == f"/console/reconcile/{run.pk}/?repair={repair.pk}"
    assert repair.target == "cus_1"
    assert [part.step.get("ids") or [part.step.get("id")] for part in repair.parts.all()] == [["cus_1"]]
    assert repair.scope["repair"]
    assert str(run.pk) in repair.reason


def test_the_chosen_ones_and_no_others_are_taken_over(client, admin):
    run = a_comparison()
    findings = [a_finding(run, f"cus_{number}") for number in range(3)]
    elsewhere = a_finding(a_comparison(target="all"), "cus_elsewhere")
    client.force_login(admin)

    client.post(
        f"/console/reconcile/{run.pk}/",
        {"take": "chosen", "object": [findings[0].pk, findings[2].pk, elsewhere.pk, "x", "9" * 40]},
    )

    repair = ResyncRun.objects.get(kind="resync")
    assert sorted(repair.scope["ids"]) == ["cus_0", "cus_2"]


def test_all_of_them_but_those_that_were_read_since(client, admin):
    run = a_comparison()
    for number in range(3):
        a_finding(run, f"cus_{number}")
    seen("cus_1", timezone.now())
    client.force_login(admin)

    client.post(f"/console/reconcile/{run.pk}/", {"take": "all"})

    assert sorted(ResyncRun.objects.get(kind="resync").scope["ids"]) == ["cus_0", "cus_2"]


@pytest.mark.parametrize("fields", [{"take": "chosen"}, {"take": "77"}, {"take": "x"}, {}])
def test_nothing_chosen_takes_nothing_over_and_says_so(client, admin, fields):
    run = a_comparison()
    a_finding(run, "cus_1")
    client.force_login(admin)

    answer = client.post(f"/console/reconcile/{run.pk}/", fields, follow=True)

    assert "Nothing was done" in answer.content.decode()
    assert not ResyncRun.objects.filter(kind="resync").exists()


@pytest.mark.parametrize("with_others", [False, True])
def test_what_stripe_gives_only_with_its_customer_is_not_said_to_be_taken_over(client, admin, with_others):
    run = a_comparison()
    a_finding(run, "cbtxn_1", object_type="customer_balance_transaction")
    if with_others:
        a_finding(run, "cus_1")
    client.force_login(admin)

    answer = client.post(f"/console/reconcile/{run.pk}/", {"take": "all"}, follow=True).content.decode()

    assert "it was not taken over, a resync of the customer reads it" in answer
    assert "Nothing was done" not in answer
    assert ResyncRun.objects.filter(kind="resync").count() == with_others


def test_what_was_taken_over_says_when_and_offers_nothing_more(client, admin):
    run = a_comparison()
    a_finding(run, "cus_1")
    seen("cus_1", timezone.now())
    repair = ResyncRun.objects.create(target="cus_1", state="complete", done=1, created_at=timezone.now())
    client.force_login(admin)

    page = page_of(client, run, f"?repair={repair.pk}")

    assert 'data-tone="positive">Taken over</span>' in page
    assert "Take over 1 field" not in page
    assert f'href="/console/resyncs/{repair.pk}/"' in page


@pytest.mark.parametrize("repair", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_resync_that_is_none_is_left_out(client, support, repair):
    client.force_login(support)

    assert client.get(f"/console/reconcile/{a_comparison().pk}/?repair={repair}").status_code == 200


def test_while_it_is_taken_over_the_page_asks_for_itself(client, support):
    repair = ResyncRun.objects.create(target="cus_1", state="running", created_at=timezone.now())
    client.force_login(support)

    page = page_of(client, a_comparison(), f"?repair={repair.pk}", hx_request="true", hx_target="comparison")

    assert f'repair={repair.pk}" hx-trigger="every 1s"' in page


def test_the_list_says_what_differs_now_over_all_of_them(client, admin):
    run = a_comparison()
    customer = a_customer(name="Ada Lovelace")
    a_finding(run, customer.pk)
    a_finding(run, "cus_read_since")
    seen("cus_read_since", timezone.now())
    client.force_login(admin)

    page = client.get("/console/reconcile/").content.decode()

    assert "1 object differs" in page
    assert "Ada Lovelace" in page
    assert "cus_read_since" not in page


def test_all_of_it_is_taken_over_from_there(client, admin):
    run = a_comparison()
    a_finding(run, "cus_1")
    client.force_login(admin)

    answer = client.post("/console/reconcile/", {"take": "all"})

    repair = ResyncRun.objects.get(kind="resync")
    assert (repair.target, answer.headers["Location"]) == ("drifted", f"/console/resyncs/{repair.pk}/")


def test_comparisons_are_not_among_the_resyncs_nor_the_other_way_round(client, support):
    compared = a_comparison(reason="only to look")
    ResyncRun.objects.create(target="customer", reason="to write", created_at=timezone.now())
    client.force_login(support)

    reconcile, resyncs = (client.get(f"/console/{page}/").content.decode() for page in ("reconcile", "resyncs"))

    assert ("only to look" in reconcile, "to write" in reconcile) == (True, False)
    assert ("only to look" in resyncs, "to write" in resyncs) == (False, True)
    assert client.get(f"/console/resyncs/{compared.pk}/").status_code == 302


def test_what_was_found_comes_as_a_file_and_that_it_was_taken_is_kept(client, support):
    run = a_comparison()
    a_finding(run, "cus_1")
    client.force_login(support)

    answer = client.get(f"/console/reconcile/{run.pk}/?export=csv")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert "Stored here" in lines[0]
    assert "cus_1" in lines[1]
    assert AuditEntry.objects.get(action="paydesk.export.made").actor == support


def test_a_resync_is_no_comparison(client, support):
    run = ResyncRun.objects.create(target="customer", created_at=timezone.now())
    client.force_login(support)

    assert client.get(f"/console/reconcile/{run.pk}/").status_code == 404


def test_pages_of_objects_have_the_button_for_those_who_may(client, admin, support):
    invoice = an_invoice(a_customer())
    pages = (f"/console/customers/{invoice.customer_id}/", f"/console/invoices/{invoice.pk}/")

    for person, there in ((admin, True), (support, False)):
        client.force_login(person)
        for page in pages:
            assert ("Compare with Stripe</button>" in client.get(page).content.decode()) == there


def test_queries_do_not_grow_with_findings_or_comparisons(client, support):
    client.force_login(support)
    run = a_comparison()
    counted = []
    for size in (2, 40):
        for _ in range(size):
            invoice = an_invoice(a_customer())
            for kind in ("changed", "failed"):
                a_finding(run, invoice.pk, kind, object_type="invoice")
            a_delivery(object_id=invoice.pk)
            a_comparison(target=invoice.pk, requested_by=support)
        with CaptureQueriesContext(connection) as one:
            page_of(client, run)
        with CaptureQueriesContext(connection) as many:
            client.get("/console/reconcile/")
        counted.append((len(one), len(many)))

    assert counted[0] == counted[1]
    assert counted[0] <= (22, 13)
