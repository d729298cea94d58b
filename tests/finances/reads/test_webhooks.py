from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.configuration import PINNED_API_VERSION
from finances.models import Replay
from finances.reads import webhooks
from finances.reads.delivery import delays
from finances.reads.keyset import capped_count, page
from finances.reads.webhooks import NEWEST_FIRST, Conditions, delay, deliveries_matching
from tests.factories import NOON, a_customer, a_delivery

pytestmark = pytest.mark.django_db


def found(**conditions) -> set[str]:
    return set(deliveries_matching(Conditions(**conditions)).values_list("pk", flat=True))


def test_conditions_survive_being_kept_as_json():
    every = Conditions(
        event_id="evt_1",
        state="waiting",
        type="invoice.*",
        about="in_1",
        object_id="AUTUMN",
        customers=("cus_1", "cus_2"),
        cut=True,
        reason="Stripe",
        received_from=NOON,
        received_until=NOON + timedelta(days=1),
        min_delay=timedelta(seconds=1.5),
        api_version="other",
        found_by="missed",
    )

    assert Conditions.from_json(every.as_json()) == every
    assert Conditions().as_json() == {}
    assert Conditions.from_json({"of a later release": 1}) == Conditions()


def test_times_bound_from_the_first_moment_to_before_the_last():
    for minutes in (-1, 0, 1, 2):
        a_delivery(event_id=f"evt_{minutes}", received_at=NOON + timedelta(minutes=minutes))

    assert found(received_from=NOON, received_until=NOON + timedelta(minutes=2)) == {"evt_0", "evt_1"}


def test_a_delay_counts_from_stripes_event_to_the_end_and_what_has_no_end_has_none():
    for seconds in (59, 60, 3600):
        a_delivery(event_id=f"evt_{seconds}", processed_at=NOON + timedelta(seconds=seconds))
    a_delivery(event_id="evt_open", state="waiting", processed_at=None)

    assert found(min_delay=timedelta(seconds=60)) == {"evt_60", "evt_3600"}


@pytest.mark.parametrize(
    "fields", [{"state": "quarantined"}, {"state": "ignored"}, {"state": "waiting", "processed_at": None}]
)
def test_what_was_not_processed_has_no_delay(fields):
    row = a_delivery(**{"processed_at": NOON + timedelta(hours=1)} | fields)

    assert delay(row) is None
    assert found(min_delay=timedelta(seconds=1)) == set()
    assert (delays(row).here, delays(row).whole) == (None, None)


def test_what_was_replayed_has_none_since_people_began_its_processing():
    replay = Replay.objects.create(asked_at=NOON)
    row = a_delivery(processed_at=NOON + timedelta(days=3), replay=replay)
    usual = a_delivery(event_id="evt_usual", processed_at=NOON + timedelta(seconds=2))

    assert (delay(row), delay(usual)) == (None, timedelta(seconds=2))
    assert found(min_delay=timedelta(seconds=1)) == {"evt_usual"}
    assert delays(row).here is None


def test_other_versions_are_those_that_say_so():
    for version in ("", PINNED_API_VERSION, "2020-08-27"):
        a_delivery(event_id=f"evt_{version}", api_version=version)

    assert found(api_version="other") == {"evt_2020-08-27"}


def test_a_percent_sign_in_a_reason_is_a_percent_sign():
    a_delivery(event_id="evt_1", state="quarantined", reason="100% wrong")
    a_delivery(event_id="evt_2", state="quarantined", reason="100 wrong")

    assert found(reason="100%") == {"evt_1"}


def test_words_become_the_customers_that_they_mean_now():
    customer = a_customer(search_text="nordlicht verlag")
    a_delivery(event_id="evt_1", customer_id=customer.pk)
    a_delivery(event_id="evt_2", customer_id="cus_other")

    resolved = Conditions(about="NORDLICHT").resolved()

    assert (resolved.about, resolved.customers) == ("", (customer.pk,))
    assert found(about="Nordlicht") == found(customers=resolved.customers) == {"evt_1"}
    assert not deliveries_matching(Conditions(about="nobody has this").resolved()).exists()
    assert Conditions(about="in_1").resolved() == Conditions(about="in_1")


@pytest.mark.parametrize("chosen", ["AUTUMN", "autumn-2026", "Herbst Rabatt", "12"])
def test_an_id_that_somebody_chose_is_one_where_an_event_of_it_is_here(chosen):
    customer = a_customer(search_text=f"{chosen.lower()} verlag")
    a_delivery(event_id="evt_1", object_id=chosen, object_type="coupon")
    a_delivery(event_id="evt_2", object_id="in_2", customer_id=customer.pk)

    resolved = Conditions(about=f" {chosen} ").resolved()

    assert (resolved.about, resolved.object_id, resolved.customers) == ("", chosen, ())
    assert found(about=chosen) == {"evt_1"}
    assert found(about=f"{chosen} verlag") == {"evt_2"}


def test_words_that_mean_more_customers_than_are_taken_say_so(monkeypatch):
    monkeypatch.setattr(webhooks, "MOST_CUSTOMERS", 2)
    ids = [a_customer(name="Nordlicht", created_at=NOON + timedelta(minutes=minute)).pk for minute in range(3)]

    cut, whole = Conditions(about="Nordlicht").resolved(), Conditions(about=f"Nordlicht {ids[0]}").resolved()

    assert (cut.customers, cut.cut) == ((ids[2], ids[1]), True)
    assert (whole.customers, whole.cut) == ((ids[0],), False)


@pytest.mark.parametrize(
    ("conditions", "most"), [({"state": "waiting", "type": "invoice.*"}, 1), ({"about": "Nordlicht"}, 3)]
)
def test_a_count_and_a_page_cost_one_query_and_two_more_for_words(conditions, most):
    a_customer(search_text="nordlicht")

    for ask in (
        lambda it: capped_count(deliveries_matching(it)),
        lambda it: page(deliveries_matching(it), order=NEWEST_FIRST),
    ):
        with CaptureQueriesContext(connection) as queries:
            ask(Conditions(**conditions))
        assert len(queries) == most
