"""Workers that learn of a refused key at the same moment end the run once, and wait for each other in no circle."""

import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from finances.models import AuditEntry, ResyncPart, ResyncRun
from finances.resync import troubles
from finances.resync.claiming import claim_next
from finances.resync.in_hand import PartInHand
from finances.resync.reading import RunGateway
from finances.resync.request import request_resync
from finances.stripe_problems import KeyRefused

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer"),
]


def test_two_workers_whose_key_is_refused_at_the_same_moment(transactional_db):
    run = request_resync("all", now=timezone.now()).run
    barrier = threading.Barrier(2)
    problems = []

    def work() -> None:
        try:
            hand = PartInHand(claim_next(timezone.now()), RunGateway(), timezone.now)
            barrier.wait()
            troubles.meet(hand, KeyRefused("No."))
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    for _ in range(5):
        ResyncRun.objects.filter(pk=run.pk).update(state="queued", finished_at=None)
        ResyncPart.objects.filter(run=run).update(state="queued", lease_until=None)
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    run.refresh_from_db()
    assert problems == []
    assert run.state == "failed"
    assert AuditEntry.objects.filter(action="paydesk.resync.failed").count() == 5
