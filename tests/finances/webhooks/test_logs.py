"""A log holds ids. No e-mail, name, body, signature or cookie, whatever goes wrong on the way."""

import json
import logging
import secrets
import traceback
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from finances.models import Delivery
from finances.webhooks import processing
from tests.finances.webhooks.conftest import event, signed

pytestmark = pytest.mark.guarantee("D14")

CANARY = {kind: f"{kind}{secrets.token_hex(6)}" for kind in ("mail", "name", "body", "cookie", "agent")}


class Everything(logging.Handler):
    """All that any logger says, with all that is attached to it, as text."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        attached = {name: str(value) for name, value in vars(record).items()}
        told = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.texts.append(f"{record.getMessage()} {attached} {told}")


@pytest.fixture
def log() -> Iterator[Everything]:
    handler = Everything()
    names = [None, *logging.root.manager.loggerDict]
    loggers = [logging.getLogger(name) for name in names]
    before = [(each, each.level, each.disabled) for each in loggers]
    for each in loggers:
        # Stripe's own logger is silenced by configuration, which is how its texts stay out: it stays so.
        if not each.name.startswith("stripe"):
            each.setLevel(logging.DEBUG)
        if each is logging.root or not each.propagate:
            each.addHandler(handler)
    yield handler
    for each, level, disabled in before:
        each.setLevel(level)
        each.disabled = disabled
        each.removeHandler(handler)


def person(customer_id: str, **more: object) -> dict:
    return {
        "id": customer_id,
        "object": "customer",
        "email": f"{CANARY['mail']}@x.test",
        "name": CANARY["name"],
        **more,
    }


def told(customer_id: str, event_id: str) -> bytes:
    return json.dumps(event(event_id, note=CANARY["body"], data={"object": person(customer_id)})).encode()


def assert_nothing_leaked(log: Everything, *more: str) -> None:
    leaked = [text for text in log.texts for word in (*CANARY.values(), *more) if word in text]
    assert leaked == []


def test_good_bad_and_double_deliveries_leave_no_word_of_theirs_in_the_log(db, deliver, client, log):
    client.cookies["sessionid"] = CANARY["cookie"]
    body = told("cus_1", "evt_1")
    signature = signed(body)
    agent = {"User-Agent": CANARY["agent"], "Authorization": f"Bearer {CANARY['cookie']}"}

    statuses = [
        deliver(body, signature=signature, **agent).status_code,
        deliver(body, signature=signature, **agent).status_code,
        deliver(body, signature=signature[:-2] + "zz", **agent).status_code,
        deliver(body[:-9], **agent).status_code,
        deliver(b'{"id": "' + CANARY["body"].encode() + b'"}', **agent).status_code,
        deliver(json.loads(body) | {"note": f"{CANARY['body']}\x00"}, **agent).status_code,
        deliver(json.loads(body) | {"id": "evt_2", "account": "acct_other"}, **agent).status_code,
        deliver(b"x" * 1_000_001, signature=signature, **agent).status_code,
        client.get("/api/finances/stripe/webhook/", headers=agent).status_code,
    ]

    assert statuses == [200, 200, 400, 400, 400, 400, 200, 413, 405]
    assert any("Method Not Allowed" in text for text in log.texts)  # so it does hear
    assert_nothing_leaked(log, signature.partition("v1=")[2])


def test_a_database_that_refuses_the_row_quotes_it_to_nobody(committed, deliver, log):
    """PostgreSQL's error of a constraint carries the whole row, payload and all."""
    table = Delivery._meta.db_table
    if connection.vendor == "postgresql":
        make = f"ALTER TABLE {table} ADD CONSTRAINT canary CHECK (event_id <> 'evt_refused')"
        undo = f"ALTER TABLE {table} DROP CONSTRAINT canary"
    else:
        make = (
            f"CREATE TRIGGER canary BEFORE INSERT ON {table} WHEN new.event_id = 'evt_refused' "
            f"BEGIN SELECT json_extract(new.payload, new.payload); END"
        )
        undo = "DROP TRIGGER canary"
    # In a column of its own: of a long one, such as the payload, the error has the first 64 characters.
    body = json.dumps(json.loads(told("cus_1", "evt_refused")) | {"api_version": CANARY["body"]}).encode()
    with connection.cursor() as cursor:
        cursor.execute(make)
    try:
        answer = deliver(body)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(undo)

    assert answer.status_code == 503
    assert not Delivery.objects.exists()
    assert any("Service Unavailable" in text for text in log.texts)
    assert_nothing_leaked(log, signed(body).partition("v1=")[2])


def test_processing_that_goes_well_ill_and_wrong_leaves_no_word_either(db, stripe, deliver, no_pauses, log):
    good = stripe.all("/v1/customers")[0]["id"]
    stripe.patch(good, email=f"{CANARY['mail']}@x.test", name=CANARY["name"])
    # Two shapes that no code expects, so that whatever is raised may quote them.
    stripe.put(person("cus_bent", created=CANARY["body"], livemode=False))
    stripe.put(person("cus_nul", created=1_700_000_000, livemode=False, description=f"{CANARY['body']}\x00"))
    for number, customer_id in enumerate((good, "cus_bent", "cus_nul", "cus_nobody")):
        assert deliver(told(customer_id, f"evt_{number}")).status_code == 200

    processing.process_due(timezone.now)
    stripe.faults(**{"500": 1.0})
    assert deliver(told(good, "evt_fails")).status_code == 200
    processing.process_due(lambda: timezone.now() + timedelta(seconds=1))

    states = dict(Delivery.objects.values_list("event_id", "state"))
    assert (states["evt_0"], states["evt_1"], states["evt_fails"]) == ("processed", "waiting", "waiting")
    assert any("cus_bent" in text for text in log.texts)
    assert_nothing_leaked(log)
