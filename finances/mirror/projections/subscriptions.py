from datetime import datetime

from finances.expandable import id_of
from finances.mirror.projections.values import Json, created, decimal, moment, search_text
from finances.models import Discount, Subscription, SubscriptionItem

NEVER_PAID = ("trialing", "incomplete", "incomplete_expired")
UNPAID = "unpaid"
NO_LONGER_PAID = (UNPAID, "paused")


def subscription_items(it: Json) -> list[Json]:
    return (it.get("items") or {}).get("data") or []


def subscription(it: Json) -> Subscription:
    """Without its monthly value, and what its invoices say of its paying time: see `finances.mirror.neighbours`."""
    cancellation = it.get("cancellation_details") or {}
    since, until = paying_time(it)
    return Subscription(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        status=it.get("status") or "",
        currency=it.get("currency") or "",
        paying_since=since,
        paying_until=until,
        current_period_end=moment(_first_of_items(it, "current_period_end")),
        cancel_at_period_end=bool(it.get("cancel_at_period_end")),
        cancel_at=moment(it.get("cancel_at")),
        canceled_at=moment(it.get("canceled_at")),
        cancellation_reason=cancellation.get("reason") or "",
        cancellation_feedback=cancellation.get("feedback") or "",
        collection_paused=bool(it.get("pause_collection")),
        collection_method=it.get("collection_method") or "",
        default_payment_method_id=id_of(it.get("default_payment_method")) or id_of(it.get("default_source")),
        trial_ends_at=moment(it.get("trial_end")),
        created_at=created(it),
        ended_at=moment(it.get("ended_at")),
        search_text=search_text(it["id"], id_of(it.get("customer"))),
    )


def paying_time(it: Json, unpaid_since: datetime | None = None) -> tuple[datetime | None, datetime | None]:
    """From when to when it counts as recurring revenue, as far as its present state tells.

    From the end of its trial, or else its start, to its end. One that is `unpaid` or `paused` stopped with the period
    that it is in, or where its invoices tell of an earlier one (`finances.mirror.unpaid`), with that. (None, None) for
    one that never came so far: in trial, incomplete, ended or paused within the trial.
    """
    status, trial_end = it.get("status") or "", it.get("trial_end")
    start = trial_end or it.get("start_date") or it.get("created")
    end = it.get("ended_at")
    if status in NO_LONGER_PAID:
        end = _first_of_items(it, "current_period_start") or start
    if status in NEVER_PAID or start is None or (end is not None and end <= start):
        return None, None
    since, until = moment(start), moment(end)
    if status == UNPAID and until and unpaid_since and unpaid_since < until:
        until = unpaid_since
    return (since, until) if since and (until is None or since < until) else (None, None)


def _first_of_items(it: Json, name: str) -> int | None:
    """Since 2025-03-31 the period is on the items; before, on the subscription. The earliest of the items'."""
    values = [value for item in subscription_items(it) if (value := item.get(name)) is not None]
    return min(values) if values else it.get(name)


def subscription_item(it: Json, parent: Json) -> SubscriptionItem:
    price = it.get("price") or {}
    recurring = price.get("recurring") or {}
    quantity, amount = it.get("quantity_decimal"), price.get("unit_amount_decimal")
    return SubscriptionItem(
        id=it["id"],
        livemode=bool(parent.get("livemode")),
        subscription_id=parent["id"],
        price_id=id_of(price),
        product_id=id_of(price.get("product")),
        quantity=decimal(it.get("quantity") if quantity is None else quantity),
        currency=price.get("currency") or parent.get("currency") or "",
        unit_amount=decimal(price.get("unit_amount") if amount is None else amount),
        interval=recurring.get("interval") or "",
        interval_count=recurring.get("interval_count") or 1,
    )


def discounts(it: Json) -> list[Discount]:
    """Of a subscription and its items, or of a customer; those that came as ids alone are left out."""
    if it.get("object") == "customer":
        return [_discount(it["discount"], it, 0)] if isinstance(it.get("discount"), dict) else []
    own = it.get("discounts") or [it.get("discount")]
    rows = [_discount(each, it, place) for place, each in enumerate(own) if isinstance(each, dict)]
    for item in subscription_items(it):
        of_item = enumerate(item.get("discounts") or [])
        rows += [_discount(each, it, place, item["id"]) for place, each in of_item if isinstance(each, dict)]
    return rows


def _discount(it: Json, parent: Json, position: int, item_id: str = "") -> Discount:
    """Since 2025-09-30 the coupon is named under `source`; before, at the top, and whole."""
    on_customer = parent.get("object") == "customer"
    return Discount(
        id=it["id"],
        livemode=bool(parent.get("livemode")),
        coupon_id=id_of((it.get("source") or {}).get("coupon")) or id_of(it.get("coupon")),
        promotion_code_id=id_of(it.get("promotion_code")),
        customer_id=parent["id"] if on_customer else id_of(parent.get("customer")),
        subscription_id="" if on_customer else parent["id"],
        subscription_item_id=item_id,
        position=position,
        started_at=moment(it.get("start")),
        ends_at=moment(it.get("end")),
    )
