"""Writing invoices: our mirror, a page of a hundred at a time, beside dj-stripe's own sync, row by row.

The network is taken out of both: the objects are in hand, and what they point at is written before the clock starts.
"""

import os
import time
from typing import Any

import stripe as stripe_python
from django.utils import timezone
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.tickets import take_ticket


def measure(invoices: list[dict[str, Any]]) -> dict[str, float]:
    """Objects a second. Parents of `invoices` are in the tables; the invoices are not."""
    half = len(invoices) // 2
    theirs, ours = invoices[:half], invoices[half:]
    key = os.environ["STRIPE_TEST_SECRET_KEY"]
    answers = [stripe_python.convert_to_stripe_object(it, api_key=key) for it in theirs]
    return {
        "dj-stripe, new": rate(
            lambda: [djstripe.Invoice.sync_from_stripe_data(it, api_key=key) for it in answers], half
        ),
        "mirror, new": rate(lambda: write(ours), len(ours)),
        "mirror, changed": rate(lambda: write([{**it, "description": "changed"} for it in ours]), len(ours)),
        "mirror, unchanged": rate(lambda: write([{**it, "description": "changed"} for it in ours]), len(ours)),
    }


def write(invoices: list[dict[str, Any]]) -> None:
    gateway = Gateway()
    for start in range(0, len(invoices), 100):
        mirror.write(gateway, "invoice", invoices[start : start + 100], ticket=take_ticket(), now=timezone.now())


def rate(work: Any, objects: int) -> float:
    started = time.perf_counter()
    work()
    return objects / (time.perf_counter() - started)
