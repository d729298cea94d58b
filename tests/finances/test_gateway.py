"""Stripe's answers, raw; its refusals, in our words and without the key."""

import json
import os
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from finances.gateway import Gateway
from finances.models import RateBudget
from finances.rate_budget import Priority, turns
from finances.stripe_problems import (
    CallRefused,
    KeyRefused,
    NoSuchObject,
    RateLimited,
    Stopped,
    StripeFailed,
    StripeProblem,
    StripeUnreachable,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def test_an_object_comes_as_stripe_sent_it(stripe, gateway):
    customer_id = stripe.all("/v1/customers")[0]["id"]

    assert gateway.retrieve("customer", customer_id) == stripe.get(f"/v1/customers/{customer_id}")
    assert gateway.calls == 1


def test_an_invoice_comes_with_its_payments(stripe, gateway):
    invoice_id = stripe.all("/v1/invoices")[0]["id"]

    assert gateway.retrieve("invoice", invoice_id)["payments"]["object"] == "list"


def test_pages_give_each_object_once(stripe, gateway):
    ids, after = [], ""
    while True:
        page = gateway.page("invoice", after=after, limit=7)
        ids += [it["id"] for it in page.objects]
        if not page.has_more:
            break
        after = ids[-1]

    assert ids == [it["id"] for it in stripe.all("/v1/invoices")]


def test_an_unknown_id_is_stripes_own_word(stripe, gateway):
    with pytest.raises(NoSuchObject, match="Stripe has no such customer"):
        gateway.retrieve("customer", "cus_nobody")


def test_a_refused_key_is_named_by_its_variable_and_never_shown(stripe, gateway, monkeypatch):
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", "sk_test_" + "-" * 30)

    with pytest.raises(KeyRefused) as refused:
        gateway.account()

    text = repr(refused.value) + refused.value.sentence + refused.value.advice
    assert "STRIPE_TEST_SECRET_KEY" in text
    assert "sk_test" not in text
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_call_that_stripe_does_not_understand_is_refused_at_once(stripe, gateway):
    with pytest.raises(CallRefused, match=r"HTTP 400 \(parameter_unknown\)"):
        gateway.page("customer", colour="blue")

    assert gateway.calls == 1


@pytest.mark.guarantee("B1")
def test_a_rate_limit_is_waited_out_as_long_as_stripe_asks(stripe):
    gateway = Gateway(tries=3)
    stripe.faults(**{"429": 1.0, "retry_after": 1})
    started = time.monotonic()

    with pytest.raises(RateLimited):
        gateway.account()

    assert time.monotonic() - started >= 2
    assert (gateway.calls, gateway.slowed) == (3, 3)
    assert 2 <= gateway.waited < time.monotonic() - started


@pytest.mark.guarantee("B1")
@pytest.mark.parametrize("priority", Priority)
def test_what_stripe_asked_one_worker_to_wait_all_of_them_wait(stripe, gateway, priority):
    stripe.faults(**{"429": 1.0, "retry_after": 1})
    with pytest.raises(RateLimited):
        Gateway(tries=1).account()
    stripe.faults()
    turns.begin_anew()  # another process
    other, started = Gateway(priority=priority), time.monotonic()

    other.page("customer")

    assert time.monotonic() - started >= 0.9
    assert (other.calls, other.slowed) == (1, 0)


def test_a_limit_of_one_endpoint_keeps_only_that_one_waiting(odd_stripe):
    odd_stripe(
        429,
        b'{"error": {"code": "rate_limit"}}',
        headers={"Retry-After": "30", "Stripe-Rate-Limited-Reason": "endpoint-rate"},
    )

    for call in (lambda it: it.page("customer"), lambda it: it.part("invoice", "in_1", "lines")):
        with pytest.raises(RateLimited):
            call(Gateway(tries=1))

    assert set(RateBudget.objects.exclude(paused_until=None).values_list("pk", flat=True)) == {
        "/v1/customers",
        "/v1/invoices",
    }


def test_an_object_that_is_locked_at_stripe_keeps_nobody_else_waiting(odd_stripe):
    odd_stripe(429, b'{"error": {"code": "lock_timeout"}}', headers={"Retry-After": "30"})

    with pytest.raises(RateLimited):
        Gateway(tries=1).account()

    assert not RateBudget.objects.exclude(paused_until=None).exists()


def test_whoever_waits_gives_a_sign_of_life_and_may_be_stopped(stripe, monkeypatch):
    """Long before the end of what Stripe asks for."""
    monkeypatch.setattr("finances.gateway.BEAT", 0.5)
    stripe.faults(**{"429": 1.0, "retry_after": 30})
    started, beats = time.monotonic(), []

    with pytest.raises(Stopped):
        Gateway(beat=lambda: beats.append(1), stop=lambda: time.monotonic() - started > 1.5).account()

    assert time.monotonic() - started < 5
    assert beats


@pytest.mark.parametrize(
    ("fault", "problem"),
    [("500", StripeFailed), ("html", StripeFailed), ("cut", StripeUnreachable), ("reset", StripeUnreachable)],
)
def test_a_fault_is_tried_again_and_then_named(stripe, gateway, no_pauses, fault, problem):
    stripe.faults(**{fault: 1.0})

    with pytest.raises(problem) as raised:
        gateway.account()

    assert gateway.calls == 5
    assert raised.value.may_pass
    assert os.environ["STRIPE_TEST_SECRET_KEY"] not in str(raised.value)


def test_an_empty_page_that_says_there_is_more_is_tried_again_and_never_the_end(stripe, gateway, no_pauses):
    stripe.faults(empty_more=1.0)

    with pytest.raises(StripeFailed):
        gateway.page("invoice")

    assert gateway.calls == 5


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"<html>", b'{"error": "x"}', b'{"data": 1, "has_more": 0}'])
def test_an_answer_that_is_not_stripes_is_a_stripe_problem(odd_stripe, no_pauses, status, body):
    odd_stripe(status, body)

    for call in (
        lambda gateway: gateway.account(),
        lambda gateway: gateway.retrieve("customer", "cus_1"),
        lambda gateway: gateway.page("customer"),
    ):
        with pytest.raises(StripeProblem):
            call(Gateway())


@pytest.mark.parametrize("object_id", ["", ".", "..", "../customers", "a?b", "a#b", "a/b", "%2e%2e"])
def test_an_id_leads_to_no_other_address(stripe, gateway, object_id):
    with pytest.raises(NoSuchObject):
        gateway.retrieve("product", object_id)


@pytest.fixture
def odd_stripe(settings):
    """A server that answers everything with the same status and body."""
    answer = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer["status"])
            self.send_header("Request-Id", answer.get("request_id", "req_7"))
            self.send_header("Content-Length", str(len(answer["body"])))
            for name, value in answer.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{server.server_address[1]}"
    yield lambda status, body, **more: answer.update(status=status, body=body, **more)
    server.shutdown()
    server.server_close()


def test_a_fault_that_passes_is_not_noticed(stripe, gateway, no_pauses):
    stripe.faults(**{"500": 0.5})

    assert [gateway.account()["object"] for _ in range(5)] == ["account"] * 5


def test_a_problem_tells_the_status_stripes_code_and_the_request(odd_stripe, no_pauses):
    odd_stripe(429, b'{"error": {"code": "lock_timeout", "message": "of sk_test_51Hq"}}', request_id="req_8Qz")

    with pytest.raises(RateLimited) as raised:
        Gateway().account()

    assert raised.value.code == "429 lock_timeout req_8Qz"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize(
    "code", ["sk_test_51Hq", "rk_live_abcdef", "whsec_abcdef", "sk_live_abcdef", "of sk_test_x", 7]
)
def test_no_part_of_a_key_gets_into_a_problem_whatever_field_it_comes_in(odd_stripe, no_pauses, status, code):
    error = {"code": code, "message": "Invalid API Key provided: sk_test_51Hq", "type": code, "param": code}
    odd_stripe(status, json.dumps({"error": error}).encode(), request_id="rk_live_abcdef")

    with pytest.raises(StripeProblem) as raised:
        Gateway().account()

    problem = raised.value
    assert problem.code == str(status)
    assert not re.search(r"(sk|rk)_(test|live)|whsec", f"{problem!r}{problem.sentence}{problem.advice}{problem.code}")
