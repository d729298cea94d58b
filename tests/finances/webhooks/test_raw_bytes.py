"""Whatever bytes come, signed or not: no 5xx, no row but for a valid event, and of the rest no byte is kept."""

import json
import os
import random
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finances.models import Delivery, RefusedPosts
from finances.webhooks.refusals import Reason
from tests.finances.webhooks.conftest import event, signed

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("A8"), pytest.mark.long]

ADDRESS = "/api/finances/stripe/webhook/"
EXAMPLES = 5_000 if os.environ.get("PAYDESK_TEST_FULL") else 250
CANARY = "canary-7f3a9c"
generated = settings(max_examples=EXAMPLES, print_blob=True)

VALID = json.dumps(event(note=CANARY, request={"id": "req_1"}, pending_webhooks=1)).encode()
PIECES = [
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\xef\xbb\xbf", b"NaN", b"-Infinity", b"1e999"),
    *(b"9" * 4301, b"0.1e-999999999", b"[" * 3000, b'{"a":' * 500, b'"', b"{", b"}", b",", b"null", b"true", b"-0"),
]


@st.composite
def bent_events(draw: st.DrawFn) -> bytes:
    """A valid event with a few of its bytes taken away, doubled, or replaced by what parsers trip over."""
    body = bytearray(VALID)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        until = min(at + draw(st.integers(0, 12)), len(body))
        body[at:until] = draw(st.sampled_from(PIECES) | st.binary(max_size=4) | st.just(bytes(body[at:until]) * 2))
    return bytes(body)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(), max_size=20)  # lone surrogates and NUL among them
    | st.sampled_from(["", "cus_1", "x" * 300, "evt_\x00", "customer", "event", 2**33, -1, 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def odd_events(draw: st.DrawFn) -> bytes:
    """JSON all right, with anything at all where an event has what it has."""
    whole = event(note=CANARY)
    it = whole["data"]["object"]
    for _ in range(draw(st.integers(1, 3))):
        target = draw(st.sampled_from([whole, it]))
        name = draw(st.sampled_from([*target, "request", "account", "customer", "created", "id", "object", "metadata"]))
        target[name] = draw(values)
    return json.dumps(whole, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def other_encodings(draw: st.DrawFn) -> bytes:
    text = json.dumps(event(note=f"{CANARY} é 日本"), ensure_ascii=False)
    return text.encode(draw(st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "cp1252", "utf-7", "cp037"])), "replace")


deep = st.builds(
    lambda levels, brackets: b'{"note": ' + brackets[0] * levels + b"1" + brackets[1] * levels + b", " + VALID[1:],
    st.sampled_from([50, 97, 98, 99, 100, 101, 300, 900, 1100, 2500, 8000, 60_000]),
    st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]),
)
bodies = st.one_of(st.binary(max_size=400), bent_events(), odd_events(), other_encodings(), deep)


def post(client, body: bytes, *, length: str | None = None, **headers: str):
    """As a server hands it over: Django's test client itself refuses a length that is not the body's."""
    return client.generic(
        "POST",
        ADDRESS,
        b"",
        content_type="application/json",
        headers=headers,
        CONTENT_LENGTH=str(len(body)) if length is None else length,
        **{"wsgi.input": BytesIO(body)},
    )


def is_kept_of_right(answer, body: bytes) -> bool:
    """Whether the one row there is, is the whole of a valid event. Takes it away again."""
    delivery = Delivery.objects.get()
    Delivery.objects.all().delete()
    told = json.loads(body)
    return (
        answer.status_code == 200
        and answer.content in (b"kept", b"ignored")
        and (told["object"], told["id"], told["type"]) == ("event", delivery.event_id, delivery.event_type)
        and isinstance(told["data"]["object"], dict)
        and delivery.payload_hash == sha256(body).hexdigest()
        and delivery.payload["id"] == told["id"]
    )


@generated
@given(body=bodies)
@example(body=VALID)
@example(body=b"")
@example(body=b"1e400")
@example(body=VALID.replace(b'"pending_webhooks": 1', b'"pending_webhooks": 1e400'))
@example(body=b'{"note": ' + b"[" * 5000 + b"]" * 5000 + b", " + VALID[1:])
def test_signed_garbage_is_refused_and_signed_events_are_kept(client, body):
    answer = post(client, body, **{"Stripe-Signature": signed(body)})

    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert is_kept_of_right(answer, body)
    else:
        assert answer.content.decode() in set(Reason)
    assert not Delivery.objects.exists()


signatures = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=200),  # all that a header can hold
    st.builds(
        lambda stamp, parts: f"t={stamp}," + ",".join(parts),
        st.sampled_from(["1", "-1", "", "1e9", "²", "99999999999999999999", str(2**63), "1795000000"]),
        st.lists(st.sampled_from(["v1=", "v1", "v0=00", "v1=00", "v1=" + "0" * 64, "t=2", "=", "v1=ÿ"]), max_size=50),
    ),
)


@generated
@given(body=bodies, signature=signatures)
def test_whatever_is_not_signed_is_refused_whatever_it_is(client, body, signature):
    answer = post(client, body, **{"Stripe-Signature": signature})

    assert answer.status_code == 400
    assert answer.content.decode() in {Reason.NO_SIGNATURE, Reason.WRONG_SIGNATURE}
    assert not Delivery.objects.exists()


lengths = st.text(st.characters(max_codepoint=255), max_size=14) | st.integers(-(10**13), 10**13).map(str)


@generated
@given(length=lengths, agent=st.text(st.characters(max_codepoint=255), max_size=300), forwarded=st.text(max_size=80))
def test_whatever_the_other_headers_say_it_is_no_error_of_ours(client, length, agent, forwarded):
    headers = {"Stripe-Signature": signed(VALID), "User-Agent": agent, "X-Forwarded-For": forwarded}
    answer = post(client, VALID, length=length, **headers)

    assert answer.status_code in (200, 400, 411, 413)
    if answer.status_code == 200:
        assert is_kept_of_right(answer, VALID)
    assert not Delivery.objects.exists()


def test_of_what_is_refused_no_byte_is_in_the_database(client, refusals):
    chance = random.Random(5)
    for _ in range(60):
        at = chance.randrange(len(VALID))
        body = VALID[:at] + b"\xff" + CANARY.encode() + VALID[at:]
        assert client.post(ADDRESS, body, content_type="application/json").status_code == 400
        headers = {"Stripe-Signature": signed(body), "User-Agent": CANARY, "Cookie": CANARY}
        assert client.post(ADDRESS, body, content_type="application/json", headers=headers).status_code == 400
    refusals.write_at_exit()

    assert sum(RefusedPosts.objects.values_list("count", flat=True)) == 120
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("paydesk_", "django_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                found += [table for row in cursor.fetchall() if CANARY in str(row)]
    assert found == []


def test_a_client_that_hangs_up_in_the_middle_of_its_body_is_no_error_of_ours(rf):
    from django.http import UnreadablePostError

    from finances.webhooks.endpoint import stripe_webhook

    class HungUp:
        def read(self, *_: object) -> bytes:
            raise OSError("connection reset")

    request = rf.post(ADDRESS, VALID, content_type="application/json", headers={"Stripe-Signature": signed(VALID)})
    request._stream = HungUp()
    with suppress(UnreadablePostError):
        request.read()
        pytest.fail("Django reads such a body otherwise than it did")

    assert stripe_webhook(request).content == b"cut short"
