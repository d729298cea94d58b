"""A page of a list stands whole with its place and counts, or not at all, whatever the database refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from djstripe import models as djstripe

from finances.models import Customer, ObjectState, ObjectVersion, ResyncFinding, ResyncPart, ResyncRun
from finances.resync import findings
from finances.resync import run as running
from finances.resync.request import request_resync
from tests.finances.resync.resyncing import NOW, clock, ended
from tests.finances.resync.test_run import pages_of

pytestmark = pytest.mark.django_db

SIZE = 4
REFUSED, GONE_AWAY, CONFLICT = "23514", "57P01", "40001"


@contextmanager
def a_database_that_fails(event: str, when: str, code: str = REFUSED) -> Iterator[None]:
    """`event`: as a trigger names it. `when`: over the row as it would be. `code`: SQLSTATE."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER fails BEFORE {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION pg_temp.fail()"
            )
        else:
            # What is no function here is an OperationalError, as a database that has gone is.
            failing = "RAISE(ABORT, 'no')" if code == REFUSED else "it_went_away()"
            cursor.execute(f"CREATE TRIGGER fails BEFORE {event} WHEN {when} BEGIN SELECT {failing}; END")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            on = f" ON {event.split()[-1]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER fails{on}")
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION pg_temp.fail()")


def everyone(stripe) -> list[str]:
    """In the order of Stripe's list."""
    return [it["id"] for it in stripe.all("/v1/customers")]


def assert_here(ids: list[str]) -> None:
    """These customers and no others, in each of the tables."""
    expected = sorted(ids)
    assert sorted(Customer.objects.values_list("id", flat=True)) == expected
    assert sorted(djstripe.Customer.objects.values_list("id", flat=True)) == expected
    assert sorted(ObjectState.objects.filter(type="customer").values_list("pk", flat=True)) == expected
    versions = ObjectVersion.objects.filter(object_id__startswith="cus_")
    assert sorted(versions.values_list("object_id", flat=True)) == expected


def test_of_a_page_with_a_row_that_the_database_refuses_that_one_is_left_out_and_each_other_counts_once(
    stripe, monkeypatch
):
    pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    refused = ids[SIZE + 2]
    run = request_resync("customer", now=NOW).run

    with a_database_that_fails("INSERT ON paydesk_customer", f"NEW.id = '{refused}'"):
        run = ended(run)

    assert_here([each for each in ids if each != refused])
    assert (run.state, run.failed, run.done) == ("partial", 1, ObjectState.objects.exclude(type="account").count())
    assert run.findings.get(kind="failed").object_id == refused
    assert set(run.findings.filter(kind="new", object_type="customer").values_list("object_id", flat=True)) == {
        each for each in ids if each != refused
    }


def test_a_page_whose_counts_cannot_be_saved_is_not_written_and_the_run_says_which_objects(stripe, monkeypatch):
    pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    run = request_resync("customer", now=NOW).run
    part = running.claim_next(NOW)

    with a_database_that_fails("UPDATE OF done ON paydesk_resyncrun", f"NEW.done > {SIZE}"):
        running.work_on(part, clock)
        run.refresh_from_db()

    assert_here(ids[:SIZE])
    assert (run.state, run.done, run.new, run.failed) == ("partial", SIZE, SIZE, len(ids) - SIZE)
    assert set(run.findings.filter(kind="failed").values_list("object_id", flat=True)) == set(ids[SIZE:])
    assert set(run.findings.filter(kind="new").values_list("object_id", flat=True)) == set(ids[:SIZE])


def test_a_page_whose_place_cannot_be_saved_ends_the_part_as_failed(stripe, monkeypatch):
    pages_of(monkeypatch, SIZE)
    run = request_resync("customer", now=NOW).run
    part = running.claim_next(NOW)
    moved_on = "CAST(NEW.place AS text) LIKE '%after%' AND CAST(OLD.place AS text) LIKE '%after%'"

    with a_database_that_fails("UPDATE OF place ON paydesk_resyncpart", moved_on):
        running.work_on(part, clock)

    run.refresh_from_db()
    part.refresh_from_db()
    first = everyone(stripe)[:SIZE]
    assert (run.state, part.state, part.place["after"]) == ("partial", "failed", first[-1])
    assert "could not go on" in run.findings.get(object_id="all customers").problem
    assert_here(first)


@pytest.mark.guarantee("B2")
def test_where_the_database_goes_away_in_the_midst_of_a_page_nothing_of_it_stands_and_the_next_worker_reads_it(
    stripe, monkeypatch
):
    places = pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    run = request_resync("customer", now=NOW).run
    running.work_on(running.claim_next(NOW), clock, turn_is_over=lambda: True)
    part = running.claim_next(NOW)

    # By then the page's own rows are written, and the place and the counts with them.
    gone = a_database_that_fails("UPDATE OF done ON paydesk_resyncrun", "NEW.done > OLD.done", GONE_AWAY)
    with gone, pytest.raises(OperationalError):
        running.work_on(part, clock)

    run.refresh_from_db()
    part.refresh_from_db()
    assert_here(ids[:SIZE])
    assert (run.state, run.done, run.new, run.failed) == ("running", SIZE, SIZE, 0)
    assert (part.state, part.place["after"]) == ("running", ids[SIZE - 1])
    assert ResyncFinding.objects.filter(run=run).count() == SIZE

    places.clear()
    run = ended(run, NOW + timedelta(seconds=60))

    assert places[0] == ids[SIZE - 1], "none before it"
    assert_here(ids)
    assert (run.state, run.done, run.failed) == ("complete", ObjectState.objects.exclude(type="account").count(), 0)


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_a_page_that_lost_against_another_writer_is_tried_again(stripe, monkeypatch):
    pages_of(monkeypatch, SIZE)
    ids = everyone(stripe)
    run = request_resync("customer", now=NOW).run
    part = running.claim_next(NOW)

    with a_database_that_fails("UPDATE OF done ON paydesk_resyncrun", f"NEW.done > {SIZE}", CONFLICT):
        running.work_on(part, clock)

    part.refresh_from_db()
    assert (part.state, part.tries, part.place["after"]) == ("queued", 1, ids[SIZE - 1])
    assert "busy with other writers" in ResyncRun.objects.get().problem
    assert_here(ids[:SIZE])

    run = ended(run)

    assert_here(ids)
    assert (run.state, run.failed) == ("complete", 0)
    assert ResyncPart.objects.filter(run=run).exclude(state="done").count() == 0


def test_what_was_rolled_back_is_not_taken_for_named(stripe, monkeypatch):
    ids = everyone(stripe)
    monkeypatch.setattr(findings, "MOST_NEW", 2 * len(ids))
    run = request_resync("customer", now=NOW).run

    # All that the page's transaction does before is done by then, and then once more for each object.
    with a_database_that_fails("UPDATE OF state ON paydesk_resyncpart", "NEW.state = 'done'"):
        running.work_on(running.claim_next(NOW), clock)

    run.refresh_from_db()
    assert (run.state, run.new) == ("partial", ObjectState.objects.exclude(type="account").count())
    assert run.findings.filter(kind="new", object_type="customer").count() == len(ids)
