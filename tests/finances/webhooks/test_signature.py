"""Which of the secrets it was, how old it is; and that every comparison is made whatever the first ones said."""

import hmac
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from finances.webhooks.signature import verify
from tests.finances.webhooks.conftest import signed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CURRENT, PREVIOUS = ("whsec_" + secrets.token_hex(16) for _ in range(2))
BOTH = {"current": CURRENT, "previous": PREVIOUS}
pytestmark = pytest.mark.guarantee("A10")


@pytest.mark.parametrize(("secret", "name"), [(CURRENT, "current"), (PREVIOUS, "previous")])
def test_it_says_with_which_secret_and_how_long_ago(secret, name):
    header = signed(b"body", secret=secret, at=NOW.timestamp() - 12)

    assert verify(b"body", header, BOTH, NOW) == (name, 12)


def test_another_body_secret_or_stamp_is_no_signature():
    header = signed(b"body", secret=CURRENT, at=NOW.timestamp())

    assert verify(b"Body", header, BOTH, NOW) is None
    assert verify(b"body", header, {"previous": PREVIOUS}, NOW) is None
    assert verify(b"body", header.replace("t=1", "t=2"), BOTH, NOW) is None
    assert verify(b"body", header, {}, NOW) is None


@pytest.mark.guarantee("A9")
@pytest.mark.parametrize(
    ("seconds", "old", "ahead"), [(300, False, False), (301, True, False), (-300, False, False), (-301, False, True)]
)
def test_five_minutes_in_either_direction(seconds, old, ahead):
    header = signed(b"body", secret=CURRENT, at=(NOW - timedelta(seconds=seconds)).timestamp())

    it = verify(b"body", header, BOTH, NOW)

    assert (it.is_too_old, it.is_ahead) == (old, ahead)


def test_the_current_secret_is_named_where_stripe_signs_with_both():
    stamp, current = signed(b"body", secret=CURRENT, at=NOW.timestamp()).split(",")
    previous = signed(b"body", secret=PREVIOUS, at=NOW.timestamp()).split(",")[1]

    assert verify(b"body", f"{stamp},{previous},{current}", BOTH, NOW).secret == "current"


def test_a_match_does_not_shorten_the_comparing(monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append(other) or real(one, other))
    stamp, good = signed(b"body", secret=CURRENT, at=NOW.timestamp()).split(",")

    assert verify(b"body", f"{stamp},{good},v1=00,v1=11", BOTH, NOW).secret == "current"

    assert len(compared) == 2 * 3
