"""Filters that say more than "this field has this value", and the lists that hang on one object."""

from __future__ import annotations

from tests.finances.sandbox.conftest import Caller


def test_the_transactions_of_a_payout_add_up_to_it(two_years: Caller) -> None:
    payouts = two_years.every("/v1/payouts")

    for payout in payouts[::9]:
        moved = two_years.every(f"/v1/balance_transactions?payout={payout['id']}")
        assert sum(each["net"] for each in moved if each["id"] != payout["balance_transaction"]) == payout["amount"]
        assert two_years.get(f"/v1/balance_transactions?source={payout['id']}&payout={payout['id']}").status == 200
    assert payouts


def test_what_hangs_on_one_object(two_years: Caller) -> None:
    """Lists below an object hold what its own fields, or the top list, say."""
    charge = next(each for each in two_years.every("/v1/charges") if each["amount_refunded"])
    refunds = two_years.every(f"/v1/charges/{charge['id']}/refunds")
    note = two_years.get("/v1/credit_notes?limit=1").json["data"][0]
    tax_id = two_years.get("/v1/tax_ids?limit=1").json["data"][0]
    customer = f"/v1/customers/{tax_id['customer']}"
    stranger = two_years.customer("ada@analytical.example")["id"]

    assert refunds == two_years.every(f"/v1/refunds?charge={charge['id']}")
    assert sum(each["amount"] for each in refunds if each["status"] == "succeeded") == charge["amount_refunded"]
    assert two_years.get(f"/v1/charges/{charge['id']}/refunds/{refunds[0]['id']}").json == refunds[0]
    assert two_years.every(f"/v1/credit_notes/{note['id']}/lines") == note["lines"]["data"]
    assert tax_id in two_years.every(f"{customer}/tax_ids")
    assert two_years.get(f"{customer}/tax_ids/{tax_id['id']}").json == tax_id
    assert two_years.get(f"/v1/customers/{stranger}/tax_ids/{tax_id['id']}").status == 404
    assert [each["id"] for each in two_years.every(f"{customer}/subscriptions")] == [
        each["id"] for each in two_years.every(f"/v1/subscriptions?customer={tax_id['customer']}")
    ]


def test_a_customers_balance_transactions(two_years: Caller) -> None:
    customer = next(each for each in two_years.every("/v1/customers") if each["balance"])
    address = f"/v1/customers/{customer['id']}/balance_transactions"

    moved = two_years.every(address)

    assert moved[0]["ending_balance"] == customer["balance"]
    assert sum(each["amount"] for each in moved) == customer["balance"]
    assert two_years.get(f"{address}/{moved[0]['id']}").json == moved[0]
    of_invoices = [each for each in moved if each["invoice"]]
    for each in of_invoices:
        assert each in two_years.every(f"{address}?invoice={each['invoice']}")


def test_invoice_items_that_wait_for_an_invoice(two_years: Caller) -> None:
    everything = two_years.every("/v1/invoiceitems")

    for wanted in (True, False):
        found = two_years.every(f"/v1/invoiceitems?pending={str(wanted).lower()}")
        assert found == [each for each in everything if (each["invoice"] is None) is wanted]


def test_schedules_that_have_not_begun(two_years: Caller) -> None:
    everything = two_years.every("/v1/subscription_schedules")

    for wanted in (True, False):
        found = two_years.every(f"/v1/subscription_schedules?scheduled={str(wanted).lower()}")
        assert found == [each for each in everything if (each["status"] == "not_started") is wanted]


def test_setup_intents_for_the_account_itself(two_years: Caller) -> None:
    everything = two_years.every("/v1/setup_intents")

    assert two_years.every("/v1/setup_intents?attach_to_self=true") == []
    assert two_years.every("/v1/setup_intents?attach_to_self=false") == everything != []


def test_subscriptions_by_price_and_period(two_years: Caller) -> None:
    everything = two_years.every("/v1/subscriptions?status=all")
    items = [item for each in everything for item in each["items"]["data"]]
    price, end = items[len(items) // 2]["price"]["id"], items[len(items) // 2]["current_period_end"]

    by_price = two_years.every(f"/v1/subscriptions?status=all&price={price}")
    by_end = two_years.every(f"/v1/subscriptions?status=all&current_period_end[lte]={end}")

    assert by_price == [each for each in everything if price in {item["price"]["id"] for item in each["items"]["data"]}]
    assert by_end == [
        each for each in everything if min(item["current_period_end"] for item in each["items"]["data"]) <= end
    ]


def test_a_promotion_code_is_found_in_any_letters(two_years: Caller) -> None:
    code = two_years.get("/v1/promotion_codes?limit=1").json["data"][0]

    assert code in two_years.every(f"/v1/promotion_codes?code={code['code'].lower()}")


def test_plans_are_the_recurring_prices(two_years: Caller) -> None:
    prices = {each["id"]: each for each in two_years.every("/v1/prices?type=recurring")}
    plans = two_years.every("/v1/plans")

    assert [each["id"] for each in plans] == list(prices)
    for plan in plans:
        price = prices[plan["id"]]
        assert (plan["amount"], plan["product"]) == (price["unit_amount"], price["product"])
        assert plan["interval"] == price["recurring"]["interval"]
    one_time = two_years.get("/v1/prices?type=one_time&limit=1").json["data"]
    for price in one_time:
        assert two_years.get(f"/v1/plans/{price['id']}").status == 404


def test_the_balance_is_what_its_transactions_add_up_to(two_years: Caller) -> None:
    balance = two_years.get("/v1/balance").json
    moved = two_years.every("/v1/balance_transactions")

    for side in ("available", "pending"):
        for each in balance[side]:
            expected = [one["net"] for one in moved if (one["status"], one["currency"]) == (side, each["currency"])]
            assert each["amount"] == sum(expected)
    assert {each["currency"] for each in balance["available"]} >= {each["currency"] for each in moved}
