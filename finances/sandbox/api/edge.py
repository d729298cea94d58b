"""Stripe's edge: one call in; out comes the answer, or what a fault makes of it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from finances.sandbox.api import errors
from finances.sandbox.api.api import answer, route
from finances.sandbox.api.faults import HTML, Rule, bent
from finances.sandbox.api.view import View
from finances.sandbox.engine.api_version import API_VERSION
from finances.sandbox.engine.identifiers import ALPHABET
from finances.sandbox.engine.rendering import encoded

if TYPE_CHECKING:
    from finances.sandbox.sandbox import Sandbox


@dataclass
class Served:
    """`fault` is the kind that the connection has to play (timeout, hung, reset, cut, slow), `delay` in seconds."""

    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    fault: str | None = None
    delay: float = 0.0


def call(sandbox: Sandbox, method: str, path: str, query: str, asked: Message | Mapping[str, str]) -> Served:
    """`asked` are the request's headers. The sandbox's lock is held."""
    request_id = "req_" + "".join(sandbox.labels.choices(ALPHABET, k=14))
    headers = {"Request-Id": request_id, "Stripe-Version": asked.get("Stripe-Version") or API_VERSION}
    found = route(path) if path.startswith("/v1/") else None
    called = f"{method} {found.pattern if found else path}"
    sandbox.calls[called] = sandbox.calls.get(called, 0) + 1
    fault, rule = sandbox.faults.draw(path) or (None, None)
    try:
        if rule is not None:
            _fail(fault, rule)
        key = sandbox.keys.of(asked.get("Authorization"))
        if fault == "revoked":
            raise errors.expired_key(key.value)
        if found is None or method != "GET":
            raise errors.unknown_address(method, path)
        account_id = sandbox.business.account["id"]
        content = answer(found, path, query, View(sandbox.store, key, account_id))
    except errors.StripeError as error:
        return _refused(error, request_id, headers, fault)
    except (KeyError, TypeError, ValueError, AttributeError):
        # Something bent that was put there: worth a look, and an answer that a caller can live with.
        traceback.print_exc()
        return _refused(errors.server_error(), request_id, headers, fault)
    if rule is None or fault is None:
        return Served(200, content, headers)
    if fault == "html":
        return Served(rule.html_status, HTML, kind="text/html")
    return Served(200, bent(fault, content, rule.random), headers, fault=fault, delay=rule.delay)


def _fail(fault: str | None, rule: Rule) -> None:
    if fault == "429":
        limited = rule.rate_limit is not None and rule.retry_after is None
        raise errors.rate_limited(1 if limited else rule.retry_after)
    if fault == "lock_timeout":
        raise errors.lock_timeout()
    if fault == "500":
        raise errors.server_error()


def _refused(error: errors.StripeError, request_id: str, headers: dict[str, str], fault: str | None) -> Served:
    log = f"https://dashboard.stripe.com/test/logs/{request_id}"
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.error.get("code") == "rate_limit":
        headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Stripe"'
    content = encoded({"error": {**error.error, "request_log_url": log}})
    return Served(error.status, content, headers, fault=fault)
