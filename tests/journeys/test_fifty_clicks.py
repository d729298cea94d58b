"""Fifty clicks ask for the same resync or export at the same moment: one is made, and forty-nine are led to it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from finances.exports.request import request_export
from finances.models import AuditEntry, Export, ResyncPart, ResyncRun, WakeUp
from finances.resync.plan import make_plan
from finances.resync.request import request_resync

CLICKS = 50
TARGETS = ["all", "invoice", "cus_1234567890"]

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def fifty_connections(committed, monkeypatch):
    """The pool of a web process has 16: a click that waits for one is not at the same moment."""
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "pool", options["pool"] | {"max_size": CLICKS + 2, "timeout": 30})
    connection.close_pool()
    yield
    connection.close_pool()


@pytest.fixture
def admin_there(committed):
    admin = User.objects.create_superuser("fifty", "fifty@paydesk.test", "correct-horse")
    yield admin
    User.objects.filter(pk=admin.pk).delete()


def at_once(click: Callable[[int], Any]) -> list[Any]:
    """What each click came to; each on a connection of its own that is open when they begin."""
    together = threading.Barrier(CLICKS, timeout=60)

    def wait_and_click(number: int) -> Any:
        try:
            connection.ensure_connection()
            together.wait()
            return click(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLICKS) as threads:
        return list(threads.map(wait_and_click, range(CLICKS)))


def assert_one_run(target: str, answers: list[tuple[str, bool]]) -> None:
    """`answers`: the run that somebody was led to, and whether it was there already."""
    run = ResyncRun.objects.get()
    assert {led_to for led_to, _ in answers} == {str(run.pk)}
    assert [already for _, already in answers].count(False) == 1
    assert [already for _, already in answers].count(True) == CLICKS - 1
    assert run.state == ResyncRun.State.QUEUED
    assert ResyncPart.objects.filter(run=run).count() == len(make_plan(target).parts) > 0
    assert AuditEntry.objects.filter(action="paydesk.resync.requested", target=target).count() == 1
    assert WakeUp.objects.get(kind=WakeUp.Kind.RESYNCS).pending


@pytest.mark.guarantee("B4")
@pytest.mark.parametrize("target", TARGETS)
def test_fifty_requests_at_once_make_one_run(fifty_connections, target):
    def ask(_: int) -> tuple[str, bool]:
        asked = request_resync(target, now=timezone.now())
        return str(asked.run.pk), asked.already_running

    assert_one_run(target, at_once(ask))


@pytest.mark.guarantee("B4")
def test_fifty_clicks_at_once_make_one_run_and_forty_nine_are_told_so(fifty_connections, admin_there):
    browsers = [Client() for _ in range(CLICKS)]
    for browser in browsers:
        browser.force_login(admin_there)

    def click(number: int) -> tuple[str, bool]:
        answer = browsers[number].post("/console/resyncs/", {"target": "all", "reason": f"click {number}"}, follow=True)
        ((led_to, status),) = answer.redirect_chain
        assert (status, answer.status_code) == (302, 200)
        return led_to.rstrip("/").rpartition("/")[2], "no second one was made" in answer.content.decode()

    assert_one_run("all", at_once(click))


@pytest.mark.guarantee("B4")
def test_fifty_clicks_on_what_can_be_said_in_two_ways_make_one_run(fifty_connections):
    def ask(number: int) -> tuple[str, bool]:
        asked = request_resync(("cus_1234567890", "customer:cus_1234567890")[number % 2], now=timezone.now())
        return str(asked.run.pk), asked.already_running

    assert_one_run("cus_1234567890", at_once(ask))


@pytest.mark.guarantee("B4")
def test_a_comparison_does_not_stand_in_the_way_of_a_resync_of_the_same(fifty_connections):
    kinds = (ResyncRun.Kind.RESYNC, ResyncRun.Kind.COMPARE)

    answers = at_once(lambda number: request_resync("all", now=timezone.now(), kind=kinds[number % 2]))

    assert sorted(ResyncRun.objects.values_list("kind", flat=True)) == ["compare", "resync"]
    assert [asked.already_running for asked in answers].count(False) == 2


def test_fifty_requests_at_once_make_one_export(fifty_connections, admin_there):
    def ask(_: int) -> tuple[str, bool]:
        asked = request_export(
            "invoices", format="csv", conditions="status=open", zone="UTC", now=timezone.now(), by=admin_there
        )
        return str(asked.export.pk), asked.already_running

    answers = at_once(ask)

    export = Export.objects.get()
    assert {led_to for led_to, _ in answers} == {str(export.pk)}
    assert [already for _, already in answers].count(False) == 1
    assert AuditEntry.objects.filter(action="paydesk.export.requested").count() == 1
    assert WakeUp.objects.get(kind=WakeUp.Kind.EXPORTS).pending
