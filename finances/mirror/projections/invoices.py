from finances.expandable import id_of
from finances.mirror.projections.values import Json, created, decimal, moment, search_text
from finances.models import CreditNote, Invoice, InvoiceLine, InvoicePayment


def subscription_id_of(it: Json) -> str:
    """Since 2025-03-31 an invoice names its subscription under `parent`; before, at the top."""
    parent = (it.get("parent") or {}).get("subscription_details") or {}
    return id_of(parent.get("subscription")) or id_of(it.get("subscription"))


def invoice(it: Json) -> Invoice:
    transitions = it.get("status_transitions") or {}
    return Invoice(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        number=it.get("number") or "",
        customer_id=id_of(it.get("customer")),
        subscription_id=subscription_id_of(it),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        total=it.get("total") or 0,
        tax=_sum(it.get("total_taxes") or it.get("total_tax_amounts")),
        discount=_sum(it.get("total_discount_amounts")),
        amount_due=it.get("amount_due") or 0,
        amount_paid=it.get("amount_paid") or 0,
        amount_remaining=it.get("amount_remaining") or 0,
        collection_method=it.get("collection_method") or "",
        billing_reason=it.get("billing_reason") or "",
        created_at=created(it),
        due_at=moment(it.get("due_date")),
        finalized_at=moment(transitions.get("finalized_at")),
        paid_at=moment(transitions.get("paid_at")),
        next_attempt_at=moment(it.get("next_payment_attempt")),
        attempt_count=it.get("attempt_count") or 0,
        search_text=search_text(
            it.get("number"),
            it["id"],
            id_of(it.get("customer")),
            it.get("customer_name"),
            it.get("customer_email"),
            it.get("receipt_number"),
        ),
    )


def invoice_lines(it: Json) -> list[Json]:
    return (it.get("lines") or {}).get("data") or []


def invoice_line(it: Json, parent: Json, position: int) -> InvoiceLine:
    """Since 2025-03-31 the price is under `pricing` and the kind under `parent`; before, both were at the top."""
    pricing = it.get("pricing") or {}
    details = pricing.get("price_details") or {}
    old_price = it.get("price") if isinstance(it.get("price"), dict) else {}
    kind = it.get("parent") or {}
    of_item = kind.get("subscription_item_details") or kind.get("invoice_item_details") or {}
    quantity, amount = it.get("quantity_decimal"), pricing.get("unit_amount_decimal")
    period = it.get("period") or {}
    return InvoiceLine(
        id=it["id"],
        livemode=bool(parent.get("livemode")),
        invoice_id=parent["id"],
        position=position,
        description=it.get("description") or "",
        currency=it.get("currency") or parent.get("currency") or "",
        amount=it.get("amount") or 0,
        discount=_sum(it.get("discount_amounts")),
        tax=_sum(it.get("taxes") or it.get("tax_amounts")),
        quantity=decimal(it.get("quantity") if quantity is None else quantity),
        unit_amount=decimal((old_price or {}).get("unit_amount_decimal") if amount is None else amount),
        proration=bool(of_item.get("proration") or it.get("proration")),
        price_id=id_of(details.get("price")) or id_of(it.get("price")),
        product_id=id_of(details.get("product")) or id_of((old_price or {}).get("product")),
        subscription_id=id_of(of_item.get("subscription")) or id_of(it.get("subscription")),
        starts_at=moment(period.get("start")),
        ends_at=moment(period.get("end")),
    )


def invoice_payment(it: Json) -> InvoicePayment:
    payment, transitions = it.get("payment") or {}, it.get("status_transitions") or {}
    return InvoicePayment(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        invoice_id=id_of(it.get("invoice")),
        payment_intent_id=id_of(payment.get("payment_intent")),
        charge_id=id_of(payment.get("charge")),
        payment_type=payment.get("type") or "",
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        amount_requested=it.get("amount_requested") or 0,
        amount_paid=it.get("amount_paid") or 0,
        is_default=bool(it.get("is_default")),
        created_at=created(it),
        paid_at=moment(transitions.get("paid_at")),
        canceled_at=moment(transitions.get("canceled_at")),
    )


def credit_note(it: Json) -> CreditNote:
    """Since 2025-03-31 refunds are a list; before, one at the top, whose amount is not on the note."""
    refunds = it.get("refunds") or []
    return CreditNote(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        number=it.get("number") or "",
        invoice_id=id_of(it.get("invoice")),
        customer_id=id_of(it.get("customer")),
        status=it.get("status") or "",
        reason=it.get("reason") or "",
        currency=it.get("currency") or "",
        total=it.get("total") or 0,
        pre_payment_amount=it.get("pre_payment_amount") or 0,
        post_payment_amount=it.get("post_payment_amount") or 0,
        customer_balance_amount=_balance_part(it),
        refund_amount=sum(each.get("amount_refunded") or 0 for each in refunds),
        out_of_band_amount=it.get("out_of_band_amount") or 0,
        memo=it.get("memo") or "",
        created_at=created(it),
        voided_at=moment(it.get("voided_at")),
        search_text=search_text(it.get("number"), it["id"], id_of(it.get("invoice")), id_of(it.get("customer"))),
    )


def _balance_part(it: Json) -> int:
    """What was given as credit: of the amount after payment, what neither refunds nor went outside Stripe."""
    if not it.get("customer_balance_transaction"):
        return 0
    refunded = sum(each.get("amount_refunded") or 0 for each in it.get("refunds") or [])
    return (it.get("post_payment_amount") or 0) - refunded - (it.get("out_of_band_amount") or 0)


def _sum(amounts: list[Json] | None) -> int:
    return sum(each.get("amount") or 0 for each in amounts or [])
