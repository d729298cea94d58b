"""dj-stripe's own `djstripe_sync_models` against the sandbox: another client, which we did not write, is content.

Its command reports success whatever failed, so what it stored is counted, and what it complained of is read.
"""

import io
import os
import re
import traceback

import pytest
import stripe as stripe_python
from django.conf import settings
from django.core.management import call_command
from djstripe import models as djstripe
from djstripe.settings import djstripe_settings

from finances.sandbox import Sandbox
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db

# By model: the address of its list. Every object of it is stored by dj-stripe's own command.
SYNCED = {
    "Account": "/v1/account",
    "BalanceTransaction": "/v1/balance_transactions",
    "Charge": "/v1/charges",
    "Coupon": "/v1/coupons",
    "Customer": "/v1/customers",
    "Dispute": "/v1/disputes",
    "Event": "/v1/events",
    "Invoice": "/v1/invoices",
    "InvoiceItem": "/v1/invoiceitems",
    "LineItem": "/v1/invoices",
    "PaymentIntent": "/v1/payment_intents",
    "PaymentMethod": "/v1/customers",
    "Payout": "/v1/payouts",
    "Price": "/v1/prices",
    "Product": "/v1/products",
    "PromotionCode": "/v1/promotion_codes",
    "Refund": "/v1/refunds",
    "SetupIntent": "/v1/setup_intents",
    "Subscription": "/v1/subscriptions",
    "SubscriptionItem": "/v1/subscriptions",
    "SubscriptionSchedule": "/v1/subscription_schedules",
    "TaxRate": "/v1/tax_rates",
}
PARTS = {"LineItem": "lines", "SubscriptionItem": "items"}

# Whatever points at a customer with a discount needs that customer's row first, which dj-stripe cannot write.
OF_A_DISCOUNTED_CUSTOMER = "RuntimeError('dj-stripe encountered an empty field Coupon.coupon = None')"


@pytest.fixture(scope="module")
def address():
    sandbox = Sandbox(customers=45, months=14, seed=7)
    yield sandbox.start(port=0)
    sandbox.stop()


@pytest.fixture
def key(monkeypatch) -> str:
    """dj-stripe takes the key that we have in the environment, at the version that we pin."""
    key = os.environ["STRIPE_TEST_SECRET_KEY"]
    monkeypatch.setattr(stripe_python, "api_version", settings.STRIPE_API_VERSION)
    monkeypatch.setattr(type(djstripe_settings), "STRIPE_SECRET_KEY", property(lambda self: key))
    monkeypatch.setattr(type(djstripe_settings), "TEST_API_KEY", property(lambda self: key))
    return key


@pytest.fixture
def local(address, key, monkeypatch) -> LocalStripe:
    """dj-stripe's calls go to the local Stripe."""
    monkeypatch.setattr(stripe_python, "api_base", address)
    return LocalStripe(address)


def sync(model: str, key: str) -> list[str]:
    """What the command complained of, a line each, without its sums."""
    complaints = io.StringIO()
    call_command("djstripe_sync_models", model, api_keys=[key], stdout=io.StringIO(), stderr=complaints, no_color=True)
    return [line.strip() for line in complaints.getvalue().splitlines() if line.strip().startswith("Error")]


def objects(local: LocalStripe, model: str) -> dict[str, str]:
    """Every object of the type at the sandbox: its id, and the customer's id where it has one."""
    path = SYNCED[model]
    if model == "Account":  # the list has connected accounts only
        return {local.get(path)["id"]: ""}
    if model == "PaymentMethod":
        owners = [it["id"] for it in local.all(path)]
        return {it["id"]: owner for owner in owners for it in local.all("/v1/payment_methods", customer=owner)}
    held = local.all(path, **({"status": "all"} if path.endswith("subscriptions") else {}))
    if part := PARTS.get(model):
        return {each["id"]: it["customer"] for it in held for each in it[part]["data"]}
    return {it["id"]: it["id"] if model == "Customer" else it.get("customer") or "" for it in held}


@pytest.mark.parametrize("model", SYNCED)
def test_djstripe_stores_every_object_of_the_type(local, key, model):
    truth = objects(local, model)
    discounted = {it["id"] for it in local.all("/v1/customers") if it["discount"]}
    owner_of_charge = {it["id"]: it["customer"] for it in local.all("/v1/charges")}

    complaints = sync(model, key)

    named = {match[1] for line in complaints if (match := re.match(r"Error syncing (\w+): ", line))}
    assert [line for line in complaints if not line.endswith(OF_A_DISCOUNTED_CUSTOMER)] == []
    owners = {truth[each] or _owner(local, model, each, owner_of_charge) for each in named}
    assert owners <= discounted
    stored = set(getattr(djstripe, model).objects.values_list("id", flat=True))
    assert truth
    assert truth.keys() - named <= stored


def _owner(local: LocalStripe, model: str, object_id: str, owner_of_charge: dict[str, str]) -> str:
    """A refund and a dispute name their charge only."""
    return owner_of_charge[local.get(f"{SYNCED[model]}/{object_id}")["charge"]]


def test_the_line_at_which_djstripe_fails_reads_the_discount_of_before_2025_09_30(local, key):
    discounted = next(it for it in local.all("/v1/customers") if it["discount"])
    answer = stripe_python.convert_to_stripe_object(discounted, api_key=key)

    with pytest.raises(RuntimeError, match=re.escape("Coupon.coupon = None")) as failure:
        djstripe.Customer.sync_from_stripe_data(answer, api_key=key)

    frames = traceback.extract_tb(failure.value.__traceback__)
    places = [(frame.filename.rpartition("djstripe/")[2], frame.name, frame.line) for frame in frames]
    assert (
        "models/core.py",
        "_attach_objects_post_save_hook",
        "coupon, _created = Coupon._get_or_create_from_stripe_object(",
    ) in places


def test_the_line_at_which_djstripe_asks_for_tax_ids_gives_a_parameter_that_stripe_does_not_know(local, key):
    with_tax_id = [it for it in local.all("/v1/customers") if local.get(f"/v1/customers/{it['id']}/tax_ids")["data"]]

    complaints = sync("TaxId", key)

    # get_list_kwargs_tax_id of its command puts each customer's id into `id`, which it passes on as a parameter.
    assert with_tax_id
    assert complaints
    assert all("Received unknown parameter: id" in line for line in complaints)
