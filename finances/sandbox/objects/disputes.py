"""Disputes, and inquiries before they become one."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

NETWORK_CODES = {
    "fraudulent": {"visa": "10.4", "mastercard": "4837", "amex": "F29"},
    "subscription_canceled": {"visa": "13.2", "mastercard": "4841", "amex": "C28"},
    "product_not_received": {"visa": "13.1", "mastercard": "4853", "amex": "C08"},
    "product_unacceptable": {"visa": "13.3", "mastercard": "4853", "amex": "C31"},
    "duplicate": {"visa": "12.6", "mastercard": "4834", "amex": "P08"},
    "credit_not_processed": {"visa": "13.7", "mastercard": "4853", "amex": "C02"},
    "unrecognized": {"visa": "10.4", "mastercard": "4837", "amex": "FR2"},
    "general": {},
}
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def dispute(
    dispute_id: str,
    created: int,
    charge: Object,
    amount: int,
    reason: str,
    due_by: int,
    withdrawn: Object | None,
) -> Object:
    """`withdrawn` is the balance transaction that took the money; an inquiry has none."""
    brand = charge["payment_method_details"]["card"]["brand"]
    owner = charge["billing_details"]
    evidence: Object = dict.fromkeys(EVIDENCE)
    evidence |= {"customer_email_address": owner["email"], "customer_name": owner["name"], "enhanced_evidence": {}}
    return {
        "id": dispute_id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [withdrawn] if withdrawn else [],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": withdrawn is None,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "chargeback" if withdrawn else "inquiry",
                "network_reason_code": NETWORK_CODES[reason].get(brand),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response" if withdrawn else "warning_needs_response",
    }
