"""Deliveries doubled, lost and in any order, to several workers at once: the tables end with Stripe's state."""

import json
import os
import random
import secrets
import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import timezone
from djstripe import models as djstripe
from hypothesis import HealthCheck, given, note, seed, settings

from finances.gateway import EXPANSIONS, PATHS
from finances.mirror import TYPES
from finances.mirror.canonical import content_hash
from finances.mirror.rebuild import rebuild
from finances.models import Delivery, ObjectState, SubscriptionItem, state_key
from finances.sandbox import Sandbox
from finances.totals.rebuilding import rebuild_totals
from finances.totals.settling import settle_due
from finances.webhooks import claiming, processing
from finances.webhooks.arrivals import Sender
from finances.webhooks.intake import take_in
from tests.finances.webhooks.conftest import signed
from tests.journeys.histories import MOST_WORKERS, WORLD, Change, Delete, Deliver, History, Work, histories
from tests.local_stripe import LocalStripe

Json = dict[str, Any]

SEED = int(os.environ.get("PAYDESK_TEST_SEED") or secrets.randbelow(2**32))
EXAMPLES = int(os.environ.get("PAYDESK_TEST_EXAMPLES") or (2000 if os.environ.get("PAYDESK_TEST_FULL") else 25))
BORN = 1_795_500_000  # after everything else at the local Stripe, so that its lists begin with what a history made
MONTH = 30 * 86_400


@pytest.fixture(scope="module")
def shared_stripe() -> Iterator[LocalStripe]:
    """One for all histories, which use ids of their own: a business for each would cost more than the history."""
    sandbox = Sandbox(customers=12, months=3, seed=7)
    yield LocalStripe(sandbox.start(port=0))
    sandbox.stop()


@pytest.fixture
def workers() -> Iterator[ThreadPoolExecutor]:
    """Threads that keep their connections from one history to the next."""
    with ThreadPoolExecutor(MOST_WORKERS) as threads:
        yield threads
        for _ in threads.map(lambda _: (time.sleep(0.05), connections.close_all()), range(MOST_WORKERS)):
            pass


@pytest.mark.guarantee("A4")
@pytest.mark.django_db(transaction=True)
def test_whatever_the_order_duplicates_and_losses_the_tables_end_with_stripes_state(
    shared_stripe, workers, monkeypatch
):
    monkeypatch.setattr(django_settings, "STRIPE_API_BASE", shared_stripe.address)
    numbers = count(1)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories)
    def ends_equal(history: History) -> None:
        note(f"PAYDESK_TEST_SEED={SEED}")
        world = World(shared_stripe, workers, next(numbers))
        with crowds_of_two(monkeypatch, wanted=history.in_crowds), answers_late(shared_stripe):
            world.live_through(history)
        for event in world.events:
            note(f"  {event['id']} {event['type']} {event['data']['object']['id']}")
        world.assert_mirrored()

    ends_equal()

    # What no single history shows: columns that stand in other objects' rows.
    assert list(rebuild(check_only=True)) == []
    settle_due()
    assert list(rebuild_totals(check_only=True)) == []


@contextmanager
def crowds_of_two(monkeypatch, *, wanted: bool) -> Iterator[None]:
    with monkeypatch.context() as patched:
        if wanted:
            patched.setattr(claiming, "CROWD", 0.1)
            patched.setattr(processing, "A_TURN", 1)
        yield


@contextmanager
def answers_late(stripe: LocalStripe) -> Iterator[None]:
    """Now and then an answer is older than one that was asked for later."""
    stripe.faults(slow=0.2, delay=0.15)
    yield
    stripe.faults()


class World:
    """The objects of one history at the local Stripe, the events that tell of them, and the deliveries of those."""

    def __init__(self, stripe: LocalStripe, workers: ThreadPoolExecutor, number: int) -> None:
        self.stripe, self.workers, self.number = stripe, workers, number
        self.ids: dict[str, str] = {}
        self.gone: set[str] = set()
        self.events: list[Json] = []
        self.working: list[Future] = []

    def live_through(self, history: History) -> None:
        for step in history.steps:
            match step:
                case Change(name, number):
                    self.change(name, number)
                case Delete(name):
                    self.delete(name)
                case Deliver(places):
                    for place in places:
                        if self.events:
                            self.deliver(self.events[place % len(self.events)])
                case Work(workers, meanwhile):
                    self.work(workers, meanwhile=meanwhile)
        last = list({event["data"]["object"]["id"]: event for event in self.events}.values())
        random.Random(history.shuffle).shuffle(last)
        for event in last:
            self.deliver(event)
        self.work(MOST_WORKERS, meanwhile=False)

    def change(self, name: str, number: int) -> None:
        if name in self.gone:
            return
        if name not in self.ids:
            self.create(name)
            self.tell(name, "created")
            return
        self.stripe.patch(self.ids[name], **self.other_values(name, number))
        self.tell(name, "updated")

    def create(self, name: str) -> None:
        for points_at in WORLD[name]:
            if points_at not in self.ids:
                self.create(points_at)
        kind = kind_of(name)
        self.ids[name] = object_id = f"{PREFIXES[kind]}_{self.number}{name.replace('_', '')}"
        made = self.template(kind) | {"id": object_id, "object": kind, "created": BORN + self.number}
        for points_at in WORLD[name]:
            if points_at.startswith("customer"):
                made["customer"] = self.ids[points_at]
        if kind == "price":
            made["product"] = self.ids["product"]
        if kind == "subscription":
            made |= {"items": self.items(name, 0), "start_date": BORN - 6 * MONTH, "trial_end": None}
        if kind == "invoice":
            whose = name[-1]
            details = {"metadata": {}, "subscription": self.ids[f"subscription_{whose}"]}
            made["parent"] = {
                "type": "subscription_details",
                "quote_details": None,
                "subscription_details": details,
            }
            made["lines"] = {**made["lines"], "data": [self.line(name)], "has_more": False, "total_count": 1}
        self.stripe.put(made)

    def template(self, kind: str) -> Json:
        if kind not in TEMPLATES:
            path = PATHS[kind]
            if kind == "payment_method":
                found = [
                    it for each in self.stripe.all("/v1/customers") for it in self.stripe.all(path, customer=each["id"])
                ]
            else:
                found = self.stripe.all(path)
            wanted = next((it for it in found if it.get("status", "active") in ("active", "open")), found[0])
            TEMPLATES[kind] = self.stripe.state(wanted["id"])
        plain = {"discount": None, "discounts": [], "latest_invoice": None, "default_payment_method": None}
        held = TEMPLATES[kind]
        return json.loads(json.dumps(held | {name: value for name, value in plain.items() if name in held}))

    def line(self, name: str) -> Json:
        """For the period before the one that its subscription is in: what is unpaid is unpaid since then."""
        return self.template("invoice")["lines"]["data"][0] | {
            "id": f"il_{self.number}{name.replace('_', '')}",
            "invoice": self.ids[name],
            "period": {"start": BORN - 2 * MONTH, "end": BORN - MONTH},
        }

    def items(self, name: str, number: int) -> Json:
        """One item or two, of another quantity each."""
        whole = self.template("subscription")["items"]
        prices = ["price", "other_price"][: 1 + number % 2]
        data = [
            whole["data"][0]
            | {
                "id": f"si_{self.number}{name.replace('_', '')}{place}",
                "subscription": self.ids[name],
                "price": self.stripe.state(self.ids[price]),
                "quantity": 1 + number,
                "current_period_start": BORN - MONTH,
                "current_period_end": BORN,
            }
            for place, price in enumerate(prices)
        ]
        return {**whole, "data": data}

    def other_values(self, name: str, number: int) -> Json:
        match kind_of(name):
            case "customer":
                return {"name": f"name {number}", "balance": -number}
            case "product":
                return {"name": f"product {number}", "active": number % 2 == 0}
            case "price":
                return {"nickname": f"nickname {number}", "active": number % 2 == 0}
            case "payment_method":
                return {"metadata": {"number": str(number)}} | ({"customer": None} if number == 3 else {})
            case "invoice":
                status = ("draft", "open", "paid", "void")[number]
                return {"amount_due": number, "amount_remaining": number, "status": status}
            case "subscription" if number in (1, 2):
                return {"status": "unpaid", "items": self.items(name, number)}
            case "subscription" if number == 3:
                return {"status": "canceled", "ended_at": BORN, "canceled_at": BORN}
        return {"items": self.items(name, number)}

    def delete(self, name: str) -> None:
        if name not in self.ids or name in self.gone:
            return
        whose = [other for other in self.ids if other != name and other not in self.gone and other[-2:] == name[-2:]]
        before = {other: self.stripe.state(self.ids[other]) for other in whose}
        self.stripe.delete(self.ids[name])
        self.gone.add(name)
        self.tell(name, "deleted")
        for other, state in before.items():  # a customer's subscriptions end with it
            if self.stripe.state(self.ids[other]) != state:
                self.tell(other, "updated")

    def tell(self, name: str, what: str) -> None:
        kind = kind_of(name)
        it = {"id": self.ids[name], "object": kind, "created": BORN + self.number}
        self.events.append(
            {
                "id": f"evt_{self.number}_{len(self.events)}",
                "object": "event",
                "type": f"{kind}.{what}",
                "created": BORN,  # all within one second
                "livemode": False,
                "api_version": "2026-05-27.dahlia",
                "data": {"object": it},
            }
        )

    def deliver(self, event: Json) -> None:
        body = json.dumps(event).encode()
        take_in(body, signed(body), sender=Sender("", {}), live=False, now=timezone.now())

    def work(self, workers: int, *, meanwhile: bool) -> None:
        asked = sum(self.stripe.calls().values())
        started = [self.workers.submit(processing.process_due, timezone.now) for _ in range(workers)]
        self.working += started
        if not meanwhile:
            self.wait()
        # The history goes on when one of them has asked Stripe: before that, it would see the later state.
        while sum(self.stripe.calls().values()) == asked and not all(each.done() for each in started):
            time.sleep(0.002)

    def wait(self) -> None:
        wait(self.working)
        for each in self.working:
            each.result()
        self.working = []

    def assert_mirrored(self) -> None:
        ours = Delivery.objects.filter(event_id__startswith=f"evt_{self.number}_")
        assert set(ours.values_list("state", flat=True)) <= {"processed"}
        told = {event["data"]["object"]["id"] for event in self.events}
        keys = {name: state_key(kind_of(name), object_id) for name, object_id in self.ids.items()}
        states = ObjectState.objects.in_bulk(list(keys.values()))
        for name, object_id in self.ids.items():
            if state := states.get(keys[name]):
                self.assert_equal(name, state)
            else:
                assert object_id not in told, f"{name} was never read"

    def assert_equal(self, name: str, state: ObjectState) -> None:
        kind = kind_of(name)
        truth = self.truth(kind, self.ids[name])
        kept = TYPES[kind]
        row = type(kept.project({"id": ""})).objects.filter(id=self.ids[name]).first()
        stored = kept.model._base_manager.filter(id=self.ids[name]).values_list("stripe_data", flat=True).first()
        if truth is None or truth.get("deleted"):
            assert state.deleted_at, f"{name} is gone, and not marked so"
            assert row is None or row.deleted_at, f"{name} is gone, and its row is not marked so"
            return
        assert not state.deleted_at, f"{name} is there, and marked as gone"
        assert row.deleted_at is None, f"{name} is there, and its row marked as gone"
        assert comparable(stored) == comparable(truth), f"{name} is not as it is at Stripe"
        assert bytes(state.content_hash) == content_hash(stored)
        projected = kept.project(stored)
        for field in type(row)._meta.concrete_fields:
            if field.attname not in BESIDE:
                assert getattr(row, field.attname) == getattr(projected, field.attname), f"{name}.{field.attname}"
        if kind == "subscription":
            theirs = SubscriptionItem.objects.filter(subscription_id=self.ids[name])
            wanted = {(item["id"], item["quantity"]) for item in truth["items"]["data"]}
            assert set(theirs.values_list("id", "quantity")) == wanted
            own = djstripe.SubscriptionItem.objects.filter(subscription__id=self.ids[name])
            assert {item_id for item_id, _ in wanted} <= set(own.values_list("id", flat=True))

    def truth(self, kind: str, object_id: str) -> Json | None:
        try:
            return self.stripe.get(f"{PATHS[kind]}/{object_id}", **{"expand[]": EXPANSIONS.get(kind, ())})
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None


TEMPLATES: dict[str, Json] = {}
PREFIXES = {
    "product": "prod",
    "price": "price",
    "customer": "cus",
    "payment_method": "pm",
    "subscription": "sub",
    "invoice": "in",
}
# Columns that a row has from elsewhere than its own JSON.
BESIDE = {"deleted_at", "mrr", "mrr_gap", "account_id", "subscribing", "paying_since", "paying_until"}


def kind_of(name: str) -> str:
    return "price" if name == "other_price" else name.removesuffix("_a").removesuffix("_b")


def comparable(stripe_object: Json) -> Json:
    """Stripe shows a price whole within a subscription, and says nothing of that when the price changes."""
    if stripe_object["object"] != "subscription":
        return stripe_object
    items = [item | {"price": item["price"]["id"], "plan": None} for item in stripe_object["items"]["data"]]
    return stripe_object | {"items": items, "plan": None}
