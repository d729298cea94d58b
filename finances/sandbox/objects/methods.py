"""Payment methods: cards, bank debits and Link; and what a charge keeps of them."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

from .people import billing_details


def payment_method(
    method_id: str, created: int, customer: Object, kind: str, details: Object, attached: bool = True
) -> Object:
    """`details` are the keys of its kind. One that paid a hosted invoice page once is attached to nobody."""
    return {
        "id": method_id,
        "object": "payment_method",
        "allow_redisplay": "limited" if attached else "unspecified",
        "billing_details": billing_details(customer),
        kind: details,
        "created": created,
        "customer": customer["id"] if attached else None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def card(
    brand: str,
    last4: str,
    exp_month: int,
    exp_year: int,
    country: str,
    funding: str,
    fingerprint: str,
    has_postal_code: bool = True,
    wallet: str | None = None,
) -> Object:
    """`wallet` is apple_pay or google_pay. French cards run on Cartes Bancaires too."""
    french = country == "FR" and brand in ("visa", "mastercard")
    return {
        "brand": brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": "pass" if has_postal_code else None,
            "cvc_check": None if wallet else "pass",
        },
        "country": country,
        "display_brand": brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint,
        "funding": funding,
        "generated_from": None,
        "last4": last4,
        "networks": {"available": ["cartes_bancaires", brand] if french else [brand], "preferred": None},
        "regulated_status": "regulated" if funding == "debit" and country == "US" else "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": {wallet: {}, "dynamic_last4": None, "type": wallet} if wallet else None,
    }


def sepa_debit(last4: str, country: str, bank_code: str, fingerprint: str) -> Object:
    return {
        "bank_code": bank_code,
        "branch_code": None,
        "country": country,
        "fingerprint": fingerprint,
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": last4,
    }


def us_bank_account(last4: str, bank_name: str, routing_number: str, fingerprint: str, company: bool) -> Object:
    return {
        "account_holder_type": "company" if company else "individual",
        "account_type": "checking",
        "bank_name": bank_name,
        "financial_connections_account": None,
        "fingerprint": fingerprint,
        "last4": last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": routing_number,
        "status_details": {},
    }


def charged_details(method: Object, amount: int, secured: bool = False) -> Object:
    """A charge's `payment_method_details`; `secured`: the cardholder was asked by 3-D Secure."""
    kind = method["type"]
    details = method[kind]
    if kind == "card":
        details = _charged_card(details, amount, secured)
    elif kind == "sepa_debit":
        details = {name: value for name, value in details.items() if name != "generated_from"} | {"mandate": None}
    elif kind == "us_bank_account":
        kept = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
        details = {name: details[name] for name in kept} | {"payment_reference": None}
    elif kind == "link":
        details = {"country": (method["billing_details"]["address"] or {}).get("country")}
    return {kind: details, "type": kind}


def _charged_card(held: Object, amount: int, secured: bool) -> Object:
    return {
        "amount_authorized": amount,
        "authorization_code": None,
        "brand": held["brand"],
        "checks": held["checks"],
        "country": held["country"],
        "exp_month": held["exp_month"],
        "exp_year": held["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": held["fingerprint"],
        "funding": held["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": held["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": held["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": held["regulated_status"],
        "three_d_secure": THREE_D_SECURE if secured else None,
        "wallet": held["wallet"],
    }


THREE_D_SECURE: Object = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": None,
    "version": "2.2.0",
}
