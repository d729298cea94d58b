from typing import Any

from finances.expandable import id_of
from finances.mirror.projections.values import Json, created, moment, search_text
from finances.models import BalanceTransaction, Charge, Dispute, Payment, Payout, Refund


def payment(it: Json) -> Payment:
    error = it.get("last_payment_error") or {}
    return Payment(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        amount_received=it.get("amount_received") or 0,
        payment_method_id=id_of(it.get("payment_method")) or id_of(error.get("payment_method")),
        latest_charge_id=id_of(it.get("latest_charge")),
        failure_code=(error.get("code") or "")[:64],
        decline_code=(error.get("decline_code") or "")[:64],
        description=it.get("description") or "",
        created_at=created(it),
        canceled_at=moment(it.get("canceled_at")),
        search_text=search_text(it["id"], id_of(it.get("latest_charge")), id_of(it.get("customer"))),
    )


def charge(it: Json) -> Charge:
    method = it.get("payment_method_details") or {}
    kind = method.get("type") or ""
    details: dict[str, Any] = method.get(kind) or {}
    outcome = it.get("outcome") or {}
    last4 = str(details.get("last4") or "")[:4]
    return Charge(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        payment_intent_id=id_of(it.get("payment_intent")),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        amount_captured=it.get("amount_captured") or 0,
        amount_refunded=it.get("amount_refunded") or 0,
        refunded=bool(it.get("refunded")),
        disputed=bool(it.get("disputed")),
        failure_code=(it.get("failure_code") or "")[:64],
        decline_code=decline_code(it),
        outcome_type=(outcome.get("type") or "")[:32],
        risk_level=(outcome.get("risk_level") or "")[:16],
        payment_method_id=id_of(it.get("payment_method")),
        method_type=kind[:32],
        brand=str(details.get("brand") or details.get("bank_name") or details.get("bank_code") or "")[:64],
        last4=last4,
        expires_month=details.get("exp_month"),
        expires_year=details.get("exp_year"),
        balance_transaction_id=id_of(it.get("balance_transaction")),
        created_at=created(it),
        search_text=search_text(
            it["id"], id_of(it.get("payment_intent")), id_of(it.get("customer")), last4, it.get("receipt_number")
        ),
    )


def decline_code(it: Json) -> str:
    """Why a failed attempt was refused: the outcome's reason, which for a block by Radar is the rule's name."""
    if it.get("status") != "failed":
        return ""
    return ((it.get("outcome") or {}).get("reason") or "")[:64]


def refund(it: Json) -> Refund:
    """Without its customer, whom only the charge names: see `finances.mirror.neighbours`."""
    return Refund(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        charge_id=id_of(it.get("charge")),
        payment_intent_id=id_of(it.get("payment_intent")),
        status=it.get("status") or "",
        reason=it.get("reason") or "",
        failure_reason=it.get("failure_reason") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        balance_transaction_id=id_of(it.get("balance_transaction")),
        created_at=created(it),
        search_text=search_text(it["id"], id_of(it.get("charge")), id_of(it.get("payment_intent"))),
    )


def dispute(it: Json) -> Dispute:
    """Without its customer, whom only the charge names: see `finances.mirror.neighbours`."""
    evidence = it.get("evidence_details") or {}
    return Dispute(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        charge_id=id_of(it.get("charge")),
        payment_intent_id=id_of(it.get("payment_intent")),
        status=it.get("status") or "",
        reason=it.get("reason") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        evidence_due_at=moment(evidence.get("due_by")),
        has_evidence=bool(evidence.get("has_evidence")),
        past_due=bool(evidence.get("past_due")),
        submission_count=evidence.get("submission_count") or 0,
        created_at=created(it),
        search_text=search_text(it["id"], id_of(it.get("charge")), id_of(it.get("payment_intent"))),
    )


def balance_transaction(it: Json) -> BalanceTransaction:
    return BalanceTransaction(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        type=it.get("type") or "",
        reporting_category=it.get("reporting_category") or "",
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        fee=it.get("fee") or 0,
        net=it.get("net") or 0,
        source_id=id_of(it.get("source")),
        description=it.get("description") or "",
        available_at=moment(it.get("available_on")),
        created_at=created(it),
    )


def payout(it: Json) -> Payout:
    return Payout(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        amount=it.get("amount") or 0,
        automatic=bool(it.get("automatic")),
        failure_code=it.get("failure_code") or "",
        balance_transaction_id=id_of(it.get("balance_transaction")),
        arrives_at=moment(it.get("arrival_date")),
        created_at=created(it),
    )
