"""Whatever is committed comes into exactly one seal, in whatever order, with however many sealers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from finances import audit
from finances.audit import sealing
from finances.audit.verifying import verify
from finances.models import AuditEntry, AuditSeal, SealedEntry
from tests.factories import NOON

pytestmark = pytest.mark.guarantee("D11")


def an_entry(at=NOON, **fields) -> AuditEntry:
    return audit.record("paydesk.test.made", at=at, actor=None, **fields)


def seal(at=NOON) -> int:
    return sealing.seal_due(lambda: at)


@pytest.mark.django_db
def test_batches_are_bounded_and_chained(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(5):
        an_entry()

    assert seal() == 5

    seals = list(AuditSeal.objects.order_by("number"))
    assert [(each.number, each.count, each.took_all) for each in seals] == [(1, 2, False), (2, 2, False), (3, 1, True)]
    assert [each.previous for each in seals] == ["", seals[0].digest, seals[1].digest]
    assert verify().holds


@pytest.mark.django_db
def test_where_nothing_is_new_no_seal_is_made_and_no_transaction_begun(django_assert_num_queries):
    an_entry()
    seal()

    with django_assert_num_queries(3):
        assert seal() == 0
    assert AuditSeal.objects.count() == 1


@pytest.mark.django_db
def test_what_commits_late_below_a_sealed_id_is_sealed_next_also_after_days_without_a_worker():
    late = AuditEntry(pk=1000, at=NOON, action="paydesk.test.late")  # its id was taken first
    AuditEntry.objects.create(pk=1001, at=NOON, action="paydesk.test.made")
    seal()
    late.save(force_insert=True)

    assert seal(NOON + timedelta(days=5)) == 1
    assert late.sealed.seal_id == 2


@pytest.mark.django_db
def test_a_look_for_what_is_new_does_not_go_through_what_was_sealed_long_ago():
    for day in range(4):
        an_entry()
        seal(NOON + timedelta(days=day))

    floor = AuditSeal.objects.get(number=2).through
    assert f"{floor}" in str(sealing.unsealed(sealing.newest_seal()).query)


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_make_one_chain():
    for _ in range(30):
        an_entry()
    together = threading.Barrier(6)

    def one(_: int) -> int:
        try:
            together.wait()
            return seal()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as sealers:
        assert sum(sealers.map(one, range(6))) == 30

    assert SealedEntry.objects.count() == 30
    assert verify().holds


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyway")
def test_an_action_that_takes_long_holds_up_neither_the_sealer_nor_other_actions():
    recorded, done = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            an_entry(target="slow")
            recorded.set()
            done.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    recorded.wait(10)
    an_entry(target="quick")

    assert seal() == 1
    done.set()
    thread.join()
    assert seal() == 1
    assert list(SealedEntry.objects.order_by("seal").values_list("entry__target", flat=True)) == ["quick", "slow"]
    assert verify().holds
