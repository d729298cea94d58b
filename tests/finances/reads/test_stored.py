from decimal import Decimal

import pytest

from finances.reads.stored import amount_at, at, decimal_at, id_at, list_at, stripe_address, text_at, time_at


@pytest.mark.parametrize("data", [None, [], "text", 7, {}, {"a": None}, {"a": []}, {"a": {"b": ["c"]}}])
def test_a_missing_or_foreign_shape_is_empty_and_never_an_error(data) -> None:
    assert (at(data, "a", "b", "c"), text_at(data, "a", "b", "c"), id_at(data, "a", "b", "c")) == (None, "", "")
    assert amount_at(data, "a", "b", "c") is decimal_at(data, "a", "b", "c") is time_at(data, "a", "b", "c") is None
    assert list_at(data, "a", "b", "c") == []


@pytest.mark.parametrize(
    ("value", "read"),
    [("0.5", Decimal("0.5")), (3300, Decimal(3300)), ("NaN", None), ("Infinity", None), ("many", None), (True, None)],
)
def test_a_decimal_is_text_or_a_whole_number_and_finite(value, read) -> None:
    assert decimal_at({"value": value}, "value") == read


def test_a_time_beyond_the_calendar_is_none() -> None:
    assert time_at({"value": 10**20}, "value") is None


@pytest.mark.parametrize("host", ["stripe.com", "invoice.stripe.com", "pay.stripe.com"])
def test_stripes_own_hosts_become_links(host: str) -> None:
    assert stripe_address(f"https://{host}/i/1?s=ap") == f"https://{host}/i/1?s=ap"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://invoice.stripe.com/i/1",
        "javascript:alert(1)//stripe.com",
        "https://stripe.com.evil.test/",
        "https://evilstripe.com/",
        "https://evil.test/stripe.com",
        "https://stripe.com@evil.test/",
        "https://user:pass@stripe.com/",
        "https://stripe.com:8443/",
        "https://evil.test\\.stripe.com/",
        "https://[::1/",
        "//stripe.com/",
        "https://stripe.com/\nx",
        "https://ѕtripe.com/",
    ],
)
def test_no_other_address_becomes_a_link(url: str) -> None:
    assert stripe_address(url) == ""
