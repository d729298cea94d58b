from datetime import timedelta

from django.utils import timezone

from dashboard.tables.timeline import HAPPENED, days_of
from finances.models import Delivery
from tests.factories import NOON


def a_row(hours_ago: int, event_type: str = "invoice.paid", state: str = "processed") -> Delivery:
    return Delivery(
        event_id=f"evt_{hours_ago}", event_type=event_type, state=state, created_at=NOON - timedelta(hours=hours_ago)
    )


def test_events_are_words_under_their_day() -> None:
    days = days_of([a_row(1), a_row(24, "invoice.payment_failed"), a_row(48, "customer.tax_id.created")], NOON)

    assert [day.name for day in days] == ["Today", "Yesterday", "Wednesday, 18 November"]
    assert [day.happenings[0].words for day in days] == [
        "Invoice paid",
        "Payment of the invoice failed",
        "Customer tax id created",
    ]


def test_what_is_not_done_says_so() -> None:
    (day,) = days_of([a_row(1, state="quarantined"), a_row(2)], NOON)

    assert [each.qualifier for each in day.happenings] == ["quarantined here", ""]


def test_good_news_that_were_put_aside_are_not_good() -> None:
    (day,) = days_of([a_row(1, state="quarantined"), a_row(2, state="waiting"), a_row(3)], NOON)

    assert [each.tone for each in day.happenings] == ["negative", "positive", "positive"]


def test_days_are_the_viewers() -> None:
    with timezone.override("Pacific/Auckland"):
        assert [day.name for day in days_of([a_row(0), a_row(2)], NOON)] == ["Today", "Yesterday"]


def test_an_invoices_events_are_not_called_like_its_payments() -> None:
    """They stand side by side on a customer's timeline."""
    said: dict[str, list[str]] = {}
    for event_type, (_, words) in HAPPENED.items():
        said.setdefault(words, []).append(event_type)

    alike = {words: types for words, types in said.items() if len(types) > 1}
    assert alike == {"Refund changed": ["charge.refund.updated", "refund.updated"]}
