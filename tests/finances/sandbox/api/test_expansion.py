"""expand[]: ids become objects, four levels deep, and only where Stripe does it."""

from __future__ import annotations

from tests.finances.sandbox.conftest import Caller


def test_payments_are_there_only_when_asked_for(stripe: Caller) -> None:
    invoice = stripe.get("/v1/invoices?status=paid&limit=1").json["data"][0]

    expanded = stripe.get(f"/v1/invoices/{invoice['id']}?expand[]=payments&expand[]=customer").json

    assert "payments" not in invoice
    (payment,) = expanded["payments"]["data"]
    assert (payment["object"], payment["status"]) == ("invoice_payment", "paid")
    assert payment["amount_paid"] == invoice["amount_paid"]
    assert expanded["customer"]["id"] == invoice["customer"]


def test_a_path_goes_through_parts_and_lists(stripe: Caller) -> None:
    page = stripe.get(
        "/v1/invoices?limit=5&status=paid&expand[]=data.parent.subscription_details.subscription"
        "&expand[0]=data.payments.data.payment"
    ).json

    for invoice in page["data"]:
        assert invoice["parent"]["subscription_details"]["subscription"]["object"] == "subscription"
        assert "payments" in invoice


def test_four_levels_from_a_single_object(stripe: Caller) -> None:
    subscription = stripe.get("/v1/subscriptions?limit=1&status=active").json["data"][0]

    expanded = stripe.get(
        f"/v1/subscriptions/{subscription['id']}?expand[]=items.data.price.product&expand[]=latest_invoice.customer"
    ).json

    assert expanded["items"]["data"][0]["price"]["product"]["object"] == "product"
    assert expanded["latest_invoice"]["customer"]["object"] == "customer"
    assert isinstance(stripe.get(f"/v1/subscriptions/{subscription['id']}").json["latest_invoice"], str)


def test_five_levels_are_too_deep(stripe: Caller) -> None:
    refused = stripe.get("/v1/subscriptions?expand[]=data.items.data.price.product")

    assert refused.status == 400
    assert refused.error["code"] == "property_expansion_max_depth"
    assert refused.error["message"] == (
        "You cannot expand more than 4 levels of a property. Property: data.items.data.price.product"
    )
    assert stripe.get("/v1/subscriptions?expand[]=data.items.data.price").status == 200


def test_what_cannot_be_expanded_is_said_in_stripes_words(stripe: Caller) -> None:
    invoice = stripe.get("/v1/invoices?limit=1").json["data"][0]["id"]

    plain = stripe.get(f"/v1/invoices/{invoice}?expand[]=metadata")
    unprefixed = stripe.get("/v1/invoices?expand[]=customer")

    assert (plain.status, plain.error["message"]) == (400, "This property cannot be expanded (metadata).")
    assert unprefixed.status == 400
    assert unprefixed.error["message"] == (
        "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead."
    )
    deeper = stripe.get("/v1/invoices?expand[]=data.customer.nothing.more").error["message"]
    assert deeper == "This property cannot be expanded (data.customer.nothing)."
    assert stripe.get(f"/v1/invoices/{invoice}?expand[]=charge").status == 400
    assert stripe.get(f"/v1/invoices/{invoice}?expand[]=payment_intent").status == 400


def test_a_deleted_customer_expands_to_its_stub(own: Caller) -> None:
    ada = own.customer("ada@analytical.example")["id"]
    invoice = own.get(f"/v1/invoices?customer={ada}&limit=1").json["data"][0]["id"]

    own.call("DELETE", f"/_sandbox/state/{ada}")

    expanded = own.get(f"/v1/invoices/{invoice}?expand[]=customer").json
    assert expanded["customer"] == {"id": ada, "object": "customer", "deleted": True}


def test_tiers_are_there_only_when_asked_for(two_years: Caller) -> None:
    subscriptions = two_years.every("/v1/subscriptions?expand[]=data.items.data.price")
    bought = [(item["price"], each["id"]) for each in subscriptions for item in each["items"]["data"]]
    price, owner = next((price, owner) for price, owner in bought if price["tiers_mode"])

    listed = two_years.every("/v1/prices?expand[]=data.tiers")
    (shown,) = (each for each in listed if each["id"] == price["id"])

    assert "tiers" not in price
    assert len(shown["tiers"]) >= 2
    assert shown["tiers"][-1]["up_to"] is None
    assert two_years.get(f"/v1/prices/{price['id']}?expand[]=tiers").json == shown
    assert all("tiers" not in each for each, _ in bought)
    single = two_years.get(f"/v1/subscriptions/{owner}?expand[]=items.data.price.tiers").json
    assert shown in [item["price"] for item in single["items"]["data"]]
    assert two_years.get("/v1/subscriptions?expand[]=data.items.data.price.tiers").status == 400


def test_products_of_a_coupon_are_there_only_when_asked_for(two_years: Caller) -> None:
    plain, opened = two_years.every("/v1/coupons"), two_years.every("/v1/coupons?expand[]=data.applies_to")

    limited = [each for each in opened if "applies_to" in each]

    assert all("applies_to" not in each for each in plain)
    assert limited
    for each in limited:
        assert all(two_years.get(f"/v1/products/{sold}").status == 200 for sold in each["applies_to"]["products"])


def test_refunds_of_a_charge_are_there_only_when_asked_for(two_years: Caller) -> None:
    charges = two_years.every("/v1/charges?expand[]=data.refunds")
    refunded = next(each for each in charges if each["refunds"]["data"])

    plain = two_years.get(f"/v1/charges/{refunded['id']}").json

    assert "refunds" not in plain
    assert refunded["refunds"]["url"] == f"/v1/charges/{refunded['id']}/refunds"
    assert refunded["refunds"]["data"] == two_years.every(f"/v1/refunds?charge={refunded['id']}")


def test_a_discount_opens_down_to_the_products_of_its_coupon(two_years: Caller) -> None:
    subscriptions = two_years.every("/v1/subscriptions?status=all")
    discounted = next(each for each in subscriptions if each["discounts"])

    shown = two_years.get(f"/v1/subscriptions/{discounted['id']}?expand[]=discounts.source.coupon.applies_to").json
    listed = two_years.get("/v1/invoices?limit=100&expand[]=data.discounts.source.coupon").json["data"]

    assert isinstance(discounted["discounts"][0], str)
    assert shown["discounts"][0]["id"] == discounted["discounts"][0]
    assert shown["discounts"][0]["source"]["coupon"]["object"] == "coupon"
    coupons = [discount["source"]["coupon"]["object"] for each in listed for discount in each["discounts"]]
    assert set(coupons) == {"coupon"}


def test_the_source_of_a_transaction_is_whatever_its_id_says(two_years: Caller) -> None:
    page = two_years.every("/v1/balance_transactions?expand[]=data.source")

    kinds = {each["source"]["object"] for each in page if each["source"]}

    assert kinds == {"charge", "dispute", "payout", "refund"}
    charge = next(each["id"] for each in page if each["type"] == "charge")
    address = f"/v1/balance_transactions/{charge}?expand[]=source"
    assert two_years.get(f"{address}.customer").json["source"]["customer"]["object"] == "customer"
    refused = two_years.get(f"{address}.nothing")
    assert refused.error["message"] == "This property cannot be expanded (source.nothing)."
    assert two_years.get(f"{address}.items").status == 400
