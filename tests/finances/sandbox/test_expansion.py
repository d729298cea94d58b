"""expand[]: ids become objects, four levels deep, and only where Stripe does it."""

from __future__ import annotations

from .conftest import Caller


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
