"""The environment in which the tests' settings are read: secrets of the right form, made for this run.

A pytest plugin (`-p tests.environment`), since pytest-django reads the settings before any conftest.
"""

import gc
import math
import os
import secrets
import tempfile

import pytest

for variable in (
    *("PAYDESK_DEMO", "DEBUG", "STRIPE_LIVE_MODE", "STRIPE_LIVE_SECRET_KEY", "STRIPE_API_BASE"),
    *("PAYDESK_CALLS_A_SECOND", "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT"),
):
    os.environ.pop(variable, None)
os.environ.update(
    {
        "SECRET_KEY": secrets.token_hex(32),
        "STRIPE_TEST_SECRET_KEY": "sk_test_" + secrets.token_hex(24),
        "DJSTRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(24),
        "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS": "",
        "VITE_STRIPE_PUBLISHABLE_KEY": "",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's sync API runs a loop of its own
    }
)
if os.environ.get("PAYDESK_TEST_DATABASE") != "postgresql":
    os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp(prefix='paydesk-tests-')}/tests.sqlite3"

# What is made until the tests begin stays until they end, and there is much of it: to look through it again and again
# for circles was a fifth of the tests' time.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def _no_test_waits_for_the_rate_budget(monkeypatch) -> None:
    """This process holds leases that no test can use up, so that calls cost no statement; where they are given back,
    because Stripe says 429 or is down, the budget is fuller than any test can make it. What others make of the limit is
    what the settings say. What one test was told of its budget, paused or not, is not the next one's.
    """
    from finances.rate_budget import bucket, turns

    def endless() -> turns.Lease:
        lease = turns.Lease()
        lease.calls, lease.until = 1_000_000, math.inf
        return lease

    monkeypatch.setattr(bucket, "limit_of", lambda scope: 1_000_000)
    turns.begin_anew()
    turns._here.leases.default_factory = endless
