from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dashboard.tables.overview import concerns, per_cent, shown_recurring
from finances.metrics.mrr import Point, Recurring
from finances.reads.freshness import Lag
from finances.reads.overview import Attention, Open

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CALM = Attention([], [], 0, None, 0, 0, Lag(NOW - timedelta(minutes=3), None))


def said(found: Attention) -> dict[str, tuple[str, str, str]]:
    return {each.key: (each.number, each.tone, each.remark.words) for each in concerns(found, NOW)}


def test_good_news_is_said_too():
    assert said(CALM) == {
        "failed": ("0", "positive", "none of the last 7 days is still unpaid"),
        "past_due": ("0", "positive", "no invoice is past due"),
        "disputes": ("0", "positive", "no dispute needs an answer"),
        "quarantined": ("0", "positive", "every webhook could be processed"),
        "lag": ("0 s", "positive", "in step; last event"),
    }


def test_what_is_wrong_is_counted_over_all_currencies_and_never_added():
    late = [Open("eur", 3, 8700), Open("jpy", 2, 5000), Open("kwd", 1, 1500)]
    found = Attention(late, late[:2], 2, NOW + timedelta(days=1), 4, 1, Lag(NOW, NOW - timedelta(minutes=7)))

    assert said(found) == {
        "failed": ("6", "urgent", "of the last 7 days, still unpaid: 87.00 EUR, 5,000 JPY and 1 more currency"),
        "past_due": ("5", "urgent", "87.00 EUR and 5,000 JPY not paid"),
        "disputes": ("2", "urgent", "the first is due"),
        "quarantined": ("1", "negative", "put aside after 8 tries; 4 wait for the next try"),
        "lag": ("7 min", "warning", "the oldest webhook that is not processed"),
    }


def test_a_dispute_with_time_left_is_no_emergency():
    found = Attention([], [], 1, NOW + timedelta(days=10), 0, 0, CALM.lag)

    assert said(found)["disputes"] == ("1", "warning", "the first is due")


def test_before_the_first_webhook_the_lag_is_not_known():
    found = Attention([], [], 0, None, 0, 0, Lag(None, None))

    assert said(found)["lag"] == ("–", "neutral", "no webhook has come yet")


def test_recurring_revenue_says_which_way_it_went():
    now, before = Point(Decimal(9500), 3, 0), Point(Decimal(10000), 3, 0)
    month = NOW.date().replace(day=1)

    (row,) = shown_recurring([Recurring("eur", ((month, now),), before)])

    assert (row.change, row.direction, row.per_cent) == ("5.00", "down", "−5.0 %")


def test_nothing_before_has_no_percentage():
    assert per_cent(Decimal(100), Decimal(0)) == ""
    assert per_cent(Decimal(0), Decimal(100)) == "0.0 %"
