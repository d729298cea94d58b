"""Whose turn it is to call Stripe: the limit kept and used up by all processes, who goes first, and a Stripe that is
down."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from finances.gateway import Gateway
from finances.models import RateBudget
from finances.rate_budget import ALL, Priority, answered, bucket, failed, pause, take, turns
from finances.reads.rate_budget import rate_budget
from finances.stripe_problems import StripeUnreachable
from tests.factories import NOON

URGENT, EVENTS, BULK = Priority.URGENT, Priority.EVENTS, Priority.BULK
INVOICES, CUSTOMERS = "/v1/invoices", "/v1/customers"
SCOPES = (ALL, INVOICES, CUSTOMERS)


@pytest.fixture
def limits(monkeypatch):
    """Calls a second, in all and of one endpoint, and buckets that are full of them."""

    def set_to(of_all: int, of_one: int | None = None, *, level: float | None = None) -> None:
        limit = {ALL: of_all}
        monkeypatch.setattr(bucket, "limit_of", lambda scope: limit.get(scope, of_one or of_all))
        turns.begin_anew()
        fill(1_000_000 if level is None else level)

    return set_to


def fill(level: float) -> None:
    for scope in SCOPES:
        RateBudget.objects.update_or_create(scope=scope, defaults={"level": level, "filled_at": datetime.now(UTC)})


def shift(**columns: timedelta) -> None:
    """As if so much time had passed: the database's clock is not ours to set."""
    RateBudget.objects.update(**{name: F(name) - span for name, span in columns.items()})
    turns.begin_anew()


CALLER = """
import sys, threading, time
import django
django.setup()
from django.db import connections
from finances.gateway import Gateway
from finances.rate_budget import Priority
made = []
def call(type_name):
    gateway = Gateway(priority=Priority.BULK)
    while time.time() < until:
        gateway.page(type_name, limit=1)
    made.append((gateway.calls, gateway.slowed))
    connections.close_all()
print("ready", flush=True)
until = float(sys.stdin.readline())
threads = [threading.Thread(target=call, args=(name,)) for name in ("customer", "invoice") * 2]
[each.start() for each in threads]
[each.join() for each in threads]
print(*map(sum, zip(*made)))
"""


def database_url() -> str:
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgres://{at['USER']}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def test_several_processes_keep_the_limits_together_and_use_them_up(transactional_db, stripe):
    """Stripe itself counts, in any one second: no more than the limit and one lease for each process and endpoint,
    where nothing was saved up."""
    of_all, of_one, processes, seconds = 30, 20, 3, 5
    fill(0.0)
    stripe.faults(
        rules=[
            {"paths": CUSTOMERS, "rate_limit": of_one + 2 * processes},
            {"paths": INVOICES, "rate_limit": of_one + 2 * processes},
            {"paths": "/v1/", "rate_limit": of_all + 2 * 2 * processes},
        ]
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DEBUG": "True",
        "DATABASE_URL": database_url(),
        "STRIPE_API_BASE": stripe.address,
        "PAYDESK_CALLS_A_SECOND": str(of_all),
        "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": str(of_one),
    }
    command = [sys.executable, "-c", CALLER]
    callers = [
        subprocess.Popen(
            command,
            cwd=django_settings.BASE_DIR,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(processes)
    ]
    for caller in callers:
        assert caller.stdout.readline() == "ready\n"
    until = time.time() + seconds
    said = [caller.communicate(f"{until}\n", timeout=60)[0].split() for caller in callers]

    calls, slowed = (sum(map(int, column)) for column in zip(*said, strict=True))
    assert slowed == 0
    assert calls >= 0.9 * of_all * seconds
    # Their last calls were waited for, one a thread, past the end.
    assert calls <= of_all * seconds + 2 * 2 * processes


@pytest.mark.parametrize("limit", [1, 15, 40, 500])
@given(
    steps=st.lists(
        st.tuples(st.floats(0, 0.4), st.sampled_from(Priority), st.sampled_from(SCOPES[1:]), st.booleans()),
        min_size=1,
        max_size=120,
    )
)
def test_in_any_second_no_more_is_handed_out_than_the_limit_and_what_was_saved_or_borrowed(limit, steps):
    """Whoever asks, in any order, at any time; half of them give half of it back."""
    patched = pytest.MonkeyPatch()
    patched.setattr(bucket, "limit_of", lambda scope: limit)
    rows = {scope: RateBudget(scope=scope, level=1e6, filled_at=NOON) for scope in SCOPES}
    now, handed_out, unused = NOON, [], 0
    for pause_before, priority, endpoint, gives_back in steps:
        now += timedelta(seconds=pause_before)
        pair = [rows[ALL], rows[endpoint]]
        if bucket.until_free(pair, now, priority, unused):
            continue
        calls = bucket.lease(pair, now, priority, unused)
        assert calls <= max(1, 0.1 * limit)
        for row in pair:
            bucket.hand_out(row, now, calls, unused)
        handed_out.append((now, calls - unused))
        unused = calls // 2 if gives_back else 0
    patched.undo()

    most = limit + 2 * max(2, 0.25 * limit) + max(1, 0.1 * limit)
    for begin, _ in handed_out:
        within = [calls for at, calls in handed_out if begin <= at < begin + timedelta(seconds=1)]
        assert sum(within) <= most


def test_a_lease_serves_many_calls(db, limits, django_assert_num_queries):
    limits(1000)

    with django_assert_num_queries(5):  # a transaction's two ends, the rows, one change each
        assert [take(INVOICES, EVENTS).wait for _ in range(100)] == [0.0] * 100


def test_whoever_waits_asks_the_database_only_when_there_is_something(db, limits, django_assert_num_queries):
    limits(1, level=0)

    with django_assert_num_queries(3):
        waits = [take(INVOICES, EVENTS).wait for _ in range(100)]

    assert all(0 < wait <= 1.2 for wait in waits)


def test_what_was_leased_and_not_used_goes_back(db, limits, monkeypatch):
    monkeypatch.setattr(turns, "LEASE_HOLDS", 0)  # over at once
    limits(100)

    take(INVOICES, EVENTS)
    take(INVOICES, EVENTS)

    row = RateBudget.objects.get(pk=INVOICES)
    assert row.taken == 1 + 10  # what was used, and the lease that is held now
    assert row.level == pytest.approx(25 - 1 - 10, abs=2)


def test_bulk_leaves_a_reserve_and_who_waits_may_borrow(db, limits):
    limits(10, level=1.0)
    assert take(INVOICES, BULK).wait
    assert not take(INVOICES, EVENTS).wait

    fill(0.0)
    turns.begin_anew()
    assert take(INVOICES, EVENTS).wait
    borrowed = [take(INVOICES, URGENT).wait for _ in range(10)]
    assert 2 <= borrowed.count(0.0) <= 4
    assert borrowed[-1]


def test_one_endpoint_does_not_take_what_is_the_others(db, limits):
    limits(40, 20)
    RateBudget.objects.filter(pk=INVOICES).update(level=-1.0)

    assert take(INVOICES, EVENTS).wait
    assert not take(CUSTOMERS, EVENTS).wait


def test_after_a_pause_the_budget_is_what_it_was(db, limits):
    limits(10)
    pause(ALL, 30)
    pause(ALL, 1)  # the longer one holds
    assert all(take(endpoint, priority).wait > 1 for endpoint in SCOPES[1:] for priority in Priority)

    shift(paused_until=timedelta(seconds=31))

    assert not take(INVOICES, BULK).wait
    assert RateBudget.objects.get(pk=ALL).level == pytest.approx(2.5 - 1, abs=0.01)


def test_a_clock_that_was_set_back_stops_nothing(db, limits):
    limits(10)
    later = datetime.now(UTC) + timedelta(hours=1)
    RateBudget.objects.update(filled_at=later, paused_until=later, open_until=later)

    assert not take(INVOICES, EVENTS).wait


def fail_long_enough() -> None:
    failed()
    shift(failing_since=timedelta(seconds=10))
    for _ in range(turns.FAILURES - 1):
        failed()


def test_the_breaker_opens_lets_one_probe_through_and_closes_with_the_first_answer(db, limits):
    limits(1000)
    fail_long_enough()
    turns.begin_anew()  # another process
    told = take(INVOICES, BULK)
    assert 5 - 1 < told.down <= 7
    assert told.wait <= 2  # it may be back before

    shift(open_until=timedelta(seconds=8))
    assert take(INVOICES, BULK).is_probe
    assert take(CUSTOMERS, URGENT).down > 20  # the probe has as long as a call may take

    answered(is_probe=True)
    assert [take(endpoint, BULK) for endpoint in (INVOICES, CUSTOMERS)] == [turns.GO, turns.GO]
    assert RateBudget.objects.get(pk=ALL).failures == 0


def test_a_probe_that_fails_makes_the_next_one_wait_longer_up_to_a_minute(db, limits):
    limits(1000)
    fail_long_enough()
    opened = []
    for _ in range(6):
        shift(open_until=timedelta(seconds=80))
        assert take(INVOICES, EVENTS).is_probe
        failed()  # still under way from before: does not count
        failed(is_probe=True)
        opened.append(round(take(INVOICES, EVENTS).down))

    assert 10 <= opened[0] <= 13
    assert opened == sorted(opened)
    assert opened[-1] == 60


def test_a_short_burst_of_failures_opens_nothing(db, limits):
    limits(1000)
    for _ in range(2 * turns.FAILURES):
        failed()

    assert take(INVOICES, BULK) == turns.GO


def test_four_faults_in_ten_never_open_it(db, monkeypatch):
    monkeypatch.setattr(turns, "FAILING_FOR", timedelta())
    chance = random.Random(7)
    for _ in range(2000):
        failed() if chance.random() < 0.4 else answered()
        assert not RateBudget.objects.filter(open_until__isnull=False).exists()


def test_people_are_told_at_once_that_stripe_is_down_and_bulk_goes_on_when_it_is_back(transactional_db, stripe):
    fail_long_enough()
    shift(open_until=timedelta(seconds=4))
    for priority in (URGENT, EVENTS):
        gateway = Gateway(priority=priority)
        with pytest.raises(StripeUnreachable, match=r"did not answer the last calls; Paydesk tries it again in \d s"):
            gateway.account()
        assert gateway.calls == 0

    gateway = Gateway(priority=BULK)
    assert gateway.account()["object"] == "account"
    assert (gateway.calls, gateway.waited > 0.5) == (1, True)
    assert RateBudget.objects.get(pk=ALL).open_until is None


def test_bulk_outlasts_an_outage_that_is_longer_than_its_tries(transactional_db, stripe, monkeypatch):
    monkeypatch.setattr(turns, "SHORTEST_OPEN", 0.1)
    monkeypatch.setattr(turns, "LONGEST_OPEN", 0.2)
    fail_long_enough()
    stripe.faults(**{"500": 1.0})
    end = threading.Timer(3, stripe.faults)
    end.start()
    gateway = Gateway(priority=BULK, tries=2)

    assert gateway.account()["object"] == "account"
    assert gateway.calls > 3
    end.join()


def test_a_row_that_is_locked_keeps_nobody_for_long(transactional_db, limits, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's writers wait for one another, whatever they write")
    limits(40)
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    monkeypatch.setattr(turns, "AWAY", 0.5)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(RateBudget.objects.select_for_update())
            held.set()
            over.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    started = time.monotonic()
    assert not take(INVOICES, BULK).wait
    assert time.monotonic() - started < 2
    assert take(INVOICES, BULK).wait == pytest.approx(0.1, abs=0.05)  # a quarter of 40 a second
    over.set()
    holder.join()

    time.sleep(0.6)
    assert not take(INVOICES, BULK).wait
    assert RateBudget.objects.get(pk=INVOICES).taken


def test_stripe_is_asked_before_there_are_tables(transactional_db, stripe, monkeypatch):
    monkeypatch.setattr(RateBudget._meta, "db_table", "not_there")
    stripe.faults(**{"500": 0.5})
    gateway = Gateway(priority=URGENT)

    assert gateway.account()["object"] == "account"
    assert gateway.page("customer", limit=1).objects


def test_the_state_for_the_page(db, limits, django_assert_num_queries):
    limits(10)
    now = datetime.now(UTC)
    assert (rate_budget(now).used, rate_budget(now).used_share, rate_budget(now).is_down) == (0, 0.0, False)
    for _ in range(2):
        take(INVOICES, URGENT)
    pause(INVOICES, 30)
    fail_long_enough()
    now = datetime.now(UTC)

    with django_assert_num_queries(1):
        state = rate_budget(now)

    assert (state.used, state.failures, state.is_down) == (2, 20, True)
    assert 0 < state.level < 2.5
    assert state.paused_until is None
    assert [scope for scope, _ in state.paused_endpoints] == [INVOICES]


@pytest.mark.parametrize(("passed", "used"), [(0, 120), (30, 90), (59, 61), (90, 30), (200, 0)])
def test_what_was_used_in_the_last_minute_takes_the_minute_before_as_even(db, passed, used):
    RateBudget.objects.create(scope=ALL, level=0, filled_at=NOON, minute=NOON, taken=60, taken_before=60)

    assert rate_budget(NOON + timedelta(seconds=passed)).used == used
