"""Each type: Stripe's state, dj-stripe's row, the read model's row and the page say the same, however it came here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from finances import models
from finances.gateway import EXPANSIONS, PATHS
from finances.mirror import TYPES
from finances.models import StripeObject
from finances.resync.request import request_resync
from finances.sandbox import Sandbox
from finances.worker import drain
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db
Json = dict[str, Any]

# By type: the column of the read model, and where the same stands in Stripe's JSON.
COLUMNS: dict[str, dict[str, str]] = {
    "product": {"name": "name", "active": "active"},
    "price": {"product_id": "product", "currency": "currency", "nickname": "nickname", "tiers_mode": "tiers_mode"},
    "coupon": {"name": "name", "percent_off": "percent_off", "duration": "duration", "valid": "valid"},
    "tax_rate": {"display_name": "display_name", "percentage": "percentage", "inclusive": "inclusive"},
    "customer": {"email": "email", "name": "name", "balance": "balance", "currency": "currency"},
    "promotion_code": {"code": "code", "active": "active", "times_redeemed": "times_redeemed"},
    "payment_method": {"customer_id": "customer", "type": "type", "last4": "card.last4", "brand": "card.brand"},
    "subscription": {"customer_id": "customer", "status": "status", "cancel_at_period_end": "cancel_at_period_end"},
    "subscription_schedule": {"customer_id": "customer", "status": "status", "end_behavior": "end_behavior"},
    "payment_intent": {"status": "status", "amount": "amount", "amount_received": "amount_received"},
    "balance_transaction": {"amount": "amount", "fee": "fee", "net": "net", "status": "status", "source_id": "source"},
    "charge": {"status": "status", "amount": "amount", "failure_code": "failure_code", "disputed": "disputed"},
    "invoice": {"number": "number", "status": "status", "total": "total", "amount_remaining": "amount_remaining"},
    "invoice_payment": {"invoice_id": "invoice", "status": "status", "amount_paid": "amount_paid"},
    "credit_note": {"number": "number", "status": "status", "total": "total", "invoice_id": "invoice"},
    "refund": {"status": "status", "amount": "amount", "charge_id": "charge", "reason": "reason"},
    "dispute": {"status": "status", "amount": "amount", "reason": "reason", "charge_id": "charge"},
    "payout": {"status": "status", "amount": "amount", "currency": "currency"},
}
MODELS = {
    "payment_intent": models.Payment,
    **{name: getattr(models, name.title().replace("_", "")) for name in COLUMNS if name != "payment_intent"},
}

# A change that the page shows, where one at the top of the object can be made without bending the business.
CHANGES: dict[str, Callable[[int], Json]] = {
    "product": lambda number: {"name": f"Quay {number}"},
    "price": lambda number: {"nickname": f"Old price {number}"},
    "coupon": lambda number: {"name": f"Friends {number}"},
    "tax_rate": lambda number: {"display_name": f"Levy {number}"},
    "customer": lambda number: {"name": f"Ada {number}"},
    "promotion_code": lambda number: {"code": f"SPRING{number}"},
    "payment_method": lambda number: {"allow_redisplay": ("always", "limited", "unspecified")[number % 3]},
    "subscription": lambda number: {"cancel_at_period_end": bool(number % 2)},
    "subscription_schedule": lambda number: {"end_behavior": ("release", "cancel")[number % 2]},
    "payment_intent": lambda number: {"description": f"Berth {number}"},
    "balance_transaction": lambda number: {"fee": 100 + number},
    "charge": lambda number: {"failure_code": f"code_{number}", "status": "failed"},
    "invoice": lambda number: {"number": f"AGREE-{number:04}"},
    "invoice_payment": lambda number: {"amount_paid": 100 + number},
    "credit_note": lambda number: {"number": f"AGREE-CN-{number:04}"},
    "refund": lambda number: {"reason": ("duplicate", "fraudulent", "requested_by_customer")[number % 3]},
    "dispute": lambda number: {"reason": ("fraudulent", "duplicate", "product_not_received")[number % 3]},
    "payout": lambda number: {"amount": 12_300 + number},
}
number = count(1)


@dataclass
class Local:
    stripe: LocalStripe
    deliver: Callable[[Json], Any]
    type_name: str
    object_id: str

    def truth(self) -> Json:
        """Stripe's answer, under the expansion that the mirror asks for."""
        expand = EXPANSIONS.get(self.type_name, ())
        return self.stripe.get(
            f"{PATHS[self.type_name]}/{self.object_id}", **({"expand[]": list(expand)} if expand else {})
        )

    def change(self) -> None:
        self.stripe.patch(self.object_id, **CHANGES[self.type_name](next(number)))

    def webhook(self) -> None:
        it = self.stripe.get(f"{PATHS[self.type_name]}/{self.object_id}")
        event = {"id": f"evt_agree{next(number):020}", "object": "event", "type": f"{self.type_name}.updated"}
        event |= {"created": int(timezone.now().timestamp()), "api_version": "2026-05-27.dahlia", "livemode": False}
        assert self.deliver(event | {"data": {"object": it}}).status_code == 200
        drain()

    def resync(self) -> None:
        run = request_resync(f"{self.type_name}:{self.object_id}", now=timezone.now()).run
        drain()
        run.refresh_from_db()
        assert run.state == "complete", run.problem


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    sandbox = Sandbox(customers=150, months=24, seed=7)
    yield sandbox.start(port=0)
    sandbox.stop()


@pytest.fixture
def local(request, address, settings, deliver) -> Local:
    settings.STRIPE_API_BASE = address
    stripe = LocalStripe(address)
    return Local(stripe, deliver, request.param, _some(stripe, request.param)["id"])


def _some(stripe: LocalStripe, type_name: str) -> Json:
    """One that the pages say something about: a card of somebody, a code of a coupon, a refund of a charge."""
    if type_name == "payment_method":
        for customer in stripe.all("/v1/customers"):
            if cards := stripe.get("/v1/payment_methods", customer=customer["id"], type="card")["data"]:
                return cards[0]
    wanted: dict[str, Callable[[Json], Any]] = {
        "customer": lambda it: it["email"] == "ada@analytical.example",
        "subscription": lambda it: it["status"] == "active",
        "subscription_schedule": lambda it: it["subscription"],
        "charge": lambda it: it["status"] == "failed" and it["payment_intent"],
        "invoice": lambda it: it["number"],
        "payment_intent": lambda it: it["status"] == "succeeded",
        "balance_transaction": lambda it: it["type"] == "charge",
        "coupon": lambda it: it["percent_off"],
    }
    return next(it for it in stripe.all(PATHS[type_name]) if wanted.get(type_name, bool)(it))


def _at(it: Json, path: str) -> Any:
    for step in path.split("."):
        it = it[step]
    return it["id"] if isinstance(it, dict) and "id" in it else it


def assert_tables_agree(local: Local) -> None:
    truth = local.truth()
    model = TYPES[local.type_name].model
    kept = (model or StripeObject)._base_manager.get(id=local.object_id)
    assert json.dumps(kept.stripe_data, sort_keys=True) == json.dumps(truth, sort_keys=True)
    row = MODELS[local.type_name].objects.get(id=local.object_id)
    for column, path in COLUMNS[local.type_name].items():
        theirs = _at(truth, path)
        ours = getattr(row, column)
        assert (Decimal(str(theirs)) if isinstance(ours, Decimal) else theirs or type(ours)()) == ours, column
    assert row.created_at == datetime.fromtimestamp(truth["created"], UTC)


@pytest.mark.parametrize("local", COLUMNS, indirect=True)
@pytest.mark.parametrize("order", [["webhook"], ["resync"], ["webhook", "resync"], ["resync", "webhook"]], ids="-".join)
def test_the_tables_agree_with_stripe(local, order):
    for way in order:
        local.change()
        getattr(local, way)()

        assert_tables_agree(local)


def shown_at(local: Local) -> tuple[str, list[str]]:
    """The address of the page that shows the object, and what has to stand there."""
    it, at = local.truth(), local.type_name
    if at == "product":
        return reverse("console:product", args=[it["id"]]), [it["name"]]
    if at == "price":
        return reverse("console:product", args=[it["product"]]), [it["nickname"], it["id"]]
    if at == "coupon":
        return reverse("console:coupon", args=[it["id"]]), [it["name"]]
    if at == "promotion_code":
        return reverse("console:coupon", args=[it["promotion"]["coupon"]]), [it["code"]]
    if at == "customer":
        return reverse("console:customer", args=[it["id"]]), [it["name"], it["email"]]
    if at == "payment_method":
        return reverse("console:customer", args=[it["customer"]]), [it["card"]["last4"]]
    if at == "subscription":
        return reverse("console:subscription", args=[it["id"]]), [it["id"], "Active"]
    if at == "subscription_schedule":
        return reverse("console:subscription", args=[it["subscription"]]), [it["id"]]
    if at == "payment_intent":
        return reverse("console:payment", args=[it["id"]]), [it["id"], "Succeeded", it["description"]]
    if at == "charge":
        return reverse("console:payment", args=[it["payment_intent"]]), [it["id"], it["outcome"]["reason"]]
    if at == "balance_transaction":
        return reverse("admin:paydesk_balancetransaction_change", args=[it["id"]]), [it["id"], it["source"]]
    if at == "invoice":
        return reverse("console:invoice", args=[it["id"]]), [it["number"], it["id"]]
    if at == "invoice_payment":
        return reverse("console:invoice", args=[it["invoice"]]), [it["payment"]["payment_intent"]]
    if at == "credit_note":
        return reverse("console:credit_notes") + f"?q={it['id']}", [it["number"]]
    if at == "refund":
        return reverse("console:refunds") + f"?q={it['id']}", [it["id"][:8]]
    if at == "dispute":
        return reverse("console:dispute", args=[it["id"]]), [it["id"], it["charge"]]
    if at == "payout":
        return reverse("admin:paydesk_payout_change", args=[it["id"]]), [it["id"], it["currency"].upper()]
    return reverse("admin:paydesk_taxrate_change", args=[it["id"]]), [it["display_name"]]


@pytest.mark.parametrize("local", COLUMNS, indirect=True)
def test_the_page_says_what_stripe_says(local, client, support):
    local.change()
    local.resync()
    local.change()
    local.webhook()
    if local.type_name in {"invoice_payment", "subscription_schedule", "charge", "payment_method"}:
        holder = {"invoice_payment": "invoice", "subscription_schedule": "subscription", "charge": "payment_intent"}
        request_resync(local.truth()[holder.get(local.type_name, "customer")], now=timezone.now())
        drain()
    client.force_login(support)

    path, words = shown_at(local)
    answer = client.get(path)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert [word for word in words if word not in text] == []
