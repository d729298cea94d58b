"""The table of addresses: what each collection is called, and which parameters its list takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

How = Literal["text", "flag", "range", "many", "id", "choice", "parts"]
COLLECTION = "charge_automatically|send_invoice"
METHODS = (
    "acss_debit|affirm|afterpay_clearpay|alipay|alma|amazon_pay|au_becs_debit|bacs_debit|bancontact|billie|bizum|blik|"
    "boleto|card|cashapp|crypto|custom|customer_balance|eps|fpx|giropay|grabpay|ideal|kakao_pay|klarna|konbini|kr_card|"
    "link|mb_way|mobilepay|multibanco|naver_pay|nz_bank_account|oxxo|p24|pay_by_bank|payco|paynow|paypal|payto|pix|"
    "promptpay|revolut_pay|samsung_pay|satispay|scalapay|sepa_debit|sofort|sunbit|swish|twint|upi|us_bank_account|"
    "wechat_pay|zip"
)


@dataclass(frozen=True)
class Filter:
    """How a parameter is read: `choices` of a choice, `parts` of one such as recurring[interval], and the type that
    an id has to name."""

    how: How
    choices: tuple[str, ...] = ()
    parts: dict[str, Filter] = field(default_factory=dict)
    to: str = ""
    required: bool = False


@dataclass(frozen=True)
class Resource:
    """`noun` as in "No such noun"; `scope` is what a restricted key has to be allowed to read."""

    type: str
    noun: str
    scope: str
    filters: dict[str, Filter]


Written = str | dict[str, str]


def _filter(written: Written) -> Filter:
    """ "text", "flag", "range", "many", "id:customer", the words "a|b" of a choice, or parts by name. A "!" at the end:
    it has to be given."""
    if isinstance(written, str) and written.endswith("!"):
        return replace(_filter(written.removesuffix("!")), required=True)
    if isinstance(written, dict):
        return Filter("parts", parts={name: _filter(each) for name, each in written.items()})
    if written in ("text", "flag", "range", "many"):
        return Filter(written)  # type: ignore[arg-type]  # one of the words that a Filter is
    if written.startswith("id:"):
        return Filter("id", to=written.removeprefix("id:"))
    return Filter("choice", choices=tuple(written.split("|")))


def _undated(kind: str, noun: str = "", scope: str = "", /, **filters: Written) -> Resource:
    """One whose list cannot be asked by `created`."""
    read = {name: _filter(each) for name, each in filters.items()}
    return Resource(kind, noun or kind, scope or kind, read)


def _resource(kind: str, noun: str = "", scope: str = "", /, **filters: Written) -> Resource:
    return _undated(kind, noun, scope, **{"created": "range", **filters})


CUSTOMER = {"customer": "id:customer", "customer_account": "text"}
ACTIVE = {"active": "flag"}

RESOURCES: dict[str, Resource] = {
    "accounts": _resource("account", "", "accounts_kyc_basic"),
    "balance_transactions": _resource(
        "balance_transaction",
        "balance transaction",
        "balance",
        currency="text",
        payout="id:payout",
        source="id:source",
        type="text",
    ),
    "billing/meters": _undated("billing.meter", "meter", "billing_meter", status="active|inactive"),
    "charges": _resource("charge", customer="id:customer", payment_intent="id:payment_intent", transfer_group="text"),
    "coupons": _resource("coupon"),
    "credit_notes": _resource("credit_note", "credit note", **CUSTOMER, invoice="id:invoice"),
    "customers": _resource("customer", email="text", test_clock="text"),
    "disputes": _resource("dispute", charge="id:charge", payment_intent="id:payment_intent"),
    "events": _resource("event", delivery_success="flag", type="text", types="many"),
    "invoice_payments": _resource(
        "invoice_payment",
        "invoice payment",
        "invoice",
        invoice="id:invoice",
        payment={
            "payment_intent": "id:payment_intent",
            "payment_record": "text",
            "type": "payment_intent|payment_record",
        },
        status="canceled|open|paid",
    ),
    "invoiceitems": _resource(
        "invoiceitem", "invoiceitem", "invoice", **CUSTOMER, invoice="id:invoice", pending="flag"
    ),
    "invoices": _resource(
        "invoice",
        **CUSTOMER,
        collection_method=COLLECTION,
        due_date="range",
        status="draft|open|paid|uncollectible|void",
        subscription="id:subscription",
    ),
    "payment_intents": _resource("payment_intent", **CUSTOMER),
    "payment_methods": _undated(
        "payment_method",
        "PaymentMethod",
        **CUSTOMER,
        allow_redisplay="always|limited|unspecified",
        type=METHODS,
    ),
    "payouts": _resource("payout", arrival_date="range", destination="text", status="text"),
    "plans": _resource("plan", **ACTIVE, product="id:product"),
    "prices": _resource(
        "price",
        "",
        "plan",
        **ACTIVE,
        currency="text",
        lookup_keys="many",
        product="id:product",
        recurring={"interval": "day|month|week|year", "meter": "text", "usage_type": "licensed|metered"},
        type="one_time|recurring",
    ),
    "products": _resource("product", **ACTIVE, ids="many", shippable="flag", url="text"),
    "promotion_codes": _resource(
        "promotion_code", "promotion code", **ACTIVE, **CUSTOMER, code="text", coupon="id:coupon"
    ),
    "refunds": _resource("refund", "", "charge", charge="id:charge", payment_intent="id:payment_intent"),
    "setup_intents": _resource("setup_intent", **CUSTOMER, attach_to_self="flag", payment_method="id:payment_method"),
    "subscription_items": _undated(
        "subscription_item",
        "subscription_item",
        "subscription",
        subscription="id:subscription!",
    ),
    "subscription_schedules": _resource(
        "subscription_schedule",
        "subscription schedule",
        "subscription",
        **CUSTOMER,
        canceled_at="range",
        completed_at="range",
        released_at="range",
        scheduled="flag",
    ),
    "subscriptions": _resource(
        "subscription",
        **CUSTOMER,
        automatic_tax={"enabled": "flag"},
        collection_method=COLLECTION,
        current_period_end="range",
        current_period_start="range",
        price="id:price",
        status="active|all|canceled|ended|incomplete|incomplete_expired|past_due|paused|trialing|unpaid",
        test_clock="text",
    ),
    "tax_ids": _undated(
        "tax_id",
        "tax ID",
        owner={
            "account": "text",
            "customer": "id:customer",
            "customer_account": "text",
            "type": "account|application|customer|self",
        },
    ),
    "tax_rates": _resource("tax_rate", "tax rate", **ACTIVE, inclusive="flag"),
    "transfers": _resource("transfer", destination="text", transfer_group="text"),
    "webhook_endpoints": _undated("webhook_endpoint", "webhook endpoint", "webhook"),
}

# What this business makes no use of: the lists are there, and empty.
UNUSED: dict[str, Resource] = {
    "application_fees": _resource("application_fee", charge="text"),
    "checkout/sessions": _resource(
        "checkout.session",
        **CUSTOMER,
        customer_details={"email": "text"},
        payment_intent="id:payment_intent",
        payment_link="text",
        status="complete|expired|open",
        subscription="id:subscription",
    ),
    "entitlements/features": _undated("entitlements.feature", archived="flag", lookup_key="text"),
    "file_links": _resource("file_link", expired="flag", file="text"),
    "quotes": _undated("quote", **CUSTOMER, status="accepted|canceled|draft|open", test_clock="text"),
    "radar/early_fraud_warnings": _resource(
        "radar.early_fraud_warning", charge="id:charge", payment_intent="id:payment_intent"
    ),
    "reviews": _resource("review"),
    "setup_attempts": _resource("setup_attempt", setup_intent="id:setup_intent!"),
    "shipping_rates": _resource("shipping_rate", **ACTIVE, currency="text"),
    "topups": _resource("topup", amount="range", status="canceled|failed|pending|succeeded"),
}

# Lists below one object: /v1/customers/{id}/tax_ids. Those of an invoice's lines are carried by the object itself.
PARTS: dict[tuple[str, str], Resource] = {
    ("charges", "refunds"): _undated("refund", "", "charge"),
    ("credit_notes", "lines"): _undated("credit_note_line_item", "line item", "credit_note"),
    ("customers", "balance_transactions"): _resource(
        "customer_balance_transaction", "customer balance transaction", "customer", invoice="id:invoice"
    ),
    ("customers", "payment_methods"): _undated(
        "payment_method",
        "PaymentMethod",
        allow_redisplay="always|limited|unspecified",
        type=METHODS,
    ),
    ("customers", "sources"): _undated("source", "", "customer", object="text"),
    ("customers", "subscriptions"): _undated("subscription"),
    ("customers", "tax_ids"): _undated("tax_id", "tax ID", "customer"),
    ("invoices", "lines"): _undated("line_item", "line item", "invoice"),
    ("products", "features"): _undated("product_feature", "", "product"),
}

ALL = (*UNUSED.values(), *PARTS.values(), *RESOURCES.values())
NOUNS = {resource.type: resource.noun for resource in ALL}
SCOPES = frozenset(resource.scope for resource in ALL)
