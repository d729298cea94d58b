"""Stripe's JSON without the person: what is left of an object once its customer was erased."""

import re
from typing import Any

from finances.mirror.types import TYPE_OF_PREFIX

Json = dict[str, Any]

CATALOGUE = frozenset({"price", "plan", "product", "coupon", "tax_rate"})
"""What is sold and how it is taxed, wherever it is embedded: nobody's own."""

EMPTIED = frozenset({"metadata", "exp_month", "exp_year", "dob"})
"""Numbers of the person among them, so that not even those stay."""

KEPT = frozenset(
    {
        *("object", "type", "status", "currency", "mode", "brand", "funding", "country", "network", "category"),
        *("reason", "failure_code", "failure_reason", "code", "decline_code", "network_status", "risk_level"),
        *("advice_code", "network_advice_code", "network_decline_code", "outcome_type", "feedback", "redaction"),
        *("collection_method", "billing_reason", "billing_scheme", "billing_mode", "proration_behavior", "behavior"),
        *("interval", "usage_type", "tiers_mode", "tax_behavior", "taxability_reason", "tax_exempt", "tax_type"),
        *("duration", "end_behavior", "missing_payment_method", "save_default_payment_method", "usage", "source_type"),
        *("capture_method", "confirmation_method", "setup_future_usage", "payment_method_types", "payment_type"),
        *("reporting_category", "cancellation_reason", "request_three_d_secure", "api_version", "number"),
        *("coupon", "iterations", "percent_off", "percentage", "balance_type"),
    }
)
"""Fields whose text is a word of Stripe's, or an invoice's number. All other text goes, that of a field which Stripe
adds tomorrow too."""

WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
PREFIXES = {
    *TYPE_OF_PREFIX,
    *("acct", "ba", "card", "cbtxn", "cnli", "di", "evt", "ii", "il", "mandate", "si", "src", "sub_sched", "txi"),
}
ID = re.compile(rf"(?:{'|'.join(sorted(PREFIXES))})_[A-Za-z0-9]{{6,255}}")
LIST = re.compile(r"/v1/[a-z_]+(?:/[A-Za-z]+_[A-Za-z0-9]+/[a-z_]+)?")


def impersonal(stripe_object: Json) -> Json:
    """With every text that may say who somebody is turned into null. The same for what it answered itself."""
    coded = stripe_object.get("object") == "promotion_code"  # a word for one customer alone may be their name
    return {key: None if coded and key == "code" else _kept(key, value) for key, value in stripe_object.items()}


def texts_of_person(stripe_object: Json) -> set[str]:
    """Who it is, as far as the object says it: e-mails, names, telephone numbers, the last digits of what pays."""
    found: set[str] = set()
    _collect(stripe_object, found)
    return found


TELLING = frozenset(
    {
        *("email", "name", "phone", "last4", "dynamic_last4", "customer_email", "customer_name", "customer_phone"),
        *("receipt_email", "individual_name", "business_name", "customer_email_address", "verified_name"),
    }
)


def _kept(key: str, value: Any) -> Any:
    if key in EMPTIED:
        return {} if isinstance(value, dict) else None
    match value:
        case dict():
            return value if value.get("object") in CATALOGUE else impersonal(value)
        case list():
            return [_kept(key, each) for each in value]
        case str():
            return value if _names_no_one(key, value) else None
    return value


def _names_no_one(key: str, value: str) -> bool:
    if key in KEPT or key == "id" or key.endswith("_decimal"):
        return bool(WORD.fullmatch(value))
    return bool(ID.fullmatch(value) or (key == "url" and LIST.fullmatch(value)))


def _collect(value: Any, found: set[str]) -> None:
    match value:
        case dict() if value.get("object") not in CATALOGUE:
            for key, each in value.items():
                if key in TELLING and isinstance(each, str) and each.strip():
                    found.add(each)
                elif key != "metadata":
                    _collect(each, found)
        case list():
            for each in value:
                _collect(each, found)
