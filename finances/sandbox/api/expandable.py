"""Which properties of which type `expand[]` can open, and what they lead to.

The path goes through the parts of an object and the `data` of its lists. Several types are told apart by the object.
"""

from __future__ import annotations

NOTHING = ""  # that this business has: it may be asked for, and stays as it is
TEST_CLOCK = {"test_clock": NOTHING}
DISCOUNTS = {"discount_amounts.discount": "discount", "pretax_credit_amounts.discount": "discount"}
CREDITS = {"pretax_credit_amounts.credit_balance_transaction": NOTHING}
TAXES = {"taxes.tax_rate_details.tax_rate": "tax_rate"}
TOTAL_TAXES = {"total_taxes.tax_rate_details.tax_rate": "tax_rate"}
SHIPPING = {"shipping_cost.shipping_rate": NOTHING, "shipping_cost.taxes.rate": "tax_rate"}
ISSUER = {"invoice_settings.account_tax_ids": "tax_id", "invoice_settings.issuer.account": "account"}
PHASE_DISCOUNTS = ("coupon", "discount", "promotion_code")


def _below(start: str, paths: dict[str, str]) -> dict[str, str]:
    return {f"{start}.{path}": leads for path, leads in paths.items()}


def _failure(name: str) -> dict[str, str]:
    """What a payment error shows whole."""
    return _below(
        name,
        {
            "payment_intent": "payment_intent",
            "payment_method": "payment_method",
            "setup_intent": "setup_intent",
            "source": NOTHING,
        },
    )


def _phase(name: str) -> dict[str, str]:
    return {f"{name}.{each}": each for each in PHASE_DISCOUNTS}


EVIDENCE = (
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt "
    "refund_policy service_documentation shipping_documentation uncategorized_file"
)
EXPANDABLE: dict[str, dict[str, str]] = {
    "account": {
        "company.verification.document.back": NOTHING,
        "company.verification.document.front": NOTHING,
        "external_accounts.data": NOTHING,
        "individual": NOTHING,
        "settings.branding.icon": NOTHING,
        "settings.branding.logo": NOTHING,
        "settings.invoices.default_account_tax_ids": "tax_id",
    },
    "balance": {},
    "balance_transaction": {"source": "charge|dispute|payout|refund|transfer"},
    "billing.meter": {},
    "charge": {
        "application": NOTHING,
        "application_fee": NOTHING,
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "on_behalf_of": "account",
        "outcome.rule": NOTHING,
        "payment_intent": "payment_intent",
        "payment_method_details.bancontact.generated_sepa_debit": "payment_method",
        "payment_method_details.bancontact.generated_sepa_debit_mandate": NOTHING,
        "payment_method_details.ideal.generated_sepa_debit": "payment_method",
        "payment_method_details.ideal.generated_sepa_debit_mandate": NOTHING,
        "payment_method_details.sofort.generated_sepa_debit": "payment_method",
        "payment_method_details.sofort.generated_sepa_debit_mandate": NOTHING,
        "payment_method_details.us_bank_account.mandate": NOTHING,
        "refunds.data": "refund",
        "review": NOTHING,
        "source_transfer": "transfer",
        "transfer": "transfer",
        "transfer_data.destination": "account",
    },
    "coupon": {"applies_to": NOTHING, "currency_options": NOTHING},
    "credit_note": {
        "customer": "customer",
        "customer_balance_transaction": "customer_balance_transaction",
        "invoice": "invoice",
        "lines.data": "credit_note_line_item",
        "refunds.refund": "refund",
        **DISCOUNTS,
        **CREDITS,
        **SHIPPING,
        **TOTAL_TAXES,
    },
    "credit_note_line_item": {"tax_rates": "tax_rate", **DISCOUNTS, **CREDITS, **TAXES},
    "customer": {
        "cash_balance": NOTHING,
        "default_source": NOTHING,
        "discount": "discount",
        "invoice_settings.default_payment_method": "payment_method",
        "sources.data": NOTHING,
        "subscriptions.data": "subscription",
        "tax": NOTHING,
        "tax_ids.data": "tax_id",
        **TEST_CLOCK,
    },
    "customer_balance_transaction": {
        "checkout_session": NOTHING,
        "credit_note": "credit_note",
        "customer": "customer",
        "invoice": "invoice",
    },
    "discount": {"customer": "customer", "promotion_code": "promotion_code", "source.coupon": "coupon"},
    "dispute": {
        "balance_transactions": "balance_transaction",
        "charge": "charge",
        "payment_intent": "payment_intent",
        **_below("evidence", dict.fromkeys(EVIDENCE.split(), NOTHING)),
    },
    "event": {},
    "invoice": {
        "account_tax_ids": "tax_id",
        "application": NOTHING,
        "automatic_tax.liability.account": "account",
        "confirmation_secret": NOTHING,
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": NOTHING,
        "default_tax_rates": "tax_rate",
        "discounts": "discount",
        "from_invoice.invoice": "invoice",
        "issuer.account": "account",
        "latest_revision": "invoice",
        "lines.data": "line_item",
        "on_behalf_of": "account",
        "parent.subscription_details.subscription": "subscription",
        "payments.data": "invoice_payment",
        "total_discount_amounts.discount": "discount",
        "total_pretax_credit_amounts.credit_balance_transaction": NOTHING,
        "total_pretax_credit_amounts.discount": "discount",
        **_failure("last_finalization_error"),
        **SHIPPING,
        **TEST_CLOCK,
        **TOTAL_TAXES,
    },
    "invoice_payment": {
        "invoice": "invoice",
        "payment.charge": "charge",
        "payment.payment_intent": "payment_intent",
        "payment.payment_record": NOTHING,
    },
    "invoiceitem": {
        "customer": "customer",
        "discounts": "discount",
        "invoice": "invoice",
        "pricing.price_details.price": "price",
        "proration_details.discount_amounts.discount": "discount",
        "tax_rates": "tax_rate",
        **TEST_CLOCK,
    },
    "line_item": {
        "discounts": "discount",
        "pricing.price_details.price": "price",
        "subscription": "subscription",
        **DISCOUNTS,
        **CREDITS,
        **TAXES,
    },
    "payment_intent": {
        "amount_details.line_items.data": NOTHING,
        "application": NOTHING,
        "customer": "customer",
        "latest_charge": "charge",
        "on_behalf_of": "account",
        "payment_method": "payment_method",
        "review": NOTHING,
        "transfer_data.destination": "account",
        **_failure("last_payment_error"),
    },
    "payment_method": {
        "card.generated_from.setup_attempt": NOTHING,
        "customer": "customer",
        "sepa_debit.generated_from.charge": "charge",
        "sepa_debit.generated_from.setup_attempt": NOTHING,
    },
    "payout": {
        "application_fee": NOTHING,
        "balance_transaction": "balance_transaction",
        "destination": NOTHING,
        "failure_balance_transaction": "balance_transaction",
        "original_payout": "payout",
        "reversed_by": "payout",
    },
    "plan": {"product": "product", "tiers": NOTHING},
    "price": {"currency_options": NOTHING, "product": "product", "tiers": NOTHING},
    "product": {"default_price": "price", "tax_code": NOTHING},
    "promotion_code": {"customer": "customer", "promotion.coupon": "coupon"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "source_transfer_reversal": NOTHING,
        "transfer_reversal": NOTHING,
    },
    "setup_intent": {
        "application": NOTHING,
        "customer": "customer",
        "latest_attempt": NOTHING,
        "mandate": NOTHING,
        "on_behalf_of": "account",
        "payment_method": "payment_method",
        "single_use_mandate": NOTHING,
        **_failure("last_setup_error"),
    },
    "subscription": {
        "application": NOTHING,
        "automatic_tax.liability.account": "account",
        "billing_schedules.applies_to.price": "price",
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": NOTHING,
        "default_tax_rates": "tax_rate",
        "discounts": "discount",
        "items.data": "subscription_item",
        "latest_invoice": "invoice",
        "on_behalf_of": "account",
        "pending_setup_intent": "setup_intent",
        "pending_update.discount": "discount",
        "pending_update.discounts": "discount",
        "pending_update.subscription_items": "subscription_item",
        "schedule": "subscription_schedule",
        "transfer_data.destination": "account",
        **ISSUER,
        **TEST_CLOCK,
    },
    "subscription_item": {"discounts": "discount", "price": "price", "tax_rates": "tax_rate"},
    "subscription_schedule": {
        "application": NOTHING,
        "customer": "customer",
        "default_settings.automatic_tax.liability.account": "account",
        "default_settings.default_payment_method": "payment_method",
        "default_settings.on_behalf_of": "account",
        "default_settings.transfer_data.destination": "account",
        "phases.add_invoice_items.price": "price",
        "phases.add_invoice_items.tax_rates": "tax_rate",
        "phases.automatic_tax.liability.account": "account",
        "phases.default_payment_method": "payment_method",
        "phases.default_tax_rates": "tax_rate",
        "phases.items.price": "price",
        "phases.items.tax_rates": "tax_rate",
        "phases.on_behalf_of": "account",
        "phases.transfer_data.destination": "account",
        "subscription": "subscription",
        **_below("default_settings", ISSUER),
        **_below("phases", ISSUER),
        **_phase("phases.add_invoice_items.discounts"),
        **_phase("phases.discounts"),
        **_phase("phases.items.discounts"),
        **TEST_CLOCK,
    },
    "tax_id": {
        "customer": "customer",
        "owner.account": "account",
        "owner.application": NOTHING,
        "owner.customer": "customer",
    },
    "tax_rate": {},
    "transfer": {
        "balance_transaction": "balance_transaction",
        "destination": "account",
        "destination_payment": "charge",
        "reversals.data": NOTHING,
        "source_transaction": "charge",
    },
    "webhook_endpoint": {},
}
