"""Which part of a run is worked on next: several types at once, each after what it cannot do without."""

from datetime import timedelta

import pytest

from finances.models import Customer, ResyncPart
from finances.resync import run as running
from finances.resync.claiming import claim_next, is_at_work_in_bulk, is_shared, next_due_at
from finances.resync.ending import end_part
from finances.resync.request import request_resync
from finances.resync.steps import BESIDE, LINKING, STAGE
from tests.finances.resync.resyncing import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return request_resync("all", now=NOW).run


def claimed(number: int) -> list[ResyncPart]:
    found = [claim_next(NOW) for _ in range(number)]
    return [part for part in found if part]


def named(parts: list[ResyncPart]) -> list[str]:
    return [part.step["type"] for part in parts]


def end(parts: list[ResyncPart]) -> None:
    for part in parts:
        end_part(part, NOW)


def test_nothing_is_read_before_what_it_points_at(run):
    first = claimed(50)

    assert {STAGE[each] for each in named(first)} == {0}


def test_payment_methods_keep_nobody_waiting_but_the_linking(run):
    end(claimed(50))
    second = claimed(50)
    methods = [part for part in second if part.step["type"] == BESIDE]
    assert len(methods) == 1

    reached = set()
    rest = [part for part in second if part not in methods]
    while rest:
        end(rest)
        rest = claimed(50)
        reached |= {part.stage for part in rest}
    assert reached == set(range(2, LINKING))

    end(methods)
    linking = claimed(50)
    assert {part.stage for part in linking} == {LINKING}
    assert all(part.step["links"] for part in linking)
    end(linking)
    run.refresh_from_db()
    assert run.state == "complete"


def test_the_type_that_the_fewest_work_on_is_the_next(run):
    ResyncPart.objects.filter(run=run).delete()
    steps = ["invoice"] * 3 + ["charge"] * 2 + ["subscription_schedule"]
    ResyncPart.objects.bulk_create(
        ResyncPart(run=run, number=number, stage=3, step={"type": each, "filters": {}})
        for number, each in enumerate(steps)
    )

    assert named(claimed(6)) == ["invoice", "charge", "subscription_schedule", "invoice", "charge", "invoice"]


def test_who_died_at_work_on_a_type_does_not_count(run):
    first = claimed(1)
    later = NOW + timedelta(hours=1)

    again = claim_next(later)

    assert again is not None
    assert again.pk == first[0].pk


def test_the_next_time_is_that_of_a_part_whose_stage_has_come(run):
    assert next_due_at() is None
    ResyncPart.objects.filter(stage__gt=0).update(next_try_at=NOW)
    ResyncPart.objects.filter(stage=0).update(next_try_at=NOW + timedelta(minutes=1))

    assert next_due_at() == NOW + timedelta(minutes=1)


def test_a_run_is_shared_while_parts_wait_for_those_at_work(run):
    assert not is_shared(NOW)
    first = claimed(50)
    assert is_shared(NOW)
    assert not is_shared(NOW + timedelta(hours=1))

    end(first)

    assert not is_shared(NOW)  # what is due is claimed, not waited for


@pytest.mark.parametrize(("target", "kind", "expected"), [
    ("all", "resync", True),
    ("all", "compare", False),
    ("cus_1", "resync", False),
])  # fmt: skip
def test_work_in_bulk_is_what_writes_and_nobody_waits_for(target, kind, expected):
    request_resync(target, now=NOW, kind=kind)
    assert not is_at_work_in_bulk(NOW)

    claimed(1)

    assert is_at_work_in_bulk(NOW) is expected


@pytest.mark.guarantee("B2")
def test_a_worker_whose_part_was_taken_over_writes_nothing_of_the_page_in_hand(stripe):
    run = request_resync("customer", now=NOW).run
    slow = claim_next(NOW)
    taken = claim_next(NOW + timedelta(minutes=1))
    assert slow
    assert taken
    assert slow.pk == taken.pk

    running.work_on(slow, lambda: NOW)

    part = ResyncPart.objects.get(pk=taken.pk)
    run.refresh_from_db()
    assert (part.state, part.claim, part.place) == ("running", taken.claim, {})
    assert (run.done, Customer.objects.count()) == (0, 0)
