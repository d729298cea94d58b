"""docs/operate.md names every type that the mirror keeps, wherever an operator has to."""

import re
from pathlib import Path

import pytest

from finances.resync.plan import LISTED

TEXT = re.sub(r"\s+", " ", (Path(__file__).parents[1] / "docs/operate.md").read_text())
SENT_AS = {"subscription": "customer", "dispute": "charge"}
"""Types whose events are named after what they belong to."""
NO_EVENTS = {"balance_transaction", "customer_balance_transaction"}


def between(begin: str, end: str) -> str:
    text = TEXT[TEXT.index(begin) + len(begin) :]
    return text[: text.index(end)]


def test_the_key_needs_read_access_to_each_type():
    named = between("restricted one with read access to:", "Where one is missing").split(", the account")[0]

    assert named.strip().split(", ") == [name.replace("_", " ") + "s" for name in LISTED]


def test_a_resync_takes_each_type():
    assert re.findall(r"`(\w+)`", between("a Stripe id with what hangs on it; a type (", ")")) == list(LISTED)


@pytest.mark.parametrize("name", sorted(set(LISTED) - NO_EVENTS))
def test_stripe_is_told_to_send_the_events_of_each_type(name):
    asked_for = re.findall(r"`(\w+)\.\*`", between("one webhook endpoint, with at least", "Other types are"))

    assert SENT_AS.get(name, name) in asked_for
