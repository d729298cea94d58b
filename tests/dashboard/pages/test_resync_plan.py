"""The plan before the start: what it reads and costs, in words, and what is wrong with a scope."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import ObjectState, ResyncPart, ResyncRun
from tests.dashboard.pages.resync_rows import a_run
from tests.factories import NOON, a_customer, a_subscription, an_invoice

pytestmark = pytest.mark.django_db

LOOKS_LIKE_A_KEY = "sk_" + "test_51NobodysKey"  # in two, or those who search repositories for keys would find it


@pytest.fixture(autouse=True)
def _signed_in(client, admin):
    client.force_login(admin)


def held(type_name: str, count: int, created_at: datetime = NOON) -> None:
    before = ObjectState.objects.count()
    ObjectState.objects.bulk_create(
        ObjectState(
            object_id=f"{type_name}_{before + number}",
            type=type_name,
            ticket=1,
            content_hash=b"",
            seen_at=NOON,
            created_at=created_at,
        )
        for number in range(count)
    )


def plan(client, query: str = "", **posted) -> str:
    answer = client.post("/console/resyncs/plan/", posted) if posted else client.get(f"/console/resyncs/plan/{query}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def problems(page: str) -> list[str]:
    return re.findall(r'<p class="pd-small pd-tone-negative"[^>]*>([^<]*)</p>', page)


def test_the_plan_of_a_type_says_how_much_it_is_what_it_costs_and_why_it_takes_so_long(client, settings):
    settings.CALLS_A_SECOND, settings.CALLS_A_SECOND_OF_ONE_ENDPOINT = 40, 20
    held("invoice", 250)

    page = text_of(plan(client, "?target=invoice"))

    assert "Resync of all invoices" in page
    assert "Objects 250 about, by what is here" in page
    assert "Calls to Stripe 3 about, and all of them only read" in page
    assert "20 a second so that the production application keeps its room" in page
    assert "Resync about 250 invoices" in page
    assert not ResyncRun.objects.exists()
    assert not ResyncPart.objects.exists()


def test_a_range_counts_only_what_was_created_in_it(client):
    held("invoice", 30, datetime(2026, 1, 15, tzinfo=UTC))
    held("invoice", 70, datetime(2026, 2, 15, tzinfo=UTC))

    page = text_of(plan(client, "?target=invoice&since=2026-01-01&until=2026-02-01"))

    assert "Resync of all invoices created in January 2026" in page
    assert "Resync about 30 invoices" in page


def test_the_plan_of_everything_lists_each_type_with_what_is_here(client):
    held("customer", 7)
    held("invoice", 5)

    page = plan(client, "?target=all")

    rows = dict(re.findall(r'class="pd-strong">([^<]+)</th>.*?<td class="pd-num">(?:<[^>]+>)?([^<]+)<', page))
    assert (rows["Customers"], rows["Invoices"], rows["Payouts"]) == ("7", "5", "–")
    assert list(rows).index("Customers") < list(rows).index("Invoices")


def test_where_nothing_is_here_no_number_is_invented(client):
    page = text_of(plan(client, "?target=all"))

    assert "not known before they are read" in page
    assert "at least, and all of them only read" in page
    assert "100,000 objects take about" in page


def test_a_customers_plan_names_what_hangs_on_them(client):
    customer = a_customer(name="Ada Lovelace")
    a_subscription(customer)
    for _ in range(3):
        an_invoice(customer)

    page = plan(client, f"?target={customer.pk}")

    assert "<bdi>Ada Lovelace</bdi>" in page
    rows = dict(re.findall(r'class="pd-strong">([^<]+)</th>.*?<td class="pd-num">(?:<[^>]+>)?([^<]+)<', page))
    assert (rows["The customer itself"], rows["Its subscriptions"], rows["Its invoices"]) == ("1", "1", "3")


def test_a_dialog_gets_its_three_facts_and_nothing_else(client):
    customer = a_customer()
    for _ in range(2):
        an_invoice(customer)

    answer = client.get(f"/console/resyncs/plan/?target={customer.pk}", headers={"hx_request": "true"})

    facts = re.findall(r"<li>(.*?)</li>", answer.content.decode())
    assert len(facts) == 3
    assert "2 invoices" in facts[0]
    assert re.search(r"about \d+ calls, \S+ s at the limit of \d+ calls a second", facts[1])
    assert facts[2].startswith("nothing is changed in Stripe")
    assert "<html" not in answer.content.decode()


def test_what_is_read_already_is_said_and_not_offered_again(client):
    standing = a_run(target="invoice", state="running")

    page = plan(client, "?target=invoice")

    assert "This is being read already." in page
    assert f"/console/resyncs/{standing.pk}/" in page
    assert 'aria-label="Start"' not in page


def test_a_part_of_everything_is_offered_but_said(client):
    a_run(target="all", state="paused")

    page = plan(client, "?target=invoice")

    assert "Everything is being read already," in page
    assert 'aria-label="Start"' in page


def test_the_start_asks_for_what_was_planned(client):
    one, other = a_customer(), a_customer()
    page = plan(client, target="ids", ids=f"{one.pk}\n{other.pk}", reason="Ticket 7")

    form = page[page.index('aria-label="Start"') :]
    given = dict(re.findall(r'type="hidden" name="(target|ids)" value="([^"]*)"', form[: form.index("</form>")]))
    given["reason"] = re.search(r'name="reason"[^>]* value="([^"]*)"', form)[1]
    client.post("/console/resyncs/", given)

    run = ResyncRun.objects.get()
    assert (run.scope["ids"], run.reason) == ([one.pk, other.pk], "Ticket 7")


def test_a_single_id_is_read_with_what_hangs_on_it_unless_it_is_wanted_alone(client):
    customer = a_customer(name="Ada Lovelace")
    an_invoice(customer)

    whole = plan(client, target="ids", ids=customer.pk)
    alone = plan(client, target="ids", ids=customer.pk, alone="on")

    assert "Its invoices" in whole
    assert "Its invoices" not in alone
    assert "<bdi>Ada Lovelace, without what hangs on it</bdi>" in alone
    for page, children in ((whole, True), (alone, False)):
        form = page[page.index('aria-label="Start"') :]
        given = dict(
            re.findall(r'type="hidden" name="(target|ids|alone)" value="([^"]*)"', form[: form.index("</form>")])
        )
        client.post("/console/resyncs/", given)
        run = ResyncRun.objects.get()
        assert (run.target, run.parts.count() > 1) == (customer.pk, children)
        run.delete()


def test_that_an_id_was_wanted_alone_stands_in_the_form_again(client):
    page = plan(client, target="ids", ids="nonsense", alone="on")

    assert re.search(r'<input type="checkbox" name="alone"[^>]* checked', page)
    assert not re.search(r'name="alone"[^>]* checked', plan(client, target="ids", ids="nonsense"))


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ({"target": "invoice", "since": "2026-13-01"}, "This is not a date such as 2026-01-31."),
        (
            {"target": "invoice", "since": "2026-02-01", "until": "2026-02-01"},
            "This day is not after the one before it.",
        ),
        ({"target": "ids", "ids": "  "}, "Paste an id, or several: one a line, or with spaces between."),
        ({"target": "drifted"}, "Nothing is known to differ from Stripe: compare first."),
        ({"target": "ids", "ids": "cus_1 nonsense in_2"}, "Not a Stripe id that Paydesk knows: nonsense."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(client, scope, sentence):
    page = plan(client, **scope, reason="Month’s end")

    assert problems(page) == [sentence]
    assert "Month’s end" in page
    for value in scope.values():
        assert value.strip() in page
    assert "aria-invalid" in page


def test_what_looks_like_a_key_is_not_shown_again(client):
    page = plan(client, target="ids", ids=f"cus_1\n{LOOKS_LIKE_A_KEY}\nin_2")

    assert LOOKS_LIKE_A_KEY not in page
    assert "looks like a key" in problems(page)[0]
    assert "cus_1" in page
    assert "in_2" in page


def test_an_id_with_spaces_in_it_is_one_id(client):
    assert "coupon:Spring 50 %" in plan(client, target="ids", ids="coupon:Spring 50 %")


def test_a_moment_that_is_a_day_in_utc_is_taken_too(client):
    page = plan(client, "?target=invoice&since=2026-01-01T00:00:00%2B00:00")

    assert "created since 1 January" in page


def test_a_plan_costs_a_bounded_number_of_queries(client):
    held("customer", 3)
    client.get("/console/resyncs/plan/?target=invoice")

    with CaptureQueriesContext(connection) as queries:
        client.get("/console/resyncs/plan/?target=invoice", headers={"hx_request": "true"})

    assert len(queries) <= 10
