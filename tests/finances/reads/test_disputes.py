from datetime import timedelta

import pytest

from finances.models import Dispute
from finances.reads import disputes as reads
from finances.reads.disputes import dispute_rows, dispute_sums, last_decision, newest_disputes, pressing_first, standing
from tests.factories import NOON, a_charge, a_customer, a_delivery, a_dispute, a_payment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def charge():
    return a_charge(a_payment(a_customer()))


def test_what_waits_for_an_answer_comes_first_by_its_deadline(charge) -> None:
    won = a_dispute(charge, status="won", evidence_due_at=None, created_at=NOON + DAY)
    later = a_dispute(charge, evidence_due_at=NOON + 9 * DAY)
    sooner = a_dispute(charge, status="warning_needs_response", evidence_due_at=NOON + DAY, created_at=NOON - 9 * DAY)
    without_day = a_dispute(charge, evidence_due_at=None)
    lost = a_dispute(charge, status="lost", created_at=NOON + 2 * DAY)

    page = pressing_first(newest_disputes(), after=None, before=None)
    assert page.rows == [sooner, later, without_day, lost, won]


def test_no_dispute_is_left_out_or_doubled_over_the_pages(charge, monkeypatch) -> None:
    monkeypatch.setattr(reads, "MOST_FIRST", 2)
    everything = {a_dispute(charge).id for _ in range(5)}
    everything |= {a_dispute(charge, status="won", created_at=NOON - DAY).id for _ in range(110)}
    seen: list[str] = []
    after = None
    while True:
        page = pressing_first(newest_disputes(), after=after, before=None)
        seen += [row.id for row in page.rows]
        after = page.older
        if not after:
            break

    assert len(seen) == len(everything) == 115
    assert set(seen) == everything
    assert pressing_first(newest_disputes(), after=None, before=page.newer).newer is not None


@pytest.mark.parametrize(
    ("status", "under"),
    [
        ("needs_response", {"needs_response"}),
        ("warning_needs_response", {"needs_response", "warnings"}),
        ("warning_under_review", {"warnings"}),
        ("warning_closed", {"warnings"}),
        ("under_review", {"under_review"}),
        ("won", {"won"}),
        ("lost", {"lost"}),
        ("prevented", {"prevented"}),
    ],
)
def test_each_status_stands_under_its_tabs(charge, status: str, under: set[str]) -> None:
    a_dispute(charge, status=status)

    tabs = ("needs_response", "under_review", "won", "lost", "warnings", "prevented")
    assert {tab for tab in tabs if Dispute.objects.filter(standing(tab)).exists()} == under


def test_a_row_takes_the_customer_of_its_charge(charge) -> None:
    (row,) = dispute_rows([a_dispute(charge, customer_id="")])

    assert row.customer is not None
    assert row.customer.id == charge.customer_id


def test_sums_tell_what_was_lost_per_currency(charge) -> None:
    a_dispute(charge, amount=100, status="lost")
    a_dispute(charge, amount=200)
    a_dispute(charge, amount=5, currency="jpy")

    sums = dispute_sums(newest_disputes())
    assert sums is not None
    assert [(each.currency, each.disputes, each.amount, each.lost) for each in sums] == [
        ("eur", 2, 300, 100),
        ("jpy", 1, 5, 0),
    ]


def test_the_last_decision_is_dated_by_stripes_word_and_not_by_its_beginning(charge) -> None:
    assert last_decision() is None
    a_dispute(charge, status="lost", created_at=NOON - 9 * DAY)
    won = a_dispute(charge, status="won", created_at=NOON - 5 * DAY)
    a_dispute(charge)

    decision = last_decision()
    assert decision is not None
    assert (decision.dispute, decision.at) == (won, None)
    a_delivery(object_id=won.id, event_type="charge.dispute.closed", created_at=NOON - DAY)
    decision = last_decision()
    assert decision is not None
    assert decision.at == NOON - DAY
