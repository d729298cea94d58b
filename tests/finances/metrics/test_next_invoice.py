"""Cases computed by hand; amounts in cents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finances.metrics.next_invoice import NextInvoice, next_invoice
from tests.finances.sandbox.firm import Firm

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
END = NOW + timedelta(days=10)
GRADUATED = {"tiers_mode": "graduated", "billing_scheme": "tiered"}
TIERS = [{"up_to": 10, "unit_amount": 500, "flat_amount": 0}, {"up_to": None, "unit_amount": 300, "flat_amount": 1000}]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def an_item(amount: int | None = 2900, quantity: int | None = 1, key: str = "si_1", **price: Any) -> dict[str, Any]:
    usage = "metered" if quantity is None else "licensed"
    row = {"id": f"price_{key}", "unit_amount": amount, "currency": "eur", "product": f"prod_{key}"}
    row |= {"recurring": {"interval": "month", "interval_count": 1, "usage_type": usage}} | price
    return {"id": key, "quantity": quantity, "price": row, "current_period_end": seconds(END)}


def a_discount(duration: str = "forever", end: datetime | None = None, **coupon: Any) -> dict[str, Any]:
    whole = {"id": "c_1", "duration": duration} | (coupon or {"percent_off": 20})
    return {"id": "di_1", "end": end and seconds(end), "source": {"coupon": whole}}


def estimate(
    *items: dict[str, Any],
    customer: dict[str, Any] | None = None,
    prices: dict[str, Any] | None = None,
    coming: tuple[dict[str, Any], ...] = (),
    **fields: Any,
) -> NextInvoice:
    subscription = {"status": "active", "currency": "eur", "items": {"data": list(items or [an_item()])}} | fields
    return next_invoice(subscription, prices or {}, {}, customer or {}, coming=coming)


def test_flat_a_price_times_its_quantity_at_the_end_of_the_period() -> None:
    found = estimate(an_item(3300, 40), an_item(10667, 1, "si_2"))

    assert (found.at, found.currency) == (END, "eur")
    assert [line.amount for line in found.lines] == [132000, 10667]
    assert (found.subtotal, found.discount, found.tax, found.total, found.due) == (142667, 0, 0, 142667, 142667)
    assert found.unknown == ("pending",), "what is pending is never known here"


def test_tiered_10_at_5_and_15_at_3_and_10_once() -> None:
    tiered = an_item(None, 25, **GRADUATED)

    assert estimate(tiered, prices={"price_si_1": {"tiers": TIERS}}).total == 10 * 500 + 15 * 300 + 1000
    assert estimate(tiered).gap == "tiers_unknown"


def test_a_trial_is_charged_at_its_end_in_full() -> None:
    trial_end = NOW + timedelta(days=3)

    found = estimate(status="trialing", trial_end=seconds(trial_end))

    assert (found.at, found.total) == (trial_end, 2900)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"cancel_at_period_end": True}, "cancels"),
        ({"cancel_at": seconds(END)}, "cancels"),
        ({"status": "trialing", "trial_end": seconds(END), "cancel_at_period_end": True}, "cancels"),
        ({"status": "canceled"}, "ended"),
        ({"status": "incomplete_expired"}, "ended"),
        ({"status": "incomplete"}, "incomplete"),
        ({"status": "paused"}, "paused"),
    ],
)
def test_what_ends_or_stands_still_has_none(fields, why: str) -> None:
    found = estimate(**fields)

    assert (found.no_invoice, found.total, found.lines) == (why, 0, ())


def test_a_later_end_does_not_keep_the_next_one_away() -> None:
    assert estimate(cancel_at=seconds(END + timedelta(days=90))).total == 2900


def test_a_pause_of_collection_says_what_becomes_of_it() -> None:
    found = estimate(pause_collection={"behavior": "void"})

    assert (found.total, found.collected) == (2900, "void")


@pytest.mark.parametrize(
    ("discount", "off"),
    [
        (a_discount("once"), 580),  # still on it, so no invoice has used it
        (a_discount("forever"), 580),
        (a_discount("repeating", END + timedelta(days=1)), 580),
        (a_discount("repeating", END - timedelta(days=1)), 0),
        (a_discount("repeating", END), 0),
        (a_discount("once", amount_off=500, currency="eur"), 500),
        (a_discount("forever", amount_off=9900, currency="eur"), 2900),
    ],
)
def test_a_discount_counts_if_it_is_there_then(discount, off: int) -> None:
    found = estimate(discounts=[discount])

    assert (found.discount, found.total) == (off, 2900 - off)


def test_the_customers_discount_counts_where_the_subscription_has_none() -> None:
    customer = {"discount": a_discount(percent_off=50)}

    assert estimate(customer=customer).total == 1450
    assert estimate(customer=customer, discounts=[a_discount(percent_off=10)]).total == 2610


def test_a_discount_that_is_only_an_id_is_not_guessed() -> None:
    assert estimate(discounts=["di_1"]).gap == "coupon_unknown"


def test_added_tax_is_on_what_the_discount_leaves_rounded_half_up() -> None:
    vat, included = {"percentage": 19.0, "inclusive": False}, {"percentage": 19.0, "inclusive": True}

    found = estimate(discounts=[a_discount(percent_off=50)], default_tax_rates=[vat])

    assert (found.tax, found.total) == (276, 1726)  # 14.50 x 19 % = 2.755
    assert estimate(default_tax_rates=[included]).tax == 0
    assert estimate(default_tax_rates=[vat], customer={"tax_exempt": "reverse"}).tax == 0


def test_tax_that_stripe_works_out_is_unknown() -> None:
    found = estimate(automatic_tax={"enabled": True}, default_tax_rates=[{"percentage": 19.0}])

    assert (found.tax, found.unknown) == (0, ("pending", "tax"))


def test_credit_lowers_what_is_due_and_debt_raises_it() -> None:
    assert estimate(customer={"balance": -1000}).due == 1900
    assert estimate(customer={"balance": -9900}).due == 0
    assert estimate(customer={"balance": 500}).due == 3400


def test_use_is_unknown_and_left_out() -> None:
    found = estimate(an_item(), an_item(2, None, "si_2"))

    assert (found.total, found.unknown) == (2900, ("metered", "pending"))
    assert [line.amount for line in found.lines] == [2900, None]


def test_only_items_whose_period_ends_then_are_on_it() -> None:
    yearly = an_item(90000, 1, "si_2") | {"current_period_end": seconds(END + timedelta(days=200))}

    found = estimate(an_item(), yearly)

    assert [line.item_id for line in found.lines] == ["si_1"]


def a_phase(starts_at: datetime = END, quantity: int = 6, price: str = "price_new", **fields: Any) -> dict[str, Any]:
    items = [{"price": price, "quantity": quantity, "discounts": [], "tax_rates": []}]
    ends_at = starts_at + timedelta(days=360)
    return {"start_date": seconds(starts_at), "end_date": seconds(ends_at), "items": items} | fields


MONTHLY = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
NEW = {"id": "price_new", "unit_amount": 5100, "currency": "eur", "product": "prod_si_1", "recurring": MONTHLY}
YEARLY = NEW | {"id": "price_yearly", "recurring": MONTHLY | {"interval": "year"}}
STORED = {"price_new": NEW, "price_yearly": YEARLY}


def with_change(*items: dict[str, Any], phase: dict[str, Any], **fields: Any) -> NextInvoice:
    return estimate(*(items or [an_item(4500, 6)]), coming=(phase,), prices=STORED, **fields)


@pytest.mark.parametrize("starts_at", [END, END - timedelta(days=3)])
def test_a_change_that_is_planned_by_then_is_at_its_price(starts_at: datetime) -> None:
    found = with_change(phase=a_phase(starts_at))

    assert (found.total, found.changed, found.unknown) == (6 * 5100, True, ("pending",))
    assert [line.item_id for line in found.lines] == ["price_new"]


def test_a_change_that_comes_later_is_none_of_this_invoice() -> None:
    found = with_change(phase=a_phase(END + timedelta(days=1)))

    assert (found.total, found.changed, found.unknown) == (6 * 4500, False, ("pending",))


def test_of_several_changes_the_last_one_by_then_counts() -> None:
    coming = (a_phase(END, 8), a_phase(END - timedelta(days=5), 7), a_phase(END + timedelta(days=5), 9))

    assert estimate(an_item(4500, 6), coming=coming, prices=STORED).total == 8 * 5100


def test_discounts_and_tax_that_stay_are_those_of_today() -> None:
    rate = {"id": "txr_1", "percentage": 10, "inclusive": False}
    phase = a_phase(discounts=[{"coupon": "c_1"}], default_tax_rates=[rate])

    found = with_change(phase=phase, discounts=[a_discount()], default_tax_rates=[rate])

    assert (found.subtotal, found.discount, found.tax) == (30600, 6120, 2448)


def test_what_is_used_until_then_is_still_billed_with_it() -> None:
    found = with_change(an_item(4500, 6), an_item(2, None, "si_use"), phase=a_phase())

    assert [(line.item_id, line.amount) for line in found.lines] == [("price_new", 30600), ("si_use", None)]
    assert found.unknown == ("metered", "pending")


@pytest.mark.parametrize(
    ("phase", "fields"),
    [
        (a_phase(price="price_unknown"), {}),
        (a_phase(items=[]), {}),
        (a_phase(items=[{"price": "price_new"}]), {}),
        (a_phase(END - timedelta(days=3), price="price_yearly"), {}),
        (a_phase(END - timedelta(days=3), billing_cycle_anchor="phase_start"), {}),
        (a_phase(END - timedelta(days=3), end_date=seconds(END)), {}),
        (a_phase(trial_end=seconds(END + timedelta(days=7))), {}),
        (a_phase(add_invoice_items=[{"price": "price_new"}]), {}),
        (a_phase(discounts=[{"coupon": "c_2"}]), {}),
        (a_phase(), {"discounts": [a_discount()]}),
        (a_phase(discounts=[{"coupon": "c_1"}]), {"discounts": [a_discount("repeating", END + timedelta(days=9))]}),
        (a_phase(), {"default_tax_rates": [{"id": "txr_1", "percentage": 10, "inclusive": False}]}),
        (a_phase(automatic_tax={"enabled": True}), {}),
    ],
)
def test_a_planned_change_that_takes_more_than_is_here_is_named(phase, fields) -> None:
    found = with_change(phase=phase, **fields)

    assert ("planned_change" in found.unknown, found.changed, found.subtotal) == (True, False, 6 * 4500)


def test_it_is_what_stripe_then_bills_for_a_planned_change() -> None:
    firm = Firm()
    held = firm.join("Pier", quantity=2)
    firm.until(2026, 1, 10)
    rise = firm.business.shop.special("pier_rise", "usd")
    turn = held["items"]["data"][0]["current_period_end"]
    schedule_id = firm.business.subscriptions.schedules.begin(held["id"], [(rise, 3)], turn + 40_000_000)
    coming = firm.store[schedule_id]["phases"][1:]

    found = next_invoice(firm.again(held), {rise["id"]: rise}, {}, firm.store[held["customer"]], coming=coming)

    firm.until(2026, 2, 2)
    assert (found.changed, found.total) == (True, max(firm.invoices(held), key=lambda each: each["created"])["total"])


def test_the_older_shape_has_its_period_at_the_top() -> None:
    item = an_item()
    del item["current_period_end"]

    assert estimate(item, current_period_end=seconds(END)).at == END


def test_it_is_what_stripe_then_bills_but_for_what_it_cannot_know(stripe) -> None:
    """Of each subscription of a small business, before and after its next renewal."""
    subscriptions = stripe.get("/v1/subscriptions", status="active", limit=100)["data"]
    prices = {each["id"]: each for each in stripe.get("/v1/prices", limit=100, **{"expand[]": "data.tiers"})["data"]}
    coupons = {each["id"]: each for each in stripe.get("/v1/coupons", limit=100)["data"]}
    estimates = {
        each["id"]: next_invoice(each, prices, coupons, stripe.get(f"/v1/customers/{each['customer']}"))
        for each in subscriptions
    }
    newest = {each["id"]: each["latest_invoice"] for each in subscriptions}

    stripe.advance(days=32)
    compared = 0
    for subscription_id, found in estimates.items():
        if found.no_invoice or "metered" in found.unknown:
            continue
        invoices = stripe.get("/v1/invoices", subscription=subscription_id, limit=100)["data"]
        billed = [each for each in invoices if each["id"] != newest[subscription_id]]
        renewal = next((each for each in billed if seconds(found.at or NOW) <= each["created"]), None)
        if renewal is None or any(_pending(line) for line in renewal["lines"]["data"]):
            continue
        if renewal["created"] - seconds(found.at or NOW) > 3600 or found.gap:
            continue
        compared += 1
        assert (found.subtotal, found.total) == (renewal["subtotal"], renewal["total"]), subscription_id

    assert compared >= 3


def _pending(line: dict[str, Any]) -> bool:
    return line["parent"]["type"] == "invoice_item_details"
