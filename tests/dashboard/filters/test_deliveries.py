from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard.filters.deliveries import DeliveriesFilter
from finances.models import Delivery
from finances.reads.webhooks import Conditions
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def filters(query: str) -> DeliveriesFilter:
    return DeliveriesFilter(QueryDict(query), Delivery.objects.all(), now=NOON)


def test_days_are_the_viewers_and_the_last_one_is_whole():
    with timezone.override("Europe/Berlin"):
        read = filters("received_from=2026-11-20&received_to=2026-11-21").conditions

    assert read.received_from == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert read.received_until == datetime(2026, 11, 21, 23, tzinfo=UTC)


def test_what_does_not_read_is_left_out_and_said():
    read = filters("delay=NaN&comparison=x&version=a b&event=a'b&type=invoice.*")

    assert read.conditions == Conditions(type="invoice.*")
    assert len(list(read.left_out())) == 4


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        ("delay=1.5", Conditions(min_delay=timedelta(seconds=1.5))),
        ("delay=0", Conditions()),
        ("found=missed", Conditions(found_by="missed")),
        ("found=any&comparison=7", Conditions(found_by="7")),
        ("q=in_1&event=evt_1", Conditions(about="in_1", event_id="evt_1")),
    ],
)
def test_each_parameter_is_one_condition(query, conditions):
    assert filters(query).conditions == conditions


@pytest.mark.parametrize(
    ("typed", "parameters"),
    [
        ("state:waiting type:Invoice.* in_1", {"state": "waiting", "type": "Invoice.*", "q": "in_1"}),
        ("received:2026-11", {"received_from": "2026-11-01", "received_to": "2026-11-30"}),
        ("status:Quarantined delay:5", {"state": "quarantined", "delay": "5"}),
    ],
)
def test_terms_are_parameters_of_which_a_replay_takes_the_same_ones(typed, parameters):
    asked = QueryDict(mutable=True)
    asked["q"] = typed

    meant = DeliveriesFilter.meant(asked)

    assert meant.dict() == parameters
    assert not list(DeliveriesFilter(meant, Delivery.objects.all(), now=NOON).left_out())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-state:waiting", "-state:waiting cannot be asked for together with the rest; it was left out."),
        ("-delay:5", "-delay:5 cannot be asked for together with the rest; it was left out."),
        ("-invoice", "-invoice: this search leaves nothing out; the word was ignored."),
        ("-state:done", "State: done is not known here; it was left out."),
        ('metadata["a"]:b', "metadata: is no search word here; it was left out."),
        ("reason~network", "reason: cannot be asked for by ~ here; it was left out."),
    ],
)
def test_what_no_parameter_says_is_left_out_and_said(typed, sentence):
    asked = QueryDict(mutable=True)
    asked["q"] = typed

    read = DeliveriesFilter(DeliveriesFilter.meant(asked), Delivery.objects.all(), now=NOON)

    assert list(read.left_out()) == [sentence]
    assert read.conditions == Conditions()
    assert read.chips() == []


def test_a_second_value_of_a_parameter_is_said():
    asked = QueryDict(mutable=True)
    asked["q"] = "delay:5 delay:6"

    read = DeliveriesFilter(DeliveriesFilter.meant(asked), Delivery.objects.all(), now=NOON)

    assert list(read.left_out()) == ["delay:6 cannot be asked for together with the rest; it was left out."]
    assert read.conditions == Conditions(min_delay=timedelta(seconds=5))
