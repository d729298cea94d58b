import secrets

import pytest

from finances.redaction import without_keys

BODY = secrets.token_hex(24)


@pytest.mark.parametrize(
    "kind", ["sk_test_", "sk_live_", "sk_org_live_", "rk_test_", "rk_live_", "rkcs_test_", "whsec_"]
)
@pytest.mark.parametrize("frame", ["{}", "see {}, please", "key={}", "({})", "x{}"])
def test_a_key_is_cut_down_to_what_it_is(kind, frame):
    assert without_keys(frame.format(kind + BODY)) == frame.format(kind + "…")


def test_a_signing_secret_in_base64_goes_whole():
    assert without_keys("whsec_ab+/cd==ef") == "whsec_…"


@pytest.mark.parametrize("text", ["cus_R7kQ2mVx9TbLpA", "Ticket 48213: sk_ is a prefix", "pk_test_may_be_seen", ""])
def test_everything_else_stays(text):
    assert without_keys(text) == text
