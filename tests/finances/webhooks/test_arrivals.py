"""Each delivery of an event leaves an entry: when, from where, how signed, and headers that give nothing away."""

import json
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone

from finances.models import Delivery
from tests.finances.webhooks.conftest import event

pytestmark = pytest.mark.django_db


def arrivals() -> list[dict]:
    return Delivery.objects.get().arrivals


def test_each_arrival_is_noted_oldest_first(deliver):
    for name in ("first", "second", "third"):
        deliver(event(), **{"User-Agent": name})

    assert [each["headers"]["User-Agent"] for each in arrivals()] == ["first", "second", "third"]
    assert all(set(each) == {"at", "signed_with", "age", "from", "headers"} for each in arrivals())
    assert abs(datetime.fromisoformat(arrivals()[0]["at"]) - timezone.now()) < timedelta(minutes=1)
    assert (arrivals()[0]["signed_with"], arrivals()[0]["from"]) == ("current", "127.0.0.1")
    assert arrivals()[0]["age"] in (0, 1)


def test_fifty_are_kept_and_the_oldest_goes_first(deliver):
    for number in range(53):
        deliver(event(), **{"User-Agent": f"copy {number}"})

    assert Delivery.objects.get().attempts == 53
    assert [each["headers"]["User-Agent"] for each in arrivals()] == [f"copy {number}" for number in range(3, 53)]


def test_no_header_that_could_hold_a_secret_is_kept(client, admin, deliver):
    client.force_login(admin)
    canary = secrets.token_hex(8)
    harmful = ("Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization", "Referer", "X-Forwarded-For")

    deliver(event(), **dict.fromkeys(harmful, canary), **{"User-Agent": "Stripe/1.0"})

    (entry,) = arrivals()
    assert set(entry["headers"]) == {"User-Agent", "Content-Type", "Content-Length"}
    stored = json.dumps(list(Delivery.objects.values()), default=str)
    assert canary not in stored
    assert "v1=" not in stored
    assert client.session.session_key not in stored


@pytest.mark.parametrize("agent", ["bell\x07", "naïve", "tab\there", ""])
def test_a_header_that_is_not_plain_text_is_left_out(deliver, agent):
    assert deliver(event(), **{"User-Agent": agent}).status_code == 200

    assert "User-Agent" not in arrivals()[0]["headers"]


def test_a_long_header_is_cut(deliver):
    deliver(event(), **{"User-Agent": "x" * 5000})

    assert arrivals()[0]["headers"]["User-Agent"] == "x" * 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # anybody may claim anything
        ("10.0.0.7", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.7", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the rest is what the client said of itself
        ("10.0.0.7", "192.0.2.66, 198.51.100.1, 10.0.0.8", "198.51.100.1"),
        ("10.0.0.7", "10.0.0.8", "10.0.0.8"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", "<script>", "10.0.0.7"),
        ("10.0.0.7", "198.51.100.1, unknown", "10.0.0.7"),
        ("10.0.0.7", "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_a_proxy_is_believed_only_where_it_is_named(deliver, settings, peer, forwarded, address):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]

    deliver(event(), environment={"REMOTE_ADDR": peer}, **{"X-Forwarded-For": forwarded})

    assert arrivals()[0]["from"] == address
