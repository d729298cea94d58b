"""Tax rates, the tax on a line, and customers' tax ids."""

from __future__ import annotations

from finances.sandbox.engine.store import Object


def tax_rate(
    tax_rate_id: str,
    created: int,
    name: str,
    percentage: float,
    inclusive: bool,
    country: str,
    tax_type: str,
    state: str | None = None,
) -> Object:
    return {
        "id": tax_rate_id,
        "object": "tax_rate",
        "active": True,
        "country": country,
        "created": created,
        "description": None,
        "display_name": name,
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": inclusive,
        "jurisdiction": f"{country} - {state}" if state else country,
        "jurisdiction_level": "state" if state else "country",
        "livemode": False,
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": state,
        "tax_type": tax_type,
    }


def tax(rate: Object, amount: int, taxable: int) -> Object:
    """One rate's tax, in minor units. `taxable` never holds the tax, in a tax-inclusive amount neither."""
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "not_available",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def tax_id(
    tax_id_id: str, created: int, customer_id: str, country: str, kind: str, value: str, name: str | None
) -> Object:
    """`kind` as eu_vat or gb_vat; `name` is the one that the authority knows, None where it was not asked yet."""
    return {
        "id": tax_id_id,
        "object": "tax_id",
        "country": country,
        "created": created,
        "customer": customer_id,
        "customer_account": None,
        "livemode": False,
        "owner": {"customer": customer_id, "customer_account": None, "type": "customer"},
        "type": kind,
        "value": value,
        "verification": {
            "status": "verified" if name else "pending",
            "verified_address": None,
            "verified_name": name,
        },
    }
