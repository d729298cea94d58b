"""Conditions of a list that are kept under a name: private, or shared."""

import re

import pytest
from django.test import Client

from dashboard import saved_views
from dashboard.models import SavedView
from finances.models import AuditEntry
from tests.factories import NOON, a_customer, a_user, an_invoice

pytestmark = pytest.mark.django_db
VIEWS = "/console/views/"


def keep(client: Client, name: str = "Late", now: str = "?status=past_due", list: str = "invoices", **more: str):
    return client.post(VIEWS, {"list": list, "name": name, "now": now} | more, follow=True)


def names(client: Client, list: str = "invoices") -> list[str]:
    return [each.view.name for each in client.get(VIEWS, {"list": list}).context["views"]]


def test_a_view_opens_the_list_with_its_conditions(at_desk, finance):
    late = an_invoice(a_customer(), status="open", due_at=NOON)
    an_invoice(a_customer())
    desk = at_desk(finance)

    answer = keep(desk, now="?status=open&amount_from=5&after=abc&q=-x")

    assert answer.redirect_chain == [("/console/invoices/?status=open&amount_from=5&q=-x", 302)]
    assert [row.invoice for row in answer.context["shown"]] == [late]
    assert "“Late” is kept." in answer.content.decode()


def test_the_menu_marks_the_view_that_is_in_force(at_desk, finance):
    desk = at_desk(finance)
    keep(desk, "Late")
    keep(desk, "Paid", "?status=paid")

    views = desk.get(VIEWS, {"list": "invoices", "now": "?status=paid"}).context["views"]

    assert {each.view.name: each.current for each in views} == {"Late": False, "Paid": True}


@pytest.mark.parametrize(
    ("kept", "now", "marked"),
    [
        ("status=open&currency=eur", "?currency=eur&status=open", True),
        ("status=open&colour=red&sort=weight", "?status=open", True),
        ("q=nord+status:open", "?q=nord&status=open", True),
        ("status=open&sort=-created", "?status=open", True),
        ("status=open&sort=-total", "?status=open", False),
        ("status=open&sort=-total", "?status=open&sort=-total&after=abc", True),
        ("", "", True),
        ("", "?status=open", False),
    ],
)
def test_a_view_is_in_force_where_the_list_reads_the_same(at_desk, finance, kept, now, marked):
    SavedView.objects.create(list="invoices", name="View", conditions=kept, owner=finance, saved_at=NOON)

    (view,) = at_desk(finance).get(VIEWS, {"list": "invoices", "now": now}).context["views"]

    assert view.current is marked


def test_a_private_view_is_nobody_elses(at_desk, finance, support):
    keep(at_desk(finance))

    assert names(at_desk(support)) == []
    view = SavedView.objects.get()
    for action in ("rename", "remove"):
        answer = at_desk(support).post(f"{VIEWS}{view.pk}/", {"action": action, "name": "Mine"})
        assert answer.status_code == 404
    assert SavedView.objects.get().name == "Late"


def test_a_shared_view_is_opened_by_all_and_changed_by_its_owner_alone(at_desk, finance, support):
    keep(at_desk(finance), shared="yes")

    assert names(at_desk(support)) == ["Late"]
    view = SavedView.objects.get()
    for action in ("rename", "remove"):
        assert at_desk(support).post(f"{VIEWS}{view.pk}/", {"action": action, "name": "Mine"}).status_code == 404
    at_desk(finance).post(f"{VIEWS}{view.pk}/", {"action": "rename", "name": "Very late"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Very late", False)


def test_an_admin_removes_what_others_share_and_not_what_is_private(at_desk, finance, admin):
    desk = at_desk(finance)
    keep(desk, "Shared", shared="yes")
    keep(desk, "Private")
    shared, private = SavedView.objects.order_by("-shared")

    assert at_desk(admin).post(f"{VIEWS}{private.pk}/", {"action": "remove"}).status_code == 404
    assert at_desk(admin).post(f"{VIEWS}{shared.pk}/", {"action": "remove"}).status_code == 302
    assert list(SavedView.objects.all()) == [private]


def test_sharing_takes_a_right_that_support_lacks(at_desk, support):
    desk = at_desk(support)

    answer = keep(desk, "For all", shared="yes")

    assert "Sharing a view with everybody needs a right of its own. Ask an admin." in answer.content.decode()
    assert 'value="For all"' in answer.content.decode()  # nothing that was typed is lost
    assert not SavedView.objects.exists()
    assert keep(desk, "For me").status_code == 200
    assert names(desk) == ["For me"]


def test_a_view_takes_the_conditions_in_force_and_keeps_its_name_and_who_sees_it(at_desk, finance):
    desk = at_desk(finance)
    keep(desk, "Late", shared="yes")
    view = SavedView.objects.get()
    page = desk.get(VIEWS, {"list": "invoices", "now": "?status=paid"}).content.decode()
    assert f'<option value="{view.pk}">Late</option>' in page

    answer = keep(desk, name="", now="?status=paid", into=str(view.pk))

    assert "“Late” shows these conditions now." in answer.content.decode()
    assert answer.redirect_chain == [("/console/invoices/?status=paid", 302)]
    view.refresh_from_db()
    assert (view.name, view.conditions, view.shared) == ("Late", "status=paid", True)


@pytest.mark.parametrize("key", ["0", "-1", "9" * 30, "x", "²"])
def test_a_view_that_is_none_takes_nothing(at_desk, finance, key):
    assert keep(at_desk(finance), into=key).status_code == 404


def test_another_persons_view_takes_nothing(at_desk, finance, admin):
    keep(at_desk(finance), shared="yes")

    answer = keep(at_desk(admin), now="?status=paid", into=str(SavedView.objects.get().pk))

    assert answer.status_code == 404
    assert SavedView.objects.get().conditions == "status=past_due"


def test_a_name_that_is_taken_is_said_and_what_it_names_stays(at_desk, finance):
    desk = at_desk(finance)
    keep(desk, "Late")

    answer = keep(desk, " late ", "?status=paid", shared="yes")

    page = answer.content.decode()
    assert "You have a view of this list that is called “late” already." in page
    assert 'value=" late "' in page  # nothing that was typed is lost
    assert 'name="now" value="status=paid"' in page
    assert 'name="shared" value="yes" checked' in page
    assert list(SavedView.objects.values_list("name", "conditions")) == [("Late", "status=past_due")]


def test_anothers_name_and_another_lists_are_free(at_desk, finance, admin):
    keep(at_desk(admin), shared="yes")
    keep(at_desk(finance), list="payments")

    assert keep(at_desk(finance)).redirect_chain
    assert SavedView.objects.filter(name="Late").count() == 3


def test_two_views_do_not_get_one_name(at_desk, finance):
    desk = at_desk(finance)
    keep(desk, "Late")
    keep(desk, "Paid")
    view = SavedView.objects.get(name="Paid")

    answer = desk.post(f"{VIEWS}{view.pk}/", {"action": "rename", "name": "LATE", "now": "?q=nord"})

    page = answer.content.decode()
    assert "You have a view of this list that is called “LATE” already." in page
    assert page.count('value="LATE"') == 1  # nothing that was typed is lost
    assert 'name="now" value="q=nord"' in page
    assert sorted(names(desk)) == ["Late", "Paid"]


def test_who_may_no_longer_share_takes_back_and_removes_and_no_more(at_desk, support):
    view = SavedView.objects.create(list="invoices", name="Once", owner=support, shared=True, saved_at=NOON)
    desk, address = at_desk(support), f"{VIEWS}{view.pk}/"

    for answer in (
        desk.post(address, {"action": "rename", "name": "Other", "shared": "yes"}),
        keep(desk, into=str(view.pk)),
    ):
        assert "Sharing a view with everybody needs a right of its own." in answer.content.decode()
    desk.post(address, {"action": "rename", "name": "Mine"})

    view.refresh_from_db()
    assert (view.name, view.conditions, view.shared) == ("Mine", "", False)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "Give the view a name."),
        (" \u202e\x00\n\u200d ", "Give the view a name."),
        ("x" * 81, "The name has 81 characters; a view’s may have 80."),
    ],
)
def test_a_name_that_is_none_is_said(at_desk, finance, name, sentence):
    assert sentence in keep(at_desk(finance), name).content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("again", [False, True])
def test_a_name_that_is_too_long_is_refused_beside_it_and_stays_as_it_was_typed(at_desk, finance, again):
    desk, name, address = at_desk(finance), "Late, " + "x" * 75, VIEWS
    if again:
        keep(desk)
        address = f"{VIEWS}{SavedView.objects.get().pk}/"

    typed = {"list": "invoices", "name": name, "now": "?status=paid", "action": "rename", "shared": "yes"}
    page = desk.post(address, typed).content.decode()

    field = re.search(rf'<input [^>]*name="name" value="{name}"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in field
    assert "maxlength" not in field  # with one a browser cuts what is pasted, and says nothing
    problem = re.search('aria-describedby="([^"]*)"', field)[1]
    said = "The name has 81 characters; a view’s may have 80."
    assert f'id="{problem}" role="alert">{said}</p>' in page
    assert page.count(said) == 1
    assert 'name="now" value="status=paid"' in page
    assert page.count('name="shared" value="yes" checked') == 1


def test_a_name_is_one_line_of_what_can_be_seen_without_keys(at_desk, finance):
    keep(at_desk(finance), "Late\n \u202eof sk_" + "test_" + "a" * 24)

    (name,) = names(at_desk(finance))
    assert name.startswith("Late of ")
    assert "aaaa" not in name


def test_each_change_stands_in_the_trail_and_its_words_where_they_can_be_erased(at_desk, finance, admin):
    desk = at_desk(finance)
    keep(desk, "Nadia’s", "?q=nadia", shared="yes")
    view = SavedView.objects.get()
    desk.post(f"{VIEWS}{view.pk}/", {"action": "rename", "name": "Hers", "shared": "yes"})
    keep(desk, now="?q=nadia+k", into=str(view.pk))
    at_desk(admin).post(f"{VIEWS}{view.pk}/", {"action": "remove"})

    entries = AuditEntry.objects.filter(action__startswith="paydesk.saved_view").order_by("pk")
    verbs = [entry.action.rpartition(".")[2] for entry in entries]
    assert verbs == ["saved", "changed", "changed", "removed"]
    assert [entry.actor for entry in entries] == [finance, finance, finance, admin]
    assert {entry.target for entry in entries} == {f"view:{view.pk}"}
    assert all(entry.detail == {"where": "invoices", "shared": True} for entry in entries)
    assert entries[2].personal.body == {"view": "Hers", "conditions": "q=nadia+k"}


def test_what_is_refused_leaves_no_trail(at_desk, finance):
    keep(at_desk(finance), "")

    assert not AuditEntry.objects.filter(action__startswith="paydesk.saved_view").exists()


def test_hostile_names_and_conditions_stay_text(at_desk, finance):
    desk = at_desk(finance)
    keep(desk, '<script>alert("x")</script>', '?q="><script>&status=//evil.example')

    page = desk.get(VIEWS, {"list": "invoices"}).content.decode()

    assert "<script>alert" not in page
    assert 'href="/console/invoices/?' in page


def test_conditions_that_no_longer_read_still_open_and_say_so(at_desk, finance):
    SavedView.objects.create(list="invoices", name="Old", conditions="colour=red", owner=finance, saved_at=NOON)
    desk = at_desk(finance)

    address = desk.get(VIEWS, {"list": "invoices"}).context["views"][0].address

    assert "colour is not a filter here; it was left out." in desk.get(address).content.decode()


@pytest.mark.parametrize("list", ["", "nothing", "admin"])
def test_what_is_no_list_has_no_views(at_desk, finance, list):
    assert at_desk(finance).get(VIEWS, {"list": list}).status_code == 404
    assert keep(at_desk(finance), list=list).status_code == 404


def test_views_of_a_list_that_one_may_not_see_are_not_seen(at_desk, support):
    assert at_desk(support).get(VIEWS, {"list": "audit"}).status_code == 403


def test_nobody_keeps_views_without_end(at_desk, finance, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    desk = at_desk(finance)
    keep(desk, "One")

    assert "You have 1 views of this list. Remove one first." in keep(desk, "Two").content.decode()
    assert names(desk) == ["One"]


def test_views_go_with_the_account_of_their_owner(at_desk):
    person = a_user("Finance")
    keep(at_desk(person), shared="yes")

    person.delete()

    assert not SavedView.objects.exists()


@pytest.mark.parametrize("number", [1, 20])
def test_the_menu_asks_no_more_where_there_are_many(at_desk, finance, number, django_assert_num_queries):
    for each in range(number):
        SavedView.objects.create(list="invoices", name=f"View {each}", owner=finance, saved_at=NOON)
    desk = at_desk(finance)
    htmx = {"HX-Request": "true", "HX-Target": "views"}

    with django_assert_num_queries(5):
        desk.get(VIEWS, {"list": "invoices"}, headers=htmx)
