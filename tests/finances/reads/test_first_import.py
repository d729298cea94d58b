from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import ResyncPart, ResyncRun
from finances.reads.first_import import first_import
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_the_first_import")]


def a_run(**fields) -> ResyncRun:
    return ResyncRun.objects.create(**{"target": "all", "state": "running", "created_at": NOON} | fields)


def queries_of_one() -> int:
    with CaptureQueriesContext(connection) as queries:
        first_import()
    return len(queries)


def test_types_are_read_being_read_or_missing():
    run = a_run()
    states = {"customer": ["done"], "price": ["done", "queued"], "invoice": ["running"], "payout": ["queued"]}
    states["dispute"] = ["failed"]
    rows = [(type_name, state) for type_name, each in states.items() for state in each]
    for number, (type_name, state) in enumerate(rows):
        ResyncPart.objects.create(run=run, number=number, stage=number, step={"type": type_name}, state=state)

    found = first_import()

    assert (found.read, found.reading, found.missing) == (["customer"], ["price", "invoice"], ["payout", "dispute"])
    assert found.percent == 50


@pytest.mark.parametrize("state", ["queued", "paused"])
def test_one_that_waits_is_under_way_too(state):
    run = a_run(state=state)

    assert first_import().run == run


def test_after_a_complete_one_nobody_asks_again():
    a_run(state="complete")
    a_run(state="running")

    assert first_import() is None
    assert queries_of_one() == 0


@pytest.mark.parametrize("state", ["partial", "failed", "cancelled"])
def test_one_that_ended_without_everything_stays_until_one_is_complete(state):
    run = a_run(state=state, created_at=NOON - timedelta(hours=2))
    assert (first_import().run, first_import().unfinished) == (run, False)

    again = a_run(created_at=NOON - timedelta(hours=1))
    assert (first_import().run, first_import().unfinished) == (again, True)

    ResyncRun.objects.filter(pk=again.pk).update(state="complete")
    a_run(state="failed")
    assert first_import() is None


@pytest.mark.parametrize("fields", [{"target": "invoice"}, {"kind": "compare"}])
def test_nothing_else_is_a_first_import(fields):
    a_run(**fields)

    assert first_import() is None
    assert queries_of_one() == 1


def test_a_complete_run_of_less_is_not_everything():
    a_run(target="customer", state="complete")
    run = a_run()

    assert first_import().run == run
    assert queries_of_one() == 2
