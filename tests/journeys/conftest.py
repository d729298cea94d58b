"""From one end to the other without a browser: a local Stripe over HTTP, a worker drained by hand, Django's client."""

import hmac
import json
import os
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone

from finances.models import ResyncRun
from finances.resync.request import request_resync
from finances.worker import drain


@pytest.fixture
def deliver(client) -> Callable[[dict[str, Any]], Any]:
    """POST an event of the local Stripe's to our address, signed as Stripe signs."""

    def post(event: dict[str, Any]):
        body, stamp = json.dumps(event).encode(), int(time.time())
        secret = os.environ["DJSTRIPE_WEBHOOK_SECRET"].encode()
        signature = hmac.new(secret, f"{stamp}.".encode() + body, sha256).hexdigest()
        return client.post(
            "/api/finances/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": f"t={stamp},v1={signature}"},
        )

    return post


@pytest.fixture
def read(stripe) -> Callable[[str], ResyncRun]:
    """Read something from the local Stripe into our tables, by a run."""

    def resync(target: str) -> ResyncRun:
        run = request_resync(target, now=timezone.now()).run
        drain()
        run.refresh_from_db()
        assert run.state == ResyncRun.State.COMPLETE, run.problem
        return run

    return resync


@pytest.fixture
def open_page(client) -> Callable[[str], str]:
    def get(path: str) -> str:
        answer = client.get(f"/console/{path}")
        assert answer.status_code == 200
        return answer.content.decode()

    return get
