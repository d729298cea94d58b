from datetime import timedelta

import pytest

from finances.models import Replay
from finances.reads.freshness import lag
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db


def test_we_are_behind_by_the_oldest_delivery_that_is_not_dealt_with():
    a_delivery(state="waiting", received_at=NOON)
    a_delivery(state="received", received_at=NOON + timedelta(minutes=1))
    a_delivery(state="processed", received_at=NOON - timedelta(days=1))

    assert lag().behind(NOON + timedelta(minutes=5)) == timedelta(minutes=5)


def test_what_people_put_back_does_not_make_us_late_unless_it_fails():
    replay = Replay.objects.create(asked_at=NOON)
    old = a_delivery(state="received", received_at=NOON - timedelta(days=5), replay=replay)
    assert lag().behind(NOON) is None

    old.state = "waiting"
    old.save()

    assert lag().behind(NOON) == timedelta(days=5)
