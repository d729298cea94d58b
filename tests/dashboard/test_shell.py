"""What stands around every page: policy, cookies, crumbs, errors inside the shell, the viewer's zone."""

import re

import pytest
from django.utils import timezone

from dashboard.viewer_zone import viewer_zone
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db


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
