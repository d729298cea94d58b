"""An object that comes in a list without an id is left out with its reason; the others of the list are read."""

import json

import pytest
import stripe as stripe_python

from finances.gateway import Gateway
from finances.models import Customer, ListedMonth
from finances.resync import control
from finances.resync import run as running
from finances.resync.request import request_resync
from finances.stripe_problems import StripeFailed
from tests.finances.resync.resyncing import NOW, compare, ended, resync
from tests.finances.resync.test_run import pages_of

pytestmark = pytest.mark.django_db

SIZE = 4
SENTENCE = "Its id is none that can be kept: it is not text of 1 to 255 plain characters."


@pytest.fixture
def lose(monkeypatch):
    """Stripe's lists give an object by this id with another one, or with none; `lose()` ends it."""
    lost: dict = {}
    request = stripe_python.RequestsClient.request

    def bent(self, method, url, *of, **options):
        body, status, headers = request(self, method, url, *of, **options)
        if lost and status == 200:
            answer = json.loads(body)
            for it in answer["data"] if answer.get("object") == "list" else ():
                if it["id"] in lost:
                    it["id"] = lost[it["id"]]
            body = json.dumps(answer).encode()
        return body, status, headers

    def lose(*ids: str, to=None) -> None:
        lost.clear()
        lost.update(dict.fromkeys(ids, to))

    monkeypatch.setattr(stripe_python.RequestsClient, "request", bent)
    return lose


def everyone(stripe) -> list[str]:
    """In the order of Stripe's list."""
    return [it["id"] for it in stripe.all("/v1/customers")]


def here() -> set[str]:
    return set(Customer.objects.values_list("id", flat=True))


@pytest.mark.parametrize("no_id", [None, "", 7, [], {"id": "cus_1"}])
@pytest.mark.parametrize("place", [1, SIZE - 1], ids=["in the midst of a page", "the last of a page"])
def test_the_others_of_its_page_and_the_pages_after_it_are_written(stripe, monkeypatch, lose, place, no_id):
    asked = pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    lose(ids[place], to=no_id)

    run = resync("customer")

    failure = run.findings.get(kind="failed")
    assert here() == set(ids) - {ids[place]}
    assert (run.state, run.failed) == ("partial", 1)
    assert (failure.object_type, failure.object_id, failure.problem) == ("customer", "customer without an id", SENTENCE)
    assert asked[1] == ids[SIZE - 1 if place != SIZE - 1 else SIZE - 2]


def test_one_that_is_here_is_read_by_its_own_id_and_stays(stripe, lose):
    ids = everyone(stripe)
    resync("customer")
    lose(ids[2])

    run = resync("customer")

    assert here() == set(ids)
    assert (run.gone, run.failed) == (0, 1)
    assert not Customer.objects.exclude(deleted_at=None).exists()


def test_a_comparison_says_it_too_and_compares_the_others(stripe, lose):
    ids = everyone(stripe)
    resync("customer")
    lose(ids[2], ids[5])

    run = compare("customer")

    assert (run.state, run.changed, run.failed) == ("partial", 0, 1)
    assert run.findings.get().problem == SENTENCE


def test_its_month_does_not_count_as_complete(stripe, lose):
    listed = {it["id"]: it for it in stripe.all("/v1/customers")}
    resync("customer")
    lose(min(listed, key=lambda each: listed[each]["created"]))

    resync("customer")

    months = ListedMonth.objects.filter(type="customer")
    assert sum(row.listed for row in months) - sum(row.held for row in months) == 1


def test_to_try_it_again_reads_the_list_again(stripe, lose, admin):
    ids = everyone(stripe)
    lose(ids[2])
    run = ended(request_resync("customer", now=NOW).run)
    lose()

    run = ended(control.retry_failed(run.pk, now=NOW, by=admin))

    assert (run.state, run.failed) == ("complete", 0)
    assert here() == set(ids)


def test_a_page_of_nothing_else_that_says_there_is_more_is_no_answer(stripe, monkeypatch, lose, no_pauses):
    pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    lose(*ids[:SIZE])

    with pytest.raises(StripeFailed):
        Gateway().page("customer")

    run = request_resync("customer", now=NOW).run
    running.work_on(running.claim_next(NOW), lambda: NOW)
    assert not Customer.objects.exists()
    assert run.findings.count() == 0


def test_an_invoice_of_which_a_line_has_no_id_is_not_taken_for_one_without_it(stripe, lose, no_pauses):
    invoice = stripe.all("/v1/invoices")[0]
    lose(invoice["lines"]["data"][0]["id"])

    with pytest.raises(StripeFailed):
        Gateway().part("invoice", invoice["id"], "lines")
