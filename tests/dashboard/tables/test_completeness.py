"""What is said of a type's completeness: never more than is known."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.tables.completeness import lost_remark, month_bounds, sample_sentence, summary, type_rows, verdict
from finances.models import MissingScope, ResyncRun
from finances.reads.completeness import Month, OfType, Sample
from finances.reads.turned_null import TurnedNull

READ = datetime(2026, 11, 20, tzinfo=UTC)
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
WHOLE = Month(NOVEMBER, 5, listed=5, verified_at=READ)


def month(first: date, here: int, **fields) -> Month:
    return Month(first, here, verified_at=READ, **fields)


@pytest.mark.parametrize(
    ("of", "tone", "word", "remark"),
    [
        (OfType("invoice", [WHOLE]), "positive", "Complete", "as of"),
        (OfType("invoice", []), "neutral", "Never verified", "a resync or a comparison of all of them counts them"),
        (
            OfType("invoice", [Month(OCTOBER, 5)]),
            "neutral",
            "Never verified",
            "a resync or a comparison of all of them counts them",
        ),
        (
            OfType("payment_method", [Month(OCTOBER, 5)], by_owner=True),
            "neutral",
            "Not counted",
            "Stripe lists them for one customer at a time",
        ),
        (OfType("invoice", [month(NOVEMBER, 5, listed=8)]), "warning", "3 missing", "as of"),
        (
            OfType("invoice", [month(NOVEMBER, 6, listed=5, found_gone=1)]),
            "warning",
            "1 gone at stripe and still here",
            "as of",
        ),
        (
            OfType("invoice", [month(NOVEMBER, 5, listed=6), month(OCTOBER, 9, listed=7)]),
            "warning",
            "1 missing",
            "2 here that Stripe did not list, as of",
        ),
        (
            OfType("invoice", [WHOLE, Month(OCTOBER, 5)]),
            "info",
            "Complete in part",
            "1 month never read whole, the others as of",
        ),
        (OfType("invoice", [Month(DECEMBER, 5), WHOLE]), "positive", "Complete", "as of"),
        (
            OfType("invoice", [WHOLE], undated=2),
            "info",
            "Complete in part",
            "2 here without a time of creation, the others as of",
        ),
    ],
)
def test_complete_is_said_only_where_nothing_speaks_against_it(of, tone, word, remark):
    found = verdict(of)

    assert (found.tone, found.word.lower(), found.remark.words) == (tone, word.lower(), remark)


def test_what_the_key_may_not_read_is_never_complete():
    refused = MissingScope(type="invoice", sentence="No.", advice="Give the key read access.", noticed_at=READ)

    found = verdict(OfType("invoice", [WHOLE], refused=refused))

    assert (found.tone, found.word) == ("negative", "Not readable with this key")
    assert found.remark.words == "Give the key read access."


def test_it_is_as_of_the_month_that_was_read_longest_ago():
    older = Month(OCTOBER, 5, listed=5, verified_at=READ - timedelta(days=40))

    assert verdict(OfType("invoice", [WHOLE, older])).remark.at == READ - timedelta(days=40)


def test_numbers_of_what_nobody_counted_are_dashes():
    counted, unknown = type_rows(
        [OfType("invoice", [month(NOVEMBER, 9, listed=6, since=3)]), OfType("refund", [Month(OCTOBER, 2)])]
    )

    assert (counted.name, counted.listed, counted.here, counted.since, counted.missing) == (
        "Invoices",
        "6",
        "9",
        "3",
        "0",
    )
    assert (unknown.listed, unknown.here, unknown.since, unknown.missing) == ("–", "2", "", "–")
    assert summary([counted, unknown]) == "1 of 2 types complete"


def test_a_month_is_two_days_in_utc():
    assert month_bounds(DECEMBER) == {"since": "2026-12-01", "until": "2027-01-01"}


@pytest.mark.parametrize(
    ("fields", "tone", "sentence"),
    [
        ({"done": 812}, "positive", "812 objects of 18 types compared, none differs."),
        ({"done": 812, "changed": 1}, "warning", "812 objects of 18 types compared, 1 differs."),
        ({"done": 812, "changed": 1, "new": 1, "gone": 1}, "warning", "812 objects of 18 types compared, 3 differ."),
        (
            {"done": 1, "failed": 4, "state": "partial"},
            "warning",
            "1 object of 18 types compared, none differs, 4 could not be compared.",
        ),
        ({"done": 40, "state": "running"}, "info", "40 objects of 18 types compared so far."),
        ({"done": 40, "state": "failed"}, "warning", "40 objects of 18 types compared, then it was given up."),
    ],
)
def test_a_sample_says_what_it_found(fields, tone, sentence):
    run = ResyncRun(kind="compare", target="sample", **{"state": "complete", "created_at": READ} | fields)

    assert sample_sentence(Sample(run, types=18)) == (tone, sentence)


def test_a_field_that_only_ever_turned_null_is_told_apart():
    assert lost_remark(TurnedNull("invoice", "charge", 4, 4, READ)) == "never to another value"
    assert lost_remark(TurnedNull("invoice", "due_date", 4, 1200, READ)) == "of 1,200 in which it changed"
