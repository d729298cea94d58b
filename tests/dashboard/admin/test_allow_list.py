from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.admin import ALLOWED
from tests.factories import (
    NOON,
    a_balance_transaction,
    a_coupon,
    a_credit_note,
    a_customer,
    a_payout,
    a_promotion_code,
    a_tax_rate,
    a_user,
    an_invoice,
)

pytestmark = pytest.mark.django_db


def test_only_what_is_allowed_is_registered():
    assert {model._meta.label for model in admin.site._registry} == ALLOWED


@pytest.mark.parametrize(
    "path", ["djstripe/", "djstripe/invoice/", "djstripe/apikey/", "django_tasks_db/dbtaskresult/"]
)
def test_nothing_of_other_apps_is_reachable(client, path):
    client.force_login(User.objects.create_superuser("root@paydesk.test"))

    assert client.get(f"/console/{path}").status_code == 404


def test_an_admin_can_neither_make_a_superuser_nor_hand_out_single_permissions(client, admin):
    other = a_user("Support")
    client.force_login(admin)

    client.post(
        f"/console/auth/user/{other.pk}/change/",
        {
            "username": other.username,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "user_permissions": "1",
        },
    )

    other.refresh_from_db()
    assert not other.is_superuser
    assert not other.user_permissions.exists()


@pytest.mark.parametrize("page", ["change/", "password/"])
def test_an_admin_cannot_touch_a_superuser(client, admin, page):
    root = User.objects.create_superuser("root@paydesk.test", password="correct-horse")
    client.force_login(admin)

    answer = client.post(
        f"/console/auth/user/{root.pk}/{page}", {"password1": "battery-staple", "password2": "battery-staple"}
    )

    assert answer.status_code == 403
    root.refresh_from_db()
    assert root.check_password("correct-horse")


def test_nobody_deletes_a_user(client):
    client.force_login(User.objects.create_superuser("root@paydesk.test"))
    leaver = a_user("Support")

    assert client.post(f"/console/auth/user/{leaver.pk}/delete/", {"post": "yes"}).status_code == 403


def test_lists_and_pages_of_the_admin_open(client, admin):
    client.force_login(admin)

    for path in ("auth/user/", "auth/user/add/", "auth/group/"):
        assert client.get(f"/console/{path}").status_code == 200


@pytest.mark.parametrize("noun", ["balancetransaction", "creditnote", "payout", "promotioncode", "taxrate"])
def test_stripes_books_are_searched_looked_at_and_never_changed(client, support, noun):
    client.force_login(support)
    row = {
        "balancetransaction": a_balance_transaction,
        "creditnote": lambda: a_credit_note(an_invoice(a_customer())),
        "payout": a_payout,
        "promotioncode": lambda: a_promotion_code(a_coupon()),
        "taxrate": a_tax_rate,
    }[noun]()

    listed = client.get(f"/console/paydesk/{noun}/?q={row.pk}")
    assert row.pk in listed.content.decode()
    assert client.get(f"/console/paydesk/{noun}/{row.pk}/change/").status_code == 200
    assert client.post(f"/console/paydesk/{noun}/{row.pk}/change/", {"status": "paid"}).status_code == 403
    assert client.post(f"/console/paydesk/{noun}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_amounts_in_stripes_books_are_written_in_their_currency(client, support):
    client.force_login(support)
    a_balance_transaction(currency="jpy", amount=5000, fee=180, net=4820)

    page = client.get("/console/paydesk/balancetransaction/").content.decode()

    assert "5,000\N{NO-BREAK SPACE}JPY" in page
    assert "4,820\N{NO-BREAK SPACE}JPY" in page


def test_a_million_transactions_are_neither_counted_nor_looked_through(client, support, monkeypatch):
    monkeypatch.setattr("dashboard.admin.read_only.MOST_COUNTED", 60)
    monkeypatch.setattr("dashboard.admin.read_only.MOST_LOOKED_AT", 10)
    client.force_login(support)
    old = a_balance_transaction(type="adjustment", created_at=NOON - timedelta(days=9))
    for _ in range(70):
        a_balance_transaction()

    with CaptureQueriesContext(connection) as queries:
        listed = client.get("/console/paydesk/balancetransaction/")
    of_rows = [query["sql"] for query in queries if "paydesk_balancetransaction" in query["sql"]]
    narrowed = client.get("/console/paydesk/balancetransaction/?type=adjustment")

    assert all("LIMIT" in sql for sql in of_rows)
    assert len(of_rows) == 5  # the count, the page, the values of three filters
    assert (listed.context["cl"].result_count, listed.context["cl"].paginator.num_pages) == (60, 2)
    assert "type=adjustment" not in listed.content.decode()
    assert [row.pk for row in narrowed.context["cl"].result_list] == [old.pk]
    assert "type=adjustment" in narrowed.content.decode()
