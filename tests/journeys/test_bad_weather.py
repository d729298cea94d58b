"""Stripe's deliveries as bad as they get, over HTTP: late, twice, shuffled, lost, and hostile ones between them."""

import os
import threading
import time

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from finances import worker
from finances.models import Delivery
from finances.webhooks import processing
from tests.finances.webhooks.comparing import asked, objects_of, unlike_stripe

EXAMPLES = 60 if os.environ.get("PAYDESK_TEST_FULL") else 4
HARMLESS = {"wrong_signature", "stale", "other_mode", "other_account", "unknown_type", "not_json", "cut", "without_id"}

rates = st.sampled_from([0.0, 0.1, 0.5])
weather = st.fixed_dictionaries(
    {
        "late": st.sampled_from([0.0, 0.05, 0.3]),
        "twice": rates,
        "drop": rates,
        "shuffle": st.booleans(),
        "hostile": st.dictionaries(st.sampled_from(sorted(HARMLESS | {"old_version"})), rates, max_size=5),
    }
)


@pytest.mark.guarantee("A4", "A8", "A11", "C1")
def test_whatever_the_weather_the_tables_end_with_stripes_state(stripe, served):
    """Some are delivered, the rest is cut off; a comparison finds what is missing."""
    stripe.advance(seconds=1)
    asked(timezone.now())
    processing.process_due(timezone.now)

    @settings(max_examples=EXAMPLES, database=None)
    @given(weather=weather, days=st.integers(1, 4))
    def ends_equal(weather: dict, days: int) -> None:
        before = Delivery.objects.count()
        stripe.send_webhooks_to(f"{served}/api/finances/stripe/webhook/", **weather)
        with working():
            made = stripe.advance(days=days)["events"]
            wait_for(lambda: Delivery.objects.count() >= before + made // 3)
            stripe.send_no_webhooks()
        asked(timezone.now())
        worker.drain()

        rows = Delivery.objects.all()
        assert set(rows.values_list("state", flat=True)) <= {"processed", "ignored"}
        listed = {it["id"] for it in stripe.all("/v1/events")}
        assert listed <= set(rows.values_list("pk", flat=True))
        assert unlike_stripe(stripe, objects_of(rows.filter(pk__in=listed))) == {}
        bent = rows.filter(pk__endswith="_hostile").exclude(api_version="2015-04-07")
        assert set(bent.values_list("state", flat=True)) <= {"ignored"}

    ends_equal()


class working:  # noqa: N801  (reads as the word that it is)
    """A worker beside what happens."""

    def __enter__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._done.wait(0.05):
            processing.process_due(timezone.now, stop=self._done.is_set)
        connections.close_all()


def wait_for(condition, seconds: float = 5) -> None:
    """At most so long: what was dropped never comes."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
