"""What stands around every page: policy, cookies, crumbs, errors inside the shell, the viewer's zone."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.formatting import exact
from dashboard.viewer_times import viewer_zone
from tests.factories import NOON, a_customer, a_delivery, a_payout, a_user

pytestmark = pytest.mark.django_db


@pytest.mark.guarantee("D3")
@pytest.mark.parametrize(
    "path", ["/console/login/", "/console/", "/console/nowhere/", "/console/auth/user/", "/healthz"]
)
def test_each_answer_carries_the_content_security_policy(client, admin, path):
    client.force_login(admin)

    policy = client.get(path).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy


def test_cookies_are_kept_from_scripts_and_other_sites(client, admin, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get("/console/login/")
    client.post("/console/login/", {"username": admin.username, "password": "correct-horse"})

    assert {"sessionid", "csrftoken"} <= set(client.cookies)
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["secure"]
        assert client.cookies[name]["samesite"] == "Lax"


@pytest.mark.parametrize(
    "path", ["/console/", "/console/webhooks/", "/console/resyncs/", "/console/go/?q=x", "/console/nowhere/"]
)
def test_no_page_has_inline_scripts_handlers_or_remote_assets_of_ours(client, admin, path):
    client.force_login(admin)
    page = client.get(path).content.decode()
    ours = page[page.index('<header class="pd-top">') : page.index("</main>")]

    assert not re.search(r"<script(?![^>]*(src=|application/json))|\son\w+=|\sstyle=", ours)
    assert not re.search(r'(src|href)="(https?:)?//(?!dashboard\.stripe\.com)', page)


def test_an_unknown_address_says_so_inside_the_shell_with_the_search_at_hand(client, support):
    client.force_login(support)

    answer = client.get("/console/webhooks/evt_unknown/")

    assert answer.status_code == 404
    assert 'id="pd-find"' in answer.content.decode()


def test_an_unknown_address_outside_the_console_shows_no_shell_to_strangers(client):
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "nav-sidebar" not in answer.content.decode()


def test_the_sidebar_shows_only_what_the_role_may_open(client, support):
    client.force_login(support)

    page = client.get("/console/").content.decode()

    assert "Webhooks" in page
    assert "Audit trail" not in page
    assert "Users" not in page


def test_the_badge_says_which_mode_this_is(client, support, settings):
    client.force_login(support)
    assert "Test mode" in client.get("/console/").content.decode()

    settings.STRIPE_LIVE_MODE = True
    assert "Live mode" in client.get("/console/").content.decode()


def test_times_are_shown_in_the_zone_that_the_browser_names(client, support):
    delivery = a_delivery(created_at=NOON)
    client.force_login(support)
    client.cookies["paydesk_zone"] = "Asia/Tokyo"

    page = client.get(f"/console/webhooks/{delivery.pk}/").content.decode()

    assert "20 Nov 2026, 21:00:00 JST" in page
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../../etc/passwd", "/etc/passwd", "Europe", "\x00", "x" * 5000])
def test_a_zone_that_is_none_leaves_the_accounts(client, support, name):
    assert viewer_zone(name) is None
    client.force_login(support)
    client.cookies["paydesk_zone"] = name.replace("\x00", "")

    assert client.get("/console/").status_code == 200


def times_of(client, **posted):
    return client.post("/console/times/", {"next": "/console/webhooks/?state=processed", **posted})


def test_times_are_exact_once_the_viewer_says_so_and_distances_again(client, support):
    client.force_login(support)
    delivery = a_delivery(received_at=timezone.now() - timedelta(minutes=5))
    assert ">5 min ago</time>" in client.get("/console/webhooks/").content.decode()

    answer = times_of(client, times="exact")

    assert answer.headers["Location"] == "/console/webhooks/?state=processed"
    cookie = client.cookies["paydesk_times"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("exact", True, "Lax")
    page = client.get("/console/webhooks/").content.decode()
    assert f">{exact(delivery.received_at)}</time>" in page
    assert " ago</time>" not in page
    assert 'title="5 min ago"' in page
    assert "Times in UTC" in page
    assert "Show times as distances" in page

    times_of(client, times="relative")

    assert "Show exact times" in client.get("/console/webhooks/").content.decode()


def test_the_admins_lists_and_the_next_request_of_another_person_are_not_mixed_up(client, support, at_another_browser):
    client.force_login(support)
    a_payout(created_at=NOON)
    times_of(client, times="exact")

    assert exact(NOON) in client.get("/console/paydesk/payout/").content.decode()
    assert exact(NOON) not in at_another_browser.get("/console/paydesk/payout/").content.decode()


@pytest.fixture
def at_another_browser(support):
    browser = Client()
    browser.force_login(support)
    return browser


@pytest.mark.guarantee("D7")
@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_switch_leads_nowhere_else(client, support, next):
    client.force_login(support)

    assert times_of(client, times="exact", next=next).headers["Location"] == "/console/"


@pytest.mark.guarantee("D7")
@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_log_in_leads_into_the_console_alone(client, next):
    person = a_user("Support", password="a long enough one")

    answer = client.post(
        "/console/login/", {"username": person.username, "password": "a long enough one", "next": next}
    )

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/console/")


@pytest.mark.guarantee("D7")
def test_a_host_that_is_not_ours_is_refused(client, support):
    client.force_login(support)

    assert client.get("/console/", headers={"host": "evil.example"}).status_code == 400


def test_who_may_not_read_anew_is_not_promised_it(client, support, admin):
    customer = a_customer()
    promise = "When you come back, this page reads itself anew."

    client.force_login(support)
    assert promise not in client.get(f"/console/customers/{customer.id}/").content.decode()

    client.force_login(admin)
    assert promise in client.get(f"/console/customers/{customer.id}/").content.decode()
