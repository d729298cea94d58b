from typing import Any

import pytest

from dashboard.tables.comparison import NOWHERE_ELSE, groups, lines, summary, why_it_matters
from finances.models import ResyncFinding, ResyncRun
from finances.reads.comparison import Comparison, Found
from tests.factories import NOON


def found(kind: str = "changed", *, since: bool = False, **fields: Any) -> Found:
    row = {
        "object_id": "cus_1",
        "object_type": "customer",
        "found_at": NOON,
        "stands": True,
        "differences": [{"field": "name"}],
    }
    finding = ResyncFinding(kind=kind, **row | fields)
    return Found(finding, NOON.replace(hour=13) if since else None, by_webhook=False, by_resync=False, event=None)


def comparison(*of: Found, open_count: int | None = None) -> Comparison:
    opened = sum(each.is_open for each in of) if open_count is None else open_count
    return Comparison(of, len(of), opened, [], 0, {}, None, None)


def said(*of: Found, state: str = "complete", open_count: int | None = None):
    return summary(ResyncRun(state=state, done=11, changed=2), comparison(*of, open_count=open_count), groups(of))


def test_amounts_and_times_are_said_in_words_beside_what_is_stored():
    amount, time = lines(
        "invoice",
        [
            {"field": "amount_due", "before": 5000, "after": 152796, "currency": "jpy"},
            {"field": "due_date", "before": None, "after": 1795423250},
        ],
    )

    assert (amount.before_means, amount.after_means) == ("5,000 JPY", "152,796 JPY")
    assert (time.before_means, time.after_means) == ("", "23 Nov 2026, 08:40:50 UTC")


@pytest.mark.parametrize(
    ("object_type", "field", "why"),
    [
        ("customer", "invoice_settings.default_payment_method", "Which method is shown as their default."),
        ("customer", "invoice_settings.footer", ""),
        ("subscription", "items.data[0].quantity", "Plan, quantity, period and monthly value."),
        ("invoice", "status_transitions.paid_at", "When it was finalized and paid: revenue by month."),
        ("customer", "metadata.name", ""),
        ("refund", "currency", "In which currency sums count it."),
        ("customer", "Customer.email", "Lists and sums read this column."),
        ("invoice", "InvoiceLine[il_1].amount", "Lists and sums read this column."),
    ],
)
def test_why_it_matters_is_said_of_fields_that_lists_and_sums_use(object_type, field, why):
    assert why_it_matters(object_type, field) == why


def test_of_other_fields_it_is_said_that_nothing_uses_them_where_we_know_that():
    ours, theirs = lines("customer", [{"field": "metadata.crm"}]), lines("payout", [{"field": "metadata.crm"}])

    assert (ours[0].why, theirs[0].why) == (NOWHERE_ELSE, "")


def test_a_secret_is_marked_to_be_left_out():
    assert lines("payment_intent", [{"field": "client_secret", "before": "a", "after": "b"}])[0].secret


def test_the_button_says_how_many_fields_are_taken_over():
    assert said(found(), found(object_id="cus_2")).take == "Take over 2 fields from Stripe"
    assert said(found()).badge == "1 field differs"


def test_or_how_many_objects_where_one_side_lacks_one_or_not_all_are_shown():
    assert said(found(), found("new", object_id="cus_2")).take == "Take over 2 objects from Stripe"
    assert said(found(), open_count=740).take == "Take over 740 objects from Stripe"


def test_what_was_taken_over_leaves_nothing_to_do():
    done = said(found(since=True))

    assert (done.take, done.badge, done.tone) == ("", "Taken over", "positive")


def test_no_difference_is_the_same_only_when_all_of_it_was_compared():
    assert said().badge == "The same"
    assert said(state="partial").badge == ""
    assert (said().equal, said().compared) == (9, 11)


def test_an_object_without_an_address_of_its_own_has_nothing_that_takes_it_over():
    alone = found(object_id="cbtxn_1", object_type="customer_balance_transaction")

    assert [group.target for group in groups([alone, found()])] == ["", "cus_1"]
