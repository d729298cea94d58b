"""What is refused is counted by minute and reason, at most one write a second, and nothing of it is kept."""

import json
import os
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from finances.models import Delivery, RefusedPosts
from finances.webhooks.refusals import Reason, Refusals, prune_refusals
from tests.finances.webhooks.conftest import address_of_database, at_once, event, signed

pytestmark = pytest.mark.guarantee("A8")

ADDRESS = "/api/finances/stripe/webhook/"
NOW = datetime(2026, 11, 23, 9, 30, 12, tzinfo=UTC)
MINUTE = NOW.replace(second=0)


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts(clock) -> Refusals:
    return Refusals(clock)


def written() -> dict[tuple[datetime, str], int]:
    return {(each.minute, each.reason): each.count for each in RefusedPosts.objects.all()}


def test_every_kind_of_refusal_has_its_reason(db, client, deliver, refusals, monkeypatch):
    body = json.dumps(event()).encode()
    client.generic("POST", ADDRESS, b"", headers={"Stripe-Signature": "t=1,v1=0"}, CONTENT_LENGTH="")
    deliver(b"x" * 1_000_001)
    client.post(ADDRESS, body, content_type="application/json")
    deliver(body, signature=signed(body, secret="whsec_" + secrets.token_hex(16)))
    deliver(body, signature=signed(body, at=time.time() - 400))
    deliver(body, signature=signed(body, at=time.time() + 400))
    # A stamp from long ago on a signature that is not Stripe's either says nothing about anybody's clock.
    deliver(body, signature=signed(body, secret="whsec_" + secrets.token_hex(16), at=time.time() - 400))
    deliver(b"{")
    deliver(b"[]")
    deliver(event(note="a\x00b"))
    refusals.write_at_exit()

    reasons = {reason: count for (_, reason), count in written().items()}
    assert reasons == {
        "no Content-Length": 1,
        "too large": 1,
        "no signature": 1,
        "wrong signature": 2,
        "signed too long ago": 1,
        "signed ahead of our clock": 1,
        "not JSON": 1,
        "not an event": 1,
        "characters that cannot be stored": 1,
    }
    assert not Delivery.objects.exists()


def test_the_answer_repeats_nothing_of_the_request(db, deliver):
    canary = secrets.token_hex(8)

    answer = deliver(canary.encode(), signature=f"t=1,v1={canary}", **{"User-Agent": canary})

    assert answer.content in {reason.encode() for reason in Reason}
    assert canary not in str(answer.headers)


def test_the_first_is_written_at_once_and_the_rest_of_a_second_together(db, counts, clock, django_assert_num_queries):
    counts.count(Reason.NOT_JSON, NOW)
    counts.write_if_due()
    assert written() == {(MINUTE, "not JSON"): 1}

    with django_assert_num_queries(0):
        for _ in range(500):
            counts.count(Reason.NOT_JSON, NOW)
            counts.count(Reason.TOO_LARGE, NOW + timedelta(minutes=1))
            clock.seconds += 0.001
            counts.write_if_due()

    clock.seconds += 1
    with django_assert_num_queries(1):
        counts.write_if_due()
        counts.write_if_due()
    assert written() == {
        (MINUTE, "not JSON"): 501,
        (MINUTE + timedelta(minutes=1), "too large"): 500,
    }


def test_a_good_delivery_writes_the_counts_of_the_bad_ones(db, deliver, refusals, monkeypatch):
    deliver(b"{")
    deliver(b"{")
    assert sum(written().values()) == 1

    monkeypatch.setattr(refusals, "_clock", lambda: time.monotonic() + 2)
    assert deliver(event()).status_code == 200

    assert sum(written().values()) == 2


def test_no_count_is_lost_among_threads(committed, counts, clock):
    def refuse(index: int) -> None:
        for _ in range(200):
            counts.count(Reason.NOT_JSON, NOW)
            clock.seconds += 0.1
            counts.write_if_due()

    at_once(8, refuse)
    counts.write_at_exit()

    assert written() == {(MINUTE, "not JSON"): 1600}


def test_a_database_that_cannot_take_the_counts_costs_them_time_and_nothing_else(
    committed, deliver, counts, clock, monkeypatch
):
    monkeypatch.setattr("finances.webhooks.endpoint.refusals", counts)
    table = RefusedPosts._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        assert [deliver(b"{").status_code for _ in range(3)] == [400, 400, 400]
        assert deliver(event()).status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
    clock.seconds += 5
    deliver(event())
    assert written() == {}  # left alone for a while

    clock.seconds += 6
    deliver(event())

    assert sum(written().values()) == 3


def test_however_long_the_database_is_away_the_counts_stay_few(counts):
    for minute in range(3000):
        counts.count(Reason.NOT_JSON, NOW + timedelta(minutes=minute))

    assert len(counts._counts) == Refusals.MOST
    assert max(counts._counts)[0] == MINUTE + timedelta(minutes=2999)


def test_what_is_left_is_written_when_the_process_ends(committed):
    script = """
import django
django.setup()
from django.conf import settings
settings.SECURE_SSL_REDIRECT = False
from django.test import Client
for _ in range(7):
    print(Client().post("/api/finances/stripe/webhook/", b"{", "application/json").status_code)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address_of_database(), "DJANGO_SETTINGS_MODULE": "dashboard.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.split() == ["400"] * 7, done.stderr
    assert {reason: count for (_, reason), count in written().items()} == {"no signature": 7}
    assert "Traceback" not in done.stderr


def test_old_counts_are_pruned(db):
    for days in (1, 89, 91, 400):
        RefusedPosts.objects.create(minute=MINUTE - timedelta(days=days), reason="not JSON", count=days)

    assert prune_refusals(NOW, timedelta(days=90)) == 2

    assert sorted(written().values()) == [1, 89]


def size() -> int:
    """Bytes of the whole database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(Path(f"{connection.settings_dict['NAME']}{end}").stat().st_size for end in ("", "-wal"))


@pytest.mark.long
def test_ten_thousand_bad_posts_grow_the_database_by_less_than_64_kb(committed):
    number = 10_000 if os.environ.get("PAYDESK_TEST_FULL") else 1_500
    canary = secrets.token_hex(16)
    body = json.dumps(event(note=canary) | {"object": "none"}).encode()
    signatures = (signed(body), signed(body, secret="whsec_" + canary), f"t=1,v1={canary}", "")
    client = Client()
    before = size()

    statuses = {
        client.post(
            ADDRESS, body, content_type="application/json", headers={"Stripe-Signature": signatures[index % 4]}
        ).status_code
        for index in range(number)
    }

    assert statuses == {400}
    assert size() - before < 64_000
    assert not Delivery.objects.exists()
    assert canary not in str(list(RefusedPosts.objects.values()))
