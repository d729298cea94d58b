"""Faults on demand: what a network and a busy Stripe do now and then."""

from __future__ import annotations

import http.client

import pytest

from tests.finances.sandbox.conftest import Caller


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


def test_a_slow_answer_is_late_and_right(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"slow": 1, "delay": 0.3})

    with pytest.raises(TimeoutError):
        own.call("GET", "/v1/products", timeout=0.1)
    assert own.get("/v1/products").json["data"]


def test_a_hung_call_is_answered_by_nobody(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"hung": 1})

    with pytest.raises(TimeoutError):
        own.call("GET", "/v1/customers", timeout=0.2)


@pytest.mark.parametrize("status", [200, 502])
def test_the_edge_answers_in_html(own: Caller, status: int) -> None:
    own.call("POST", "/_sandbox/faults", {"html": 1, "html_status": status})

    page = own.get("/v1/customers")

    assert (page.status, page.headers["Content-Type"]) == (status, "text/html")
    assert page.body.startswith(b"<html>")


def test_a_page_says_that_there_is_more_and_is_empty(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"empty_more": 1})

    page = own.get("/v1/customers").json

    assert (page["data"], page["has_more"], page["url"]) == ([], True, "/v1/customers")


def test_a_page_drops_one_or_repeats_one(own: Caller) -> None:
    true = [each["id"] for each in own.get("/v1/customers?limit=8").json["data"]]

    own.call("POST", "/_sandbox/faults", {"drop_one": 1})
    fewer = [each["id"] for each in own.get("/v1/customers?limit=8").json["data"]]
    own.call("POST", "/_sandbox/faults", {"repeat_one": 1})
    more = [each["id"] for each in own.get("/v1/customers?limit=8").json["data"]]

    assert (len(fewer), len(more)) == (7, 9)
    assert set(fewer) < set(true)
    assert [each for place, each in enumerate(more) if more.index(each) == place] == true


def test_a_bent_page_leaves_a_single_object_as_it_is(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")

    own.call("POST", "/_sandbox/faults", {"drop_one": 1})

    assert own.get(f"/v1/customers/{ada['id']}").json == ada


def test_a_key_is_revoked_half_way(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"revoke_after": 2})

    statuses = [own.get("/v1/customers").status for _ in range(4)]

    assert statuses == [200, 200, 401, 401]
    assert own.get("/v1/customers").error["code"] == "api_key_expired"
    own.call("POST", "/_sandbox/faults", {})
    assert own.get("/v1/customers").status == 200


def test_a_rate_limit_answers_what_is_too_fast_with_429(own: Caller) -> None:
    own.call("POST", "/_sandbox/faults", {"rate_limit": 0.1})

    first, second = own.get("/v1/customers"), own.get("/v1/customers")

    assert (first.status, second.status) == (200, 429)
    assert second.error["code"] == "rate_limit"
    assert (second.headers["Retry-After"], second.headers["Stripe-Rate-Limited-Reason"]) == ("1", "global-rate")
    own.call("POST", "/_sandbox/faults", {"rate_limit": 10_000})
    assert {own.get("/v1/products?limit=1").status for _ in range(30)} == {200}


def test_several_rules_each_keep_to_their_paths(own: Caller) -> None:
    rules = [{"500": 1, "paths": "/v1/invoices"}, {"html": 1, "paths": "/v1/charges"}]

    own.call("POST", "/_sandbox/faults", {"rules": rules})

    statuses = [own.get(f"/v1/{name}").status for name in ("invoices", "charges", "customers")]
    assert statuses == [500, 502, 200]


@pytest.mark.parametrize("fault", [{}, {"429": 1}, {"500": 1}, {"revoke_after": 0}, {"drop_one": 1}])
def test_every_answer_names_its_request(own: Caller, fault: object) -> None:
    own.call("POST", "/_sandbox/faults", fault)

    named = [own.get("/v1/customers"), own.get("/v1/nothing"), own.get("/v1/customers/cus_x")]

    for answer in named:
        request = answer.headers["Request-Id"]
        assert request.startswith("req_")
        if answer.status >= 400:
            assert answer.error["request_log_url"].endswith(request)
    assert len({answer.headers["Request-Id"] for answer in named}) == 3
