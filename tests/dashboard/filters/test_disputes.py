from datetime import timedelta

from django.http import QueryDict

from dashboard.filters.disputes import DisputesFilter
from finances.models import Dispute
from finances.reads.disputes import newest_disputes
from tests.factories import NOON, a_charge, a_customer, a_dispute, a_payment


def found(query: str) -> list[Dispute]:
    return list(DisputesFilter(QueryDict(query), newest_disputes(), now=NOON).qs)


def test_inquiries_stand_under_their_own_tab_and_under_what_needs_an_answer(db) -> None:
    charge = a_charge(a_payment(a_customer()))
    inquiry = a_dispute(charge, status="warning_needs_response", created_at=NOON + timedelta(days=1))
    dispute = a_dispute(charge)
    a_dispute(charge, status="won")

    assert found("status=needs_response") == [inquiry, dispute]
    assert found("status=warnings") == [inquiry]


def test_a_deadline_takes_in_the_whole_of_its_day(db) -> None:
    charge = a_charge(a_payment(a_customer()))
    dispute = a_dispute(charge, evidence_due_at=NOON.replace(day=27, hour=22))
    a_dispute(charge, evidence_due_at=NOON.replace(day=29))
    a_dispute(charge, evidence_due_at=None)

    assert found("due_to=2026-11-27") == [dispute]
