"""A worker that is asked to stop does so also while it waits for what Stripe asked for."""

import time
from datetime import UTC, datetime

import pytest

from finances.models import CatchUp, Delivery
from finances.webhooks import comparison, processing
from tests.factories import a_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_to_stop(stripe):
    """A second from now on, while Stripe asks to wait for half a minute; it has to be done five seconds later."""
    stripe.faults(**{"429": 1.0, "retry_after": 30})
    started = time.monotonic()
    yield lambda: time.monotonic() - started > 1
    assert time.monotonic() - started < 6


def test_a_delivery_is_handed_back_and_no_try_is_counted(asked_to_stop):
    delivery = a_delivery(object_type="customer", object_id="cus_1", state="received", processed_at=None, tries=3)

    processing.process_due(lambda: datetime.now(UTC), stop=asked_to_stop)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, delivery.reason) == (Delivery.State.RECEIVED, 3, "")


def test_a_comparison_waits_for_the_next_worker_and_has_not_failed(asked_to_stop):
    now = datetime.now(UTC)
    CatchUp.objects.create(created_at=now, since=now, cause=CatchUp.Cause.SCHEDULE)

    comparison.work_on(comparison.claim_next(now), lambda: now, stop=asked_to_stop)

    assert CatchUp.objects.get().state == CatchUp.State.QUEUED
