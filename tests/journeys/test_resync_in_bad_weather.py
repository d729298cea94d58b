"""A resync of everything while calls fail: 429, 500, no answer, reset, cut short. The tables end as without them."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from django.db import connection

from finances import gateway
from finances.models import ResyncRun
from finances.rate_budget import turns
from finances.sandbox import Sandbox
from tests import mirrored_tables
from tests.call_log import Call, calls_logged
from tests.journeys.working import IS_FULL, IS_POSTGRESQL, resync
from tests.local_stripe import LocalStripe

# Each database has its sample; the long one needs workers beside one another.
CUSTOMERS, MONTHS = (2_000, 12) if IS_FULL and IS_POSTGRESQL else (40, 6)
RATES = (0.05, 0.2, 0.4) if IS_FULL else (0.05, 0.4)
SHARES = {"429": 0.25, "500": 0.25, "reset": 0.2, "cut": 0.2, "timeout": 0.1}
"""Of the calls that fail. A call that times out takes the caller's patience, so they are the fewest."""
PATIENCE = 1.0 if IS_FULL else 0.4  # seconds to wait for an answer; 20 in production
RETRY_AFTER = 1  # seconds
ASKED_TO_WAIT = 0.02
"""Of all calls: 429 with Retry-After, beside those at the rate under test, whose 429 do not say when to come again."""
TELLING = 0.3
"""Seconds that a worker may take to tell the others that they have to wait."""
MOST_CALLS = 3  # times those that a run without faults makes


class Filled(NamedTuple):
    run: ResyncRun
    rows: Counter[str]
    calls: list[Call]


@pytest.fixture(scope="module")
def business() -> Iterator[LocalStripe]:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)  # a day on which the small one has something of every type
    sandbox = Sandbox(customers=CUSTOMERS, months=MONTHS, seed=1, now=now, clock_runs=False)
    yield LocalStripe(sandbox.start(port=0))
    sandbox.stop()


@pytest.fixture(scope="module")
def in_fair_weather() -> list[Filled]:
    """Kept from the first test that needs it."""
    return []


@pytest.fixture(autouse=True)
def _impatient(business, settings, monkeypatch) -> None:
    settings.STRIPE_API_BASE = business.address
    # Leases as in production, or what has one for ever would not ask whether it has to wait.
    turns._here.leases.default_factory = turns.Lease
    monkeypatch.setattr(gateway, "LONGEST_PAUSE", 0.02)  # between two tries; what Stripe asks for is waited for
    monkeypatch.setattr(gateway, "_http", gateway.HttpClient(timeout=(1, PATIENCE)))


def filled(weather: list, name: str) -> Filled:
    """All that there is, read into empty tables."""
    mirrored_tables.empty(connection)
    began = time.monotonic()
    with calls_logged() as calls:
        run = resync("all")
    weather.append((name, run.done, len(calls), time.monotonic() - began))
    with connection.cursor() as cursor:
        return Filled(run, mirrored_tables.contents(cursor, connection.introspection.table_names(cursor)), calls)


def too_early(calls: list[Call]) -> list[Call]:
    """Calls that came while Stripe had asked everybody to wait."""
    return [
        later
        for asked in calls
        if asked.retry_after
        for later in calls
        if asked.answered + TELLING < later.came < asked.answered + asked.retry_after - 0.02
    ]


@pytest.mark.long
@pytest.mark.guarantee("B1")
@pytest.mark.parametrize("rate", RATES)
def test_the_tables_end_as_without_faults(business, in_fair_weather, committed, weather, rate):
    if not in_fair_weather:
        in_fair_weather.append(filled(weather, f"{CUSTOMERS:,} customers, no faults"))
    wanted = in_fair_weather[0]
    assert (wanted.run.state, wanted.run.calls) == ("complete", len(wanted.calls))
    faults = {kind: rate * share for kind, share in SHARES.items()} | {"retry_after": 0}
    business.faults(rules=[{"429": ASKED_TO_WAIT, "retry_after": RETRY_AFTER}, faults])

    try:
        found = filled(weather, f"{rate:.0%} of calls fail")
    finally:
        business.faults()

    assert found.run.state == "complete", (found.run.problem, *found.run.findings.values_list("object_id", "problem"))
    assert mirrored_tables.unlike(found.rows, wanted.rows) == []
    assert found.rows == wanted.rows
    assert found.run.calls == len(found.calls) <= MOST_CALLS * len(wanted.calls)
    assert any(call.retry_after for call in found.calls)
    assert too_early(found.calls) == []


def test_every_429_is_counted_on_the_run(business, committed):
    business.faults(**{"429": 1.0, "retry_after": 0, "paths": "/v1/products"})
    try:
        with calls_logged() as calls:
            run = resync("product")
    finally:
        business.faults()

    assert sum(call.status == 429 for call in calls) == run.slowed
