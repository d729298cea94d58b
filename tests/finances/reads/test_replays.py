from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.models import Replay, ReplayedDelivery
from finances.reads.replays import replay_progress, replay_results
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db


def a_replay(*states: str, **fields) -> Replay:
    replay = Replay.objects.create(**{"asked_at": NOON, "started_at": NOON, "state": "running"} | fields)
    for state in states:
        ReplayedDelivery.objects.create(replay=replay, delivery=a_delivery(), state=state, at=NOON)
    return replay


def test_progress_is_of_the_estimate_until_all_are_spread():
    replay = a_replay("processed", "quarantined", "", total=3, skipped=2, estimate=12)

    early = replay_progress(replay, NOON + timedelta(seconds=10))
    replay.spread = True
    late = replay_progress(replay, NOON + timedelta(seconds=10))

    assert (early.expected, early.done, early.percent, early.left) == (10, 2, 20, timedelta(seconds=40))
    assert (late.expected, late.percent, late.processed, late.quarantined) == (3, 66, 1, 1)


def test_before_the_end_it_is_never_whole_and_at_the_end_it_is():
    replay = a_replay("processed", total=1, spread=True)

    assert replay_progress(replay, NOON).percent == 99
    replay.state, replay.finished_at = "complete", NOON
    assert (replay_progress(replay, NOON).percent, replay_progress(replay, NOON).unfinished) == (100, False)


def test_results_are_parted_by_what_became_of_them_in_a_constant_number_of_queries():
    replay = a_replay("processed", "ignored", "quarantined", "")

    with CaptureQueriesContext(connection) as queries:
        results = replay_results(replay)
        shown = [len(each) for each in (results.failures, results.pending, results.done)]
        [each.delivery.event_type for each in (*results.failures, *results.pending, *results.done)]

    assert shown == [1, 1, 2]
    assert len(queries) <= 5
