"""The demo throws its database away at each start, nobody else’s, and goes on from a copy as if it had always run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dashboard import demo
from finances.models import AuditEntry, CatchUp, Customer, Delivery, Incident, Invoice, ResyncRun
from finances.resync.request import request_resync
from finances.sandbox import Sandbox
from finances.watch.look import look
from finances.webhooks.catch_up import run_due
from finances.worker import drain
from tests.finances.resync.resyncing import NOW, ended
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
LATER = 20 * DAY


@contextmanager
def a_business(settings, began: datetime) -> Iterator[Sandbox]:
    """The same one for the same `began`, whose clock stands."""
    sandbox = Sandbox(customers=40, months=3, seed=7, now=began, clock_runs=False)
    settings.STRIPE_API_BASE = sandbox.start(port=0)
    yield sandbox
    sandbox.stop()


def pass_time(sandbox: Sandbox, span: timedelta) -> None:
    """It is later; the business does not know it yet."""
    sandbox.clock.advance(int(span.total_seconds()))


def read_all(now: datetime, **more) -> ResyncRun:
    return ended(request_resync("all", now=now, **more).run, now)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited 30 s in vain")


def assert_nothing_is_wrong(now: datetime) -> None:
    look(now)
    assert list(Incident.objects.values_list("kind", "sentence")) == []
    assert not Delivery.objects.exclude(state__in=("processed", "ignored")).exists()
    run = read_all(now, kind=ResyncRun.Kind.COMPARE)
    found = {(it.kind, each["field"]) for it in run.findings.all() for each in it.differences or [{"field": ""}]}
    assert run.state == "complete"
    assert found <= {("changed", "times_redeemed"), ("changed", "valid")}, "of a coupon, of which Stripe makes no event"


def test_a_start_from_a_copy_reads_what_happened_since_then_as_if_it_had_run_all_along(settings):
    now = NOW
    midnight, copied = now - LATER - DAY, now - LATER
    with a_business(settings, midnight) as sandbox:
        pass_time(sandbox, DAY)
        demo.LocalStripe(settings.STRIPE_API_BASE).catch_up_with_the_clock()
        assert read_all(copied).state == "complete"
    before = set(Invoice.objects.values_list("id", flat=True))

    with a_business(settings, midnight) as sandbox:
        pass_time(sandbox, DAY + LATER)
        demo.go_on_from_the_copy(demo.LocalStripe(settings.STRIPE_API_BASE), lambda: now)
        look(now)  # before a worker has come to anything
        drain(lambda: now)

        assert set(Invoice.objects.values_list("id", flat=True)) > before
        assert CatchUp.objects.get().missed == Delivery.objects.count() > 20
        assert_nothing_is_wrong(now)


def test_a_clock_that_jumps_while_it_runs_brings_days_of_events_and_no_false_alarm(settings, served):
    now = timezone.now().replace(microsecond=0)
    with a_business(settings, now - LATER) as sandbox:
        stripe = LocalStripe(settings.STRIPE_API_BASE)
        assert read_all(now - LATER).state == "complete"
        run_due(lambda: now - LATER)
        stripe.send_webhooks_to(f"{served}/api/finances/stripe/webhook/")

        pass_time(sandbox, LATER)
        demo.LocalStripe(settings.STRIPE_API_BASE).catch_up_with_the_clock()
        made = len(stripe.all("/v1/events", **{"created[gte]": int((now - LATER).timestamp()) + 1}))
        run_due(timezone.now)  # the worker's, late as it is, finds some before their webhooks come
        wait_for(lambda: Delivery.objects.filter(attempts__gt=0).count() == made)
        look(timezone.now())
        drain()

        assert Delivery.objects.count() == made > 20
        assert_nothing_is_wrong(timezone.now())


def test_a_database_with_other_people_is_left_alone(admin, django_user_model):
    django_user_model.objects.create_user("ines@fjordlicht.example")

    with pytest.raises(demo.NotOurs, match="DATABASE_URL: names a database with data that is not the demo's"):
        demo.clear_a_borrowed_database()

    assert django_user_model.objects.count() == 2


def test_a_database_with_tables_and_nobody_in_it_may_be_somebodys_too():
    with pytest.raises(demo.NotOurs):
        demo.clear_a_borrowed_database()


def test_a_database_that_only_the_demo_used_is_made_anew(admin, stripe, django_user_model, monkeypatch):
    Customer.objects.create(id="cus_old", created_at="2026-01-01T00:00Z")
    assert AuditEntry.objects.exists()

    with monkeypatch.context() as patched:
        patched.setattr(demo, "make_tables", lambda: None)
        patched.setattr(connection.ops, "sql_flush", type(connection.ops).sql_flush.__get__(connection.ops))  # as it is
        demo.clear_a_borrowed_database()

    demo.make_tables()
    assert not AuditEntry.objects.exists()
    assert not Customer.objects.exists()
    assert not django_user_model.objects.exists()


def test_a_port_that_is_taken_is_named_with_the_variable_that_moves_it(live_server):
    with pytest.raises(demo.PortTaken, match=rf"port {live_server.thread.port} is taken; .* PORT="):
        demo.check_ports(("PORT", live_server.thread.port))
