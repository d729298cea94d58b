import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.reads import failing as module
from finances.reads.failing import beginning, failing
from tests.factories import a_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reason", "start"),
    [
        ("Stripe could not be reached. Check it.", "Stripe could not be reached. Check it."),
        ("Stripe refused the call with HTTP 400 (no code). Look.", "Stripe refused the call with HTTP"),
        ("Paydesk could not store what Stripe answered (KeyError).", "Paydesk could not store what Stripe answered"),
        ("The key in STRIPE_TEST_SECRET_KEY may not read it.", "The key in STRIPE_TEST_SECRET_KEY may not read it."),
        ("8 workers ended while they processed it.", "8 workers ended while they processed it."),
    ],
)
def test_reasons_are_alike_up_to_what_varies(reason, start):
    assert beginning(reason) == start


def test_groups_count_both_states_the_largest_first_and_no_others():
    for number in range(3):
        a_delivery(state="waiting", reason=f"Stripe refused the call with HTTP {number}.")
    a_delivery(state="quarantined", reason="Stripe could not be reached.")
    a_delivery(state="ignored", reason="It is of live mode; this deployment is in test mode.")

    found = failing()

    assert [(each.reason, each.whole, each.quarantined, each.waiting) for each in found.groups] == [
        ("Stripe refused the call with HTTP", False, 0, 3),
        ("Stripe could not be reached.", True, 1, 0),
    ]
    assert not found.cut


def test_it_says_when_it_did_not_read_them_all(monkeypatch):
    monkeypatch.setattr(module, "MOST_READ", 2)
    for _ in range(3):
        a_delivery(state="quarantined", reason="Stripe could not be reached.")

    with CaptureQueriesContext(connection) as queries:
        found = failing()

    assert (found.groups[0].count, found.cut, len(queries)) == (2, True, 2)
