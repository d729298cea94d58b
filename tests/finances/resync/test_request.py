"""Of many requests for one thing one run is made, and it is audited."""

import pytest

from finances.models import AuditEntry, ResyncRun
from finances.resync.request import request_resync
from tests.finances.resync.resyncing import NOW, resync

pytestmark = pytest.mark.django_db


def test_two_requests_make_one_run(admin):
    first = request_resync("all", now=NOW, by=admin)
    second = request_resync("all", now=NOW, by=admin)

    assert not first.already_running
    assert (second.run, second.already_running) == (first.run, True)
    assert ResyncRun.objects.count() == 1


def test_an_id_asked_for_with_its_type_is_the_same_run_as_without(admin):
    first = request_resync("cus_1234567890", now=NOW, by=admin)
    second = request_resync("customer:cus_1234567890", now=NOW, by=admin)

    assert second.already_running
    assert second.run == first.run


def test_a_run_that_ended_does_not_stand_in_the_way(stripe):
    assert resync("product") != resync("product")


def test_the_request_and_the_end_are_audited(stripe, admin):
    run = resync("product", by=admin, reason="Ticket 48213")

    entries = AuditEntry.objects.filter(action__startswith="paydesk.resync.").order_by("id")
    assert list(entries.values_list("action", "actor", "target")) == [
        ("paydesk.resync.requested", admin.pk, "product"),
        ("paydesk.resync.complete", None, "product"),
    ]
    assert (entries[0].detail, entries[0].personal.body) == ({"run": str(run.pk)}, {"reason": "Ticket 48213"})


@pytest.mark.guarantee("B6")
def test_a_key_that_was_pasted_as_a_reason_is_kept_nowhere(admin):
    key = "rk_live_" + "b" * 24

    run = request_resync("product", now=NOW, by=admin, reason=f"with {key}").run

    kept = f"{run.reason} {AuditEntry.objects.get(target='product').personal.body}"
    assert key not in kept
    assert kept.count("with ") == 2
