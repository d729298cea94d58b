"""Faults on demand: what a network and a busy Stripe do now and then."""

from __future__ import annotations

import http.client

import pytest

from .conftest import Caller


def test_a_429_says_when_to_come_back(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"429": 1, "retry_after": 3})

    limited = own.get("/v1/customers")

    assert (limited.status, limited.headers["Retry-After"]) == (429, "3")
    assert (limited.error["code"], limited.error["type"]) == ("rate_limit", "invalid_request_error")


def test_a_lock_timeout_is_a_429_too(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"lock_timeout": 1})

    assert (own.get("/v1/customers").status, own.get("/v1/customers").error["code"]) == (429, "lock_timeout")


def test_a_500_is_an_api_error(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"500": 1})

    assert (own.get("/v1/customers").status, own.get("/v1/customers").error["type"]) == (500, "api_error")


def test_a_reset_breaks_the_connection(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"reset": 1})

    with pytest.raises(ConnectionResetError):
        own.get("/v1/customers")


def test_a_cut_answer_is_shorter_than_it_says(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"cut": 1})

    with pytest.raises(http.client.IncompleteRead):
        own.get("/v1/customers")


def test_a_timeout_outlasts_the_callers_patience(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"timeout": 1})

    with pytest.raises(TimeoutError):
        own.call("GET", "/v1/customers", timeout=0.2)


def test_faults_keep_to_their_paths_and_end(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"500": 1, "paths": "/v1/invoices"})

    assert own.get("/v1/customers").status == 200
    assert own.get("/v1/invoices").status == 500
    own.call("POST", "/_sandbox/faults", {})
    assert own.get("/v1/invoices").status == 200


def test_a_rate_is_about_kept_and_repeats_itself(own: Caller) -> None:
    def statuses() -> list[int]:
        own.call("POST", "/_sandbox/faults", {"500": 0.3, "429": 0.2})
        return [own.get("/v1/products?limit=1").status for _ in range(100)]

    first = statuses()

    assert statuses() == first
    assert 15 <= first.count(500) <= 45
    assert 8 <= first.count(429) <= 35
