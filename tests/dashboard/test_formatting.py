from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template

from dashboard import formatting

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


def rendered(source: str, **context) -> str:
    return Template("{% load paydesk %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (152796, "eur", "1,527.96"),
        (0, "usd", "0.00"),
        (-5000, "jpy", "−5,000"),
        (189750, "KWD", "189.750"),
        (1, "rsd", "0.01"),
        (Decimal("2449.5"), "eur", "24.50"),
        (10**17 + 1, "eur", "1,000,000,000,000,000.01"),
    ],
)
def test_amounts_have_the_currencys_own_decimals(minor, currency, written):
    assert formatting.digits(minor, currency) == written


def test_nothing_is_a_dash_and_zero_is_a_number():
    assert "–" in rendered("{% money none 'eur' %}", none=None)
    assert "0.00" in rendered("{% money 0 'eur' %}")


@pytest.mark.parametrize(
    ("ago", "written"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=8), "8 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=20), "20 days ago"),
        (timedelta(days=21), "2 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_times_are_distances_up_to_twenty_days(ago, written):
    assert formatting.relative(NOW - ago, NOW) == written


def test_what_stripe_says_is_escaped():
    hostile = '"><script>alert(1)</script>'

    for source in (
        "{% badge x %}",
        "{% badge 'open' x %}",
        "{% mark 'info' x %}",
        "{% object_id x 'id' 1 %}",
        "{% icon x %}",
    ):
        assert "<script>" not in rendered(source, x=hostile)


def test_links_to_stripe_stand_in_our_mode_and_only_for_plain_ids(settings):
    assert formatting.stripe_link("cus_1") == "https://dashboard.stripe.com/test/customers/cus_1"
    assert formatting.stripe_link("cus_1/../../x") == ""
    assert formatting.stripe_link("il_1") == ""

    settings.STRIPE_LIVE_MODE = True
    assert formatting.stripe_link("in_1") == "https://dashboard.stripe.com/invoices/in_1"


def test_an_object_without_a_page_here_has_no_link():
    assert formatting.console_link("cus_1") == "/console/customers/cus_1/"
    assert formatting.console_link("pi_1") == "/console/payments/pi_1/"
    assert formatting.console_link("ch_1") == "/console/payments/ch_1/"
    assert formatting.console_link("du_1") == "/console/disputes/du_1/"
    assert formatting.console_link("pm_1") == formatting.console_link("") == formatting.console_link("cus_/x") == ""
