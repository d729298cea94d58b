from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils.translation import gettext_lazy

from dashboard import formatting
from dashboard.templatetags.markup import markup
from tests.dashboard.pseudo_locale import bracketed

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
        "{% copy x %}",
        "{% copy 'id' x %}",
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


def test_braces_in_what_is_copied_are_no_places():
    shown = rendered("{% copy x what %}", x="{0}{value}", what="{value} {}")

    assert 'data-copy="{0}{value}" title="Copy {value} {}" aria-label="Copy {value} {} {0}{value}"' in shown


def test_what_is_kept_of_words_is_kept_for_their_language_alone():
    source = "{% badge 'paid' %}{% copy 'in_1' %}{% when moment 'date' %}"
    english = rendered(source, moment=NOW)

    with bracketed():
        other = rendered(source, moment=NOW)

    assert "⟦Paid⟧" in other
    assert "⟦Copy ⟦id⟧⟧" in other
    assert "⟦23 ⟦Nov⟧⟧" in other
    assert rendered(source, moment=NOW) == english


@pytest.mark.parametrize("object_id", ["cus_1", "any_id", "cus_é", "a b&c", 'x"><b>', "{0}"])
def test_the_address_of_an_object_is_what_its_page_is_called(object_id):
    assert formatting.address_of("customer", object_id) == reverse("console:customer", args=[object_id])


def test_an_object_whose_id_is_in_no_address_has_none():
    with pytest.raises(NoReverseMatch):
        formatting.address_of("customer", "a/b")


def test_addresses_stand_below_where_the_console_is_served():
    try:
        set_script_prefix("/desk/")
        assert formatting.address_of("customer", "cus_1") == "/desk/console/customers/cus_1/"
    finally:
        set_script_prefix("/")
    assert formatting.address_of("customer", "cus_1") == "/console/customers/cus_1/"


def test_markup_escapes_all_but_markup():
    inner = markup("<b>{}</b>", "<&>")

    assert markup("{} {} {lazy} {number}", inner, "'\"", lazy=gettext_lazy("a < b"), number=1) == (
        "<b>&lt;&amp;&gt;</b> &#x27;&quot; a &lt; b 1"
    )
