"""Several objects of a list are read anew together: those that are ticked, or all that match."""

import pytest
from django.test import Client

from finances.models import Invoice, ResyncRun
from finances.resync import targets
from tests.factories import a_customer, an_invoice

pytestmark = pytest.mark.django_db
PLAN = "/console/resyncs/plan/"


@pytest.fixture
def admin(at_desk, admin) -> Client:
    return at_desk(admin)


@pytest.fixture
def support(at_desk, support) -> Client:
    return at_desk(support)


@pytest.fixture
def invoices() -> list[Invoice]:
    customer = a_customer(name="Nord")
    return [an_invoice(customer, status=status) for status in ("open", "open", "paid")]


def page(person, path: str) -> str:
    answer = person.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_may_resync_can_tick_rows_and_nobody_else(admin, support, invoices):
    box = f'form="chosen" name="ids" value="{invoices[0].id}"'

    assert box in page(admin, "/console/invoices/")
    assert "chosen" not in page(support, "/console/invoices/")


@pytest.mark.parametrize(
    "path", ["customers", "subscriptions", "payments", "refunds", "disputes", "credit-notes", "invoices"]
)
def test_no_list_has_a_box_without_a_row(admin, path):
    assert 'name="ids"' not in page(admin, f"/console/{path}/")


def test_the_ticked_ones_are_planned_together_and_nothing_begins(admin, invoices):
    chosen = [each.id for each in invoices[:2]]

    answer = admin.post(PLAN, {"target": "ids", "ids": chosen})

    assert answer.context["plan"].calls == 2
    assert dict(answer.context["form"].given())["ids"].split() == chosen
    assert not ResyncRun.objects.exists()


def test_all_that_match_are_planned_by_one_link(admin, invoices):
    listed = page(admin, "/console/invoices/?status=open")
    assert 'href="?status=open&amp;resync=these">Resync all 2 that match</a>' in listed

    answer = admin.get("/console/invoices/?status=open&resync=these")

    assert set(dict(answer.context["form"].given())["ids"].split()) == {each.id for each in invoices[:2]}
    assert not ResyncRun.objects.exists()


def test_it_is_offered_before_anything_is_ticked_and_on_the_whole_list_too(admin, invoices):
    listed = page(admin, "/console/invoices/")

    assert 'href="?resync=these">Resync all 3</a>' in listed
    assert "Choose all on this page" in listed
    assert listed.index("Resync all 3") < listed.index("<tbody>")


def test_support_is_refused(support, invoices):
    assert "resync=these" not in page(support, "/console/invoices/?status=open")
    assert support.get("/console/invoices/?status=open&resync=these").status_code == 403


def test_more_than_can_be_read_one_by_one_is_said(admin, invoices, monkeypatch):
    monkeypatch.setattr("dashboard.pages.list_page.MOST_IDS", 1)
    assert targets.MOST_IDS == 1000

    assert "resync=these" not in page(admin, "/console/invoices/?status=open")
    answer = admin.get("/console/invoices/?status=open&resync=these", follow=True)
    assert "More than 1 match: narrow the list, or resync all of the type." in answer.content.decode()


def test_where_something_was_left_out_nothing_is_planned(admin, invoices):
    answer = admin.get("/console/invoices/?status=opne&resync=these", follow=True)

    assert "Nothing is planned. Status: opne is not known here" in answer.content.decode()
    assert "plan" not in answer.context or not answer.context.get("plan")
